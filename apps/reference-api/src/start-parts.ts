/** Which adapters stand behind the ports: embedded ones, or those whose address was given. */
import { pino, type Logger } from 'pino';
import type { AppParts } from './app.ts';
import { AgainLater } from './cache/again-later.ts';
import { CacheByTopic } from './cache/cache-by-topic.ts';
import { MemoryCache } from './cache/memory-cache.ts';
import { connectRedis } from './cache/redis-connection.ts';
import { RedisCache } from './cache/redis-cache.ts';
import { FileCriteriaStore } from './criteria/file-criteria-store.ts';
import { openStores } from './data/open-stores.ts';
import { MemoryRateLimiter } from './rate-limit/memory-rate-limiter.ts';
import { RedisRateLimiter } from './rate-limit/redis-rate-limiter.ts';
import type { CriteriaStore } from './ports/criteria-store.ts';
import type { ReadSettings } from './read-settings.ts';
import { shareEvents } from './sockets/redis-adapter.ts';

export interface StartedParts extends AppParts {
  readonly log: Logger;
  close(): Promise<void>;
}

/** Errors: one sentence about what cannot be used. */
export async function startParts(settings: ReadSettings): Promise<StartedParts> {
  const log = pino({ level: settings.logLevel, base: { instance: settings.instance } });
  const stores = await openStores(settings, log, Date.now, tellPasswords);
  try {
    const criteriaStore = settings.databaseUrl === undefined ? await openCriteriaFile(settings) : stores.criteria;
    const { cache, rateLimiter } = await openShared(settings, log);
    const events = settings.redisUrl === undefined ? undefined : shareEvents(settings.redisUrl);
    const close = async (): Promise<void> => {
      events?.close();
      await Promise.all([stores.close(), cache.close()]);
    };
    const shared = { settings, stores, criteriaStore, cache, rateLimiter, log, close };
    return events === undefined ? shared : { ...shared, socketAdapter: events.adapter };
  } catch (error) {
    await stores.close();
    throw error;
  }
}

/** On stderr, whatever the level of the log: they are told this once, and nobody could sign in without them. */
function tellPasswords(passwords: Readonly<Record<string, string>>): void {
  const told = Object.entries(passwords).map(([user, password]) => `${user} ${password}`);
  const message = 'passwords were made up for users, for SEED_PASSWORD is not set: they are told once';
  process.stderr.write(`reference-api: ${message} — ${told.join(', ')}\n`);
}

async function openCriteriaFile({ criteriaFile, switches }: ReadSettings): Promise<CriteriaStore> {
  const store = new FileCriteriaStore(criteriaFile, { naive: !switches.configCache });
  await store.prepare();
  return store;
}

async function openShared(
  { redisUrl, replicaUrl }: ReadSettings,
  log: Logger,
): Promise<Pick<AppParts, 'cache' | 'rateLimiter'>> {
  const connection = redisUrl === undefined ? undefined : await connectRedis(redisUrl, log);
  const sessions = connection === undefined ? new MemoryCache() : new RedisCache(connection);
  // The criteria are read from the primary alone.
  const cache = new CacheByTopic(replicaUrl === undefined ? sessions : new AgainLater(sessions), new MemoryCache());
  return { cache, rateLimiter: connection === undefined ? new MemoryRateLimiter() : new RedisRateLimiter(connection) };
}
