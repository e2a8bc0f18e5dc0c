/** Everything of the database, ready to use: connected, migrated, indexed as wished, and seeded where it was empty. */
import { sql, type Kysely } from 'kysely';
import type { CriteriaStore } from '../ports/criteria-store.ts';
import type { Log } from '../ports/log.ts';
import type { Stores } from '../ports/stores.ts';
import type { Settings } from '../settings.ts';
import { databaseCriteriaStore } from './criteria-store.ts';
import { dashboardStore } from './dashboard-store.ts';
import { Databases } from './databases.ts';
import { setIndexes } from './indexes.ts';
import { migrate } from './migrations.ts';
import { openPostgres, openSqlite, reasonOfPostgres, reasonOfSqlite, type OpenDatabase } from './open-database.ts';
import { seed } from './seed.ts';
import { sessionStore } from './session-store.ts';
import type { Tables } from './tables.ts';
import { userStore } from './user-store.ts';

/** Ours, among the locks that applications choose. */
const lockNumber = 48_700_001;

export type DatabaseSettings = Pick<
  Settings,
  'databaseUrl' | 'replicaUrl' | 'databaseFile' | 'poolSize' | 'statementTimeoutMs' | 'switches' | 'seedSessions'
> & {
  /** Of the seeded users; undefined seeds none. */
  readonly seedPassword: string | undefined;
};

/** Errors: one sentence that says what cannot be used, and what to do. */
export async function openStores(
  settings: DatabaseSettings,
  log: Log,
  nowMs: () => number = Date.now,
): Promise<Stores & { readonly criteria: CriteriaStore }> {
  const { switches } = settings;
  const primary = openPrimary(settings, log);
  const replica =
    settings.replicaUrl === undefined ? undefined : openPostgres(settings.replicaUrl, poolOf(settings), log);
  try {
    await alone(primary, (db) => prepare(db, settings, log, nowMs()));
  } catch (error) {
    await Promise.all([primary.db.destroy(), replica?.db.destroy()]);
    throw cannotBeUsed(settings, error);
  }
  const databases = new Databases(primary.db, replica?.db, log, nowMs);
  return {
    sessions: sessionStore(databases, { batchedLookup: switches.batchedLookup, nowMs }),
    dashboard: dashboardStore(databases, { indexed: switches.indexes, nowMs }),
    users: userStore(databases),
    criteria: databaseCriteriaStore(databases),
    ping: async () => {
      await databases.primary((db) => sql`select 1`.execute(db));
    },
    replica: databases.replica,
    pool: () => poolCounts(primary),
    close: () => databases.close(),
  };
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

/** Instances that start together take turns. A SQLite file has one instance. */
async function alone({ db, pool }: OpenDatabase, work: (db: Kysely<Tables>) => Promise<void>): Promise<void> {
  if (pool === undefined) {
    await work(db);
    return;
  }
  await db.connection().execute(async (connection) => {
    await sql`select pg_advisory_lock(${lockNumber})`.execute(connection);
    try {
      await work(connection);
    } finally {
      await sql`select pg_advisory_unlock(${lockNumber})`.execute(connection);
    }
  });
}

async function prepare(db: Kysely<Tables>, settings: DatabaseSettings, log: Log, nowMs: number): Promise<void> {
  const done = await migrate(db);
  if (done.length > 0) log.info({ migrations: done }, 'the database was migrated');
  if (settings.seedSessions > 0) {
    const seeded = await seed(db, settings.seedSessions, settings.seedPassword, nowMs);
    if (seeded) log.info({ sessions: settings.seedSessions }, 'the empty database was seeded');
    if (seeded && settings.seedPassword === undefined) {
      log.warn({}, 'no users were seeded, for SEED_PASSWORD is not set: nobody can sign in');
    }
  }
  await setIndexes(db, settings.switches.indexes);
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

function poolCounts({ pool }: OpenDatabase): { inUse: number; idle: number; waiting: number } | undefined {
  if (pool === undefined) return undefined;
  return { inUse: pool.totalCount - pool.idleCount, idle: pool.idleCount, waiting: pool.waitingCount };
}
