import { expect, onTestFinished, test, vi } from 'vitest';
import { RedisCache } from './redis-cache.ts';
import type { RedisConnection } from './redis-connection.ts';

test('a Redis that is back and fails at once is given its new generations later, though nobody reads', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let asked = 0;
  let isBack: () => void = () => undefined;
  const connection: RedisConnection = {
    isHealthy: () => true,
    // Each topic is told once, and a first time in vain.
    ask: <T>() => (++asked <= 2 ? Promise.reject(new Error('loading')) : Promise.resolve('OK' as T)),
    onBack: (listener) => {
      isBack = listener;
    },
    close: () => Promise.resolve(),
  };
  const cache = new RedisCache(connection);
  onTestFinished(() => cache.close());
  isBack();
  expect(asked).toBe(2);
  await vi.advanceTimersByTimeAsync(249);
  expect(asked).toBe(2);
  await vi.advanceTimersByTimeAsync(1);
  expect(asked).toBe(4);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked).toBe(4);
});
