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

async function metricsOf(stores: Partial<Stores>): Promise<() => Promise<string>> {
  const app = fastify();
  const limiter = new MemoryRateLimiter();
  await app.register(authPlugin, { secret: 's'.repeat(32), tokenTtlSeconds: 60 });
  await app.register(rateLimitPlugin, { enabled: false, limiter, ownLimiter: limiter });
  const sockets = { open: 0, counts: { published, refused: {}, cut: 0 } };
  await app.register(metricsPlugin, { stores: stores as Stores, cache: new MemoryCache(), sockets });
  return async () => (await app.inject('/metrics')).body;
}

test('a database that does not answer is told as one that is away, and is asked each time', async () => {
  let isUp = true;
  const ping = (): Promise<void> => (isUp ? Promise.resolve() : Promise.reject(new Error('away')));
  const metrics = await metricsOf({ ping, pools: () => ({}), replica: undefined });
  const told = async (): Promise<string | undefined> =>
    /^dependency_up\{dependency="database"\} (\d)$/m.exec(await metrics())?.[1];
  expect(await told()).toBe('1');
  isUp = false;
  expect(await told()).toBe('0');
  isUp = true;
  expect(await told()).toBe('1');
});

test('the replica is looked at, and its pool is beside that of the primary', async () => {
  const pools = { primary: { inUse: 1, idle: 2, waiting: 0 }, replica: { inUse: 10, idle: 0, waiting: 7 } };
  const replica = { isHealthy: () => true, look: () => Promise.resolve(false) };
  const metrics = await metricsOf({ ping: () => Promise.resolve(), pools: () => pools, replica });
  const text = await metrics();
  expect(text).toContain('dependency_up{dependency="replica"} 0');
  expect(text.match(/^database_pool_connections.*$/gm)).toEqual([
    'database_pool_connections{database="primary",state="in_use"} 1',
    'database_pool_connections{database="primary",state="idle"} 2',
    'database_pool_connections{database="primary",state="waiting"} 0',
    'database_pool_connections{database="replica",state="in_use"} 10',
    'database_pool_connections{database="replica",state="idle"} 0',
    'database_pool_connections{database="replica",state="waiting"} 7',
  ]);
});
