/** Everything of the database, ready to use: connected, migrated, indexed as wished, and seeded where it was empty. */
import { sql, type Kysely } from 'kysely';
import type { Pool } from 'pg';
import type { Role } from '../domain/user.ts';
import type { CriteriaStore } from '../ports/criteria-store.ts';
import type { Log } from '../ports/log.ts';
import type { PoolCounts, Stores } from '../ports/stores.ts';
import type { Settings } from '../settings.ts';
import { orUnavailable } from './availability.ts';
import { databaseCriteriaStore } from './criteria-store.ts';
import { dashboardStore } from './dashboard-store.ts';
import { Databases } from './databases.ts';
import { setIndexes } from './indexes.ts';
import { migrateAlone } from './migrate-alone.ts';
import { migrate } from './migrations.ts';
import { openPostgres, openSqlite, reasonOfPostgres, reasonOfSqlite, type OpenDatabase } from './open-database.ts';
import { seed, seedUsers } from './seed.ts';
import { sessionStore } from './session-store.ts';
import type { Tables } from './tables.ts';
import { userStore } from './user-store.ts';

const pingTimeoutMs = 900;
/** One that has fallen silent is replaced soon. */
const lookoutLifetimeSeconds = 5;

type Passwords = Readonly<Partial<Record<Role, string>>>;

/** Of the users that a database without any gets, one for each role; a role without a password gets no user. */
export interface SeedPasswords {
  readonly given: Passwords;
  /** In development, for the roles that were given none. */
  readonly generated: Passwords;
}

export type DatabaseSettings = Pick<
  Settings,
  'databaseUrl' | 'replicaUrl' | 'databaseFile' | 'poolSize' | 'statementTimeoutMs' | 'switches' | 'seedSessions'
> & {
  readonly seedPasswords: SeedPasswords;
};

/**
 * Errors: one sentence that says what cannot be used, and what to do.
 *
 * @param tellPasswords called once with those that were made up, by user, where users were made with them
 */
export async function openStores(
  settings: DatabaseSettings,
  log: Log,
  nowMs: () => number = Date.now,
  tellPasswords: (passwords: Readonly<Record<string, string>>) => void = () => undefined,
): Promise<Stores & { readonly criteria: CriteriaStore }> {
  const { switches, databaseUrl } = settings;
  const primary = openPrimary(settings, log);
  const replica =
    settings.replicaUrl === undefined ? undefined : openPostgres(settings.replicaUrl, poolOf(settings), log);
  try {
    await migrateAlone(primary, settings.databaseUrl, log, async (db) => {
      await migrateAndSeed(db, settings, log, nowMs());
      // At once: the users are there, whatever fails after them.
      const madeUp = await prepareUsers(db, settings.seedPasswords, log);
      if (Object.keys(madeUp).length > 0) tellPasswords(madeUp);
      await setIndexes(db, settings.switches.indexes);
    });
  } catch (error) {
    await Promise.all([primary.db.destroy(), replica?.db.destroy()]);
    throw cannotBeUsed(settings, error);
  }
  const lookout = databaseUrl === undefined ? primary : openLookout(databaseUrl, log);
  const replicaLookout = settings.replicaUrl === undefined ? undefined : openLookout(settings.replicaUrl, log);
  const watched = replica && replicaLookout && { db: replica.db, ping: () => ping(replicaLookout) };
  const databases = new Databases(primary.db, watched, log, nowMs);
  return {
    sessions: sessionStore(databases, { batchedLookup: switches.batchedLookup, nowMs }),
    dashboard: dashboardStore(databases, { indexed: switches.indexes, nowMs }),
    users: userStore(databases),
    criteria: databaseCriteriaStore(databases),
    ping: () => ping(lookout),
    replica: databases.replica,
    pools: () => ({
      ...(primary.pool && { primary: poolCounts(primary.pool) }),
      ...(replica?.pool && { replica: poolCounts(replica.pool) }),
    }),
    close: async () => {
      if (lookout !== primary) await lookout.db.destroy();
      await Promise.all([databases.close(), replicaLookout?.db.destroy()]);
    },
  };
}

/** A connection of its own, to see whether the database answers: a pool that is full is no database that is away. */
function openLookout(url: string, log: Log): OpenDatabase {
  return openPostgres(
    url,
    { size: 1, statementTimeoutMs: pingTimeoutMs, lifetimeSeconds: lookoutLifetimeSeconds },
    log,
  );
}

async function ping({ db }: OpenDatabase): Promise<void> {
  await orUnavailable(sql`select 1`.execute(db));
}

function openPrimary(settings: DatabaseSettings, log: Log): OpenDatabase {
  const { databaseUrl } = settings;
  return databaseUrl === undefined
    ? openSqlite(settings.databaseFile)
    : openPostgres(databaseUrl, poolOf(settings), log);
}

function poolOf({ poolSize, statementTimeoutMs }: DatabaseSettings): { size: number; statementTimeoutMs: number } {
  return { size: poolSize, statementTimeoutMs };
}

async function migrateAndSeed(db: Kysely<Tables>, settings: DatabaseSettings, log: Log, nowMs: number): Promise<void> {
  const done = await migrate(db);
  if (done.length > 0) log.info({ migrations: done }, 'the database was migrated');
  if (settings.seedSessions > 0) {
    const seeded = await seed(db, settings.seedSessions, nowMs);
    if (seeded) log.info({ sessions: settings.seedSessions }, 'the empty database was seeded');
  }
}

/** @returns the passwords of the users that were made with one that nobody has given */
async function prepareUsers(
  db: Kysely<Tables>,
  { given, generated }: SeedPasswords,
  log: Log,
): Promise<Readonly<Record<string, string>>> {
  const seeded = await seedUsers(db, { ...generated, ...given });
  if (seeded === undefined) return {};
  if (seeded.length === 0) log.warn({}, 'no users were seeded, for SEED_PASSWORD is not set: nobody can sign in');
  return Object.fromEntries(Object.entries(generated).filter(([role]) => !(role in given)));
}

/** A database file says it itself when it is opened. */
function cannotBeUsed({ databaseUrl, databaseFile }: DatabaseSettings, error: unknown): Error {
  if (databaseUrl === undefined) {
    // openSqlite has said it already.
    if (error instanceof Error && error.message.startsWith(`the database ${databaseFile} `)) return error;
    return new Error(`the database ${databaseFile} cannot be used: ${reasonOfSqlite(error)}`, { cause: error });
  }
  const { host } = new URL(databaseUrl);
  const reason = reasonOfPostgres(error);
  return new Error(`the database at ${host} cannot be used: ${reason} — check DATABASE_URL`, { cause: error });
}

function poolCounts(pool: Pool): PoolCounts {
  return { inUse: pool.totalCount - pool.idleCount, idle: pool.idleCount, waiting: pool.waitingCount };
}
