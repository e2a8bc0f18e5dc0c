/** Connections: a SQLite file by libsql, or PostgreSQL by pg. Both are asked through kysely. */
import { closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Kysely, PostgresDialect, SqliteDialect } from 'kysely';
import Database from 'libsql';
import { Pool, types } from 'pg';
import type { Log } from '../ports/log.ts';
import type { Tables } from './tables.ts';

const connectTimeoutMs = 2000;
/** pg's numbers of its types: counts and times fit into a double, and averages are rounded anyway. */
const asNumber = new Set<number>([types.builtins.INT8, types.builtins.NUMERIC]);

export interface OpenDatabase {
  readonly db: Kysely<Tables>;
  /** undefined for SQLite. */
  readonly pool: Pool | undefined;
}

/** Errors: one sentence that says what is wrong with the file. */
export function openSqlite(file: string): OpenDatabase {
  try {
    if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true });
    // SQLite says of a file that may not be read only that it cannot be opened.
    if (existsSync(file)) closeSync(openSync(file, 'r'));
    const database = new Database(file);
    database.exec('pragma journal_mode = WAL');
    database.exec('pragma synchronous = NORMAL');
    database.exec('pragma busy_timeout = 5000');
    database.exec('pragma foreign_keys = ON');
    refuseDamaged(database, file);
    return { db: new Kysely<Tables>({ dialect: new SqliteDialect({ database }) }), pool: undefined };
  } catch (error) {
    throw new Error(`the database ${file} cannot be used: ${reasonOfSqlite(error)}`, { cause: error });
  }
}

/** A file of so many bytes is looked through at the start, about 10 ms for each 10 MB; a greater one would hold it up. */
const mostCheckedBytes = 200e6;

/** Without indexes to be built, a damaged page would show only to whoever reads it. */
function refuseDamaged(database: Database.Database, file: string): void {
  // The first look at the schema is where a file that is none shows.
  database.prepare('select count(*) as n from sqlite_master').all();
  if (file === ':memory:' || statSync(file).size > mostCheckedBytes) return;
  const [found] = database.prepare('pragma quick_check(1)').all() as { quick_check: string }[];
  if (found !== undefined && found.quick_check !== 'ok') throw new Error(`malformed: ${found.quick_check}`);
}

export interface PoolOptions {
  readonly size: number;
  /** undefined: none. */
  readonly statementTimeoutMs: number | undefined;
  /**
   * Of a connection, used or not. One whose server has fallen silent is not told from one that is slow, and is given out
   * again: not for ever.
   */
  readonly lifetimeSeconds?: number;
}

export function openPostgres(
  url: string,
  { size, statementTimeoutMs, lifetimeSeconds = 60 }: PoolOptions,
  log: Log,
): OpenDatabase {
  const pool = new Pool({
    connectionString: url,
    max: size,
    connectionTimeoutMillis: connectTimeoutMs,
    idleTimeoutMillis: 30_000,
    maxLifetimeSeconds: lifetimeSeconds,
    statement_timeout: statementTimeoutMs ?? 0,
    keepAlive: true,
    // A server that is gone without a word would be waited for otherwise.
    ...(statementTimeoutMs !== undefined && { query_timeout: statementTimeoutMs + 1000 }),
    types: {
      getTypeParser: (id, format) => (asNumber.has(id) ? Number : (types.getTypeParser(id, format) as unknown)),
    },
  });
  // An idle connection that the server closes: the pool makes another.
  pool.on('error', (error) => {
    log.warn({ err: error }, 'an idle connection to the database was lost');
  });
  // One that is in use has no listener of the pool's, and an error without a listener ends the process. Whoever uses it
  // is told by the query.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return { db: new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }), pool };
}

/** A table of ours that our migrations have not made: 42P07 is PostgreSQL's duplicate table. */
function isForeign(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return code === '42P07' || (typeof message === 'string' && /^table .* already exists/.test(message));
}

/** What went wrong with the file, and what to do. */
export function reasonOfSqlite(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const { code, syscall } = error as { code?: unknown; syscall?: unknown };
  if (code === 'EACCES' && syscall === 'open') {
    return 'it is not readable for this user — change its owner or set DATABASE_FILE';
  }
  if (isForeign(error)) return 'it holds tables of something else — set DATABASE_FILE to a file of its own';
  if (code === 'SQLITE_NOTADB' || /not a database|malformed/.test(message)) {
    return 'it is damaged, or no SQLite database — move it away and start again, or restore it';
  }
  if (code === 'SQLITE_READONLY' || code === 'EACCES' || /readonly|read-only/.test(message)) {
    return 'it is not writable for this user — change its owner or set DATABASE_FILE';
  }
  return `${message} — set DATABASE_FILE to a file that can be written`;
}

/** What went wrong, for a person: pg leaves the message of several failed addresses empty. */
export function reasonOfPostgres(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOfPostgres(error.errors[0]);
  if (isForeign(error)) return 'it holds tables of something else, and this needs a database of its own';
  return error instanceof Error && error.message !== '' ? error.message : String(error);
}
