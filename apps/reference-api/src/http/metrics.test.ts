import { fastify } from 'fastify';
import { expect, test } from 'vitest';
import { MemoryCache } from '../cache/memory-cache.ts';
import type { Stores } from '../ports/stores.ts';
import { MemoryRateLimiter } from '../rate-limit/memory-rate-limiter.ts';
import { authPlugin } from './auth.ts';
import { metricsPlugin } from './metrics.ts';
import { rateLimitPlugin } from './rate-limits.ts';

const published = {
  session_started: 0,
  session_progress: 0,
  session_completed: 0,
  session_failed: 0,
  session_cancelled: 0,
};

test('a database that does not answer is told as one that is away, and is asked each time', async () => {
  let isUp = true;
  const ping = (): Promise<void> => (isUp ? Promise.resolve() : Promise.reject(new Error('away')));
  const stores = { ping, pool: () => undefined, replica: undefined } as Partial<Stores> as Stores;
  const app = fastify();
  const limiter = new MemoryRateLimiter();
  await app.register(authPlugin, { secret: 's'.repeat(32), tokenTtlSeconds: 60 });
  await app.register(rateLimitPlugin, { enabled: false, limiter, ownLimiter: limiter });
  const sockets = { open: 0, counts: { published, refused: {}, cut: 0 } };
  await app.register(metricsPlugin, { stores, cache: new MemoryCache(), sockets });
  const told = async (): Promise<string | undefined> =>
    /^dependency_up\{dependency="database"\} (\d)$/m.exec((await app.inject('/metrics')).body)?.[1];
  expect(await told()).toBe('1');
  isUp = false;
  expect(await told()).toBe('0');
  isUp = true;
  expect(await told()).toBe('1');
});
