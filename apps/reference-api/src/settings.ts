/** How one instance is run: from its flags and the environment, secrets from the environment alone. Read once, at the start. */

/** Each optimisation on its own; a profile sets them all. */
export interface Switches {
  /** Statistics from a cache of 30 s, single flight, warmed at the start, invalidated on writes. */
  readonly dashboardCache: boolean;
  /** Composite indexes for every filter of the list. */
  readonly indexes: boolean;
  /** The models' names of a page by one query instead of one per row. */
  readonly batchedLookup: boolean;
  /** Pages of the list from a short cache, keyed by the normalised query. */
  readonly resultCache: boolean;
  /** Criteria from a cache of 5 min, async I/O, validation compiled once. */
  readonly configCache: boolean;
  /** Events to the rooms of those who asked for them, compressed from 1 KB on, instead of all to everybody. */
  readonly rooms: boolean;
}

export const switchNames = [
  'dashboardCache',
  'indexes',
  'batchedLookup',
  'resultCache',
  'configCache',
  'rooms',
] as const satisfies readonly (keyof Switches)[];

export const profiles = {
  naive: {
    dashboardCache: false,
    indexes: false,
    batchedLookup: false,
    resultCache: false,
    configCache: false,
    rooms: false,
  },
  optimised: {
    dashboardCache: true,
    indexes: true,
    batchedLookup: true,
    resultCache: true,
    configCache: true,
    rooms: true,
  },
} as const satisfies Record<string, Switches>;
export type Profile = keyof typeof profiles;

export interface Settings {
  readonly host: string;
  readonly port: number;
  /** In logs, metrics and the header `x-instance`. */
  readonly instance: string;
  readonly profile: Profile;
  readonly switches: Switches;
  /** PostgreSQL; the embedded SQLite file where undefined. */
  readonly databaseUrl: string | undefined;
  /** For lists and statistics; may lag. */
  readonly replicaUrl: string | undefined;
  readonly databaseFile: string;
  /** Connections of one instance, 10 to 20. */
  readonly poolSize: number;
  readonly statementTimeoutMs: number;
  /** Shared cache and rate limits; in memory where undefined. */
  readonly redisUrl: string | undefined;
  readonly criteriaFile: string;
  /** Signs tokens. */
  readonly secret: string;
  /** Made up at the start because none was given: tokens end with the process. */
  readonly secretIsGenerated: boolean;
  readonly tokenTtlSeconds: number;
  /** Addresses or networks whose X-Forwarded-For is believed: 'loopback', '10.0.0.0/8'. */
  readonly trustedProxies: readonly string[];
  /** Of requests per user and minute, of attempts to sign in, and of sockets per user. */
  readonly rateLimits: boolean;
  /** Between two steps of the simulated optimiser. */
  readonly optimiserStepMs: number;
  /** To seed an empty database with; 0 leaves it empty. */
  readonly seedSessions: number;
  readonly corsOrigins: readonly string[];
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** From SIGTERM to the end, at most. */
  readonly shutdownTimeoutMs: number;
}
