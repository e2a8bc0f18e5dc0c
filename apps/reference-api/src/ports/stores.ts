/** What the routes need of a database. `data/` has it for SQLite and PostgreSQL, by one code. */
import type { DashboardStats } from '../domain/dashboard.ts';
import type { Session, SessionPage, SessionQuery, Technique } from '../domain/session.ts';
import type { User } from '../domain/user.ts';

export interface SessionStore {
  list(query: SessionQuery): Promise<SessionPage>;
  find(id: string): Promise<Session | undefined>;
  /** undefined where there is no such model. */
  start(modelId: string, technique: Technique): Promise<Session | undefined>;
  /** Only a running session changes: the new state, or undefined where it does not run (any more). */
  advance(id: string, progressPercent: number): Promise<Session | undefined>;
  complete(id: string, sizeReductionPercent: number, speedUp: number): Promise<Session | undefined>;
  fail(id: string, error: string): Promise<Session | undefined>;
  cancel(id: string): Promise<Session | undefined>;
}

export interface DashboardStore {
  compute(): Promise<DashboardStats>;
}

export interface UserStore {
  find(name: string): Promise<User | undefined>;
}

export interface Replica {
  /** What was found when it was last asked for something. */
  isHealthy(): boolean;
  /** Asks it, where it was not asked in vain a moment ago, and says whether it is healthy then. Never throws. */
  look(): Promise<boolean>;
}

/** Connections; `waiting`: requests that wait for one. */
export interface PoolCounts {
  readonly inUse: number;
  readonly idle: number;
  readonly waiting: number;
}

/** A database that is away throws DatabaseUnavailable from every one of these. */
export interface Stores {
  readonly sessions: SessionStore;
  readonly dashboard: DashboardStore;
  readonly users: UserStore;
  /** Throws where the database does not answer. */
  ping(): Promise<void>;
  /** undefined without a replica. */
  readonly replica: Replica | undefined;
  /** Of each database that has one, for metrics; SQLite has none. */
  pools(): Readonly<Partial<Record<'primary' | 'replica', PoolCounts>>>;
  close(): Promise<void>;
}

/** The database is away, or too slow: 503 with Retry-After. */
export class DatabaseUnavailable extends Error {
  constructor(cause: unknown) {
    super('the database does not answer', { cause });
  }
}
