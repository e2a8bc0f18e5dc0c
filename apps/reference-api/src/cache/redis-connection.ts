/** A connection to Redis that never makes anybody wait for long: away is away at once, and it comes back by itself. */
import { Redis } from 'ioredis';
import type { Log } from '../ports/log.ts';

const commandTimeoutMs = 200;
const mostBackOffMs = 2000;

export interface RedisConnection {
  readonly redis: Redis;
  isHealthy(): boolean;
  close(): Promise<void>;
}

/** Resolves when it is connected, or when the first attempt has failed: Redis is an addition, no condition. */
export async function connectRedis(url: string, log: Log): Promise<RedisConnection> {
  const redis = new Redis(url, {
    lazyConnect: true,
    // A command without a connection fails at once instead of waiting in a queue.
    enableOfflineQueue: false,
    commandTimeout: commandTimeoutMs,
    connectTimeout: 1000,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 10), mostBackOffMs),
  });
  let wasHealthy: boolean | undefined;
  const tell = (healthy: boolean, error?: unknown): void => {
    if (wasHealthy === healthy) return;
    wasHealthy = healthy;
    if (healthy) log.info({}, 'Redis answers');
    else log.warn({ err: error }, 'Redis is away: answers are computed each time until it is back');
  };
  redis.on('ready', () => {
    tell(true);
  });
  redis.on('error', (error: unknown) => {
    tell(false, error);
  });
  redis.on('close', () => {
    tell(false);
  });
  await redis.connect().catch((error: unknown) => {
    tell(false, error);
  });
  return {
    redis,
    isHealthy: () => redis.status === 'ready',
    close: () => {
      redis.disconnect();
      return Promise.resolve();
    },
  };
}
