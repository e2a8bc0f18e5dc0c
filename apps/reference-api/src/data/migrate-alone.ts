/** Changes of the schema: by one instance at a time, and for as long as they take. */
import { sql, type Kysely } from 'kysely';
import type { Log } from '../ports/log.ts';
import { openPostgres, type OpenDatabase } from './open-database.ts';
import type { Tables } from './tables.ts';

/** Ours, among the locks that applications choose. */
const lockNumber = 48_700_001;

/**
 * Instances that start together take turns. On PostgreSQL the work has a connection of its own without a time-out: what
 * a statement of a request may take is no measure for waiting in line, or for building an index. A SQLite file has one
 * instance.
 */
export async function migrateAlone(
  { db }: OpenDatabase,
  databaseUrl: string | undefined,
  log: Log,
  work: (db: Kysely<Tables>) => Promise<void>,
): Promise<void> {
  if (databaseUrl === undefined) {
    await work(db);
    return;
  }
  const own = openPostgres(databaseUrl, { size: 1, statementTimeoutMs: undefined }, log);
  try {
    await own.db.connection().execute(async (connection) => {
      await takeTurn(connection, log);
      try {
        await work(connection);
      } finally {
        await sql`select pg_advisory_unlock(${lockNumber})`.execute(connection);
      }
    });
  } finally {
    await own.db.destroy();
  }
}

async function takeTurn(connection: Kysely<Tables>, log: Log): Promise<void> {
  const { rows } = await sql<{ taken: boolean }>`select pg_try_advisory_lock(${lockNumber}) as taken`.execute(
    connection,
  );
  if (rows[0]?.taken === true) return;
  log.info({}, 'another instance prepares the database: waiting for it');
  await sql`select pg_advisory_lock(${lockNumber})`.execute(connection);
}
