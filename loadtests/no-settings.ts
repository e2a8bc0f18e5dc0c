/**
 * Every setting of the API, empty, which counts as not given: what a shell has exported for another service, its
 * DATABASE_URL above all, must not reach the one that is started here.
 */
const names = [
  'PROFILE',
  'HOST',
  'PORT',
  'INSTANCE',
  'SEED_SESSIONS',
  'DATABASE_URL',
  'DATABASE_REPLICA_URL',
  'DATABASE_FILE',
  'DATABASE_POOL_SIZE',
  'DATABASE_STATEMENT_TIMEOUT_MS',
  'REDIS_URL',
  'OPTIMISER_STEP_MS',
  'CRITERIA_FILE',
  'AUTH_SECRET',
  'TOKEN_TTL_SECONDS',
  'SEED_PASSWORD',
  'SEED_PASSWORD_VIEWER',
  'SEED_PASSWORD_OPERATOR',
  'SEED_PASSWORD_ADMIN',
  'CORS_ORIGINS',
  'TRUSTED_PROXIES',
  'LOG_LEVEL',
  'NODE_ENV',
] as const;

export const noSettings: Readonly<Record<string, string>> = Object.fromEntries(names.map((name) => [name, '']));
