import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AgainLater } from './again-later.ts';
import { MemoryCache } from './memory-cache.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('what was computed from a replica that lags is not kept beyond the lag', async () => {
  const cache = new AgainLater(new MemoryCache());
  let replica = 'before';
  const read = () => cache.through('sessions', 'dashboard', 30_000, () => Promise.resolve(replica));
  expect(await read()).toBe('before');
  await cache.invalidate('sessions');
  expect(await read()).toBe('before');
  replica = 'after';
  await vi.advanceTimersByTimeAsync(999);
  expect(await read()).toBe('before');
  await vi.advanceTimersByTimeAsync(1);
  expect(await read()).toBe('after');
});

test('of several writes the last one counts, and a closed cache is left alone', async () => {
  const inner = new MemoryCache();
  const invalidate = vi.spyOn(inner, 'invalidate');
  const cache = new AgainLater(inner);
  for (let n = 0; n < 3; n++) {
    await cache.invalidate('sessions');
    await vi.advanceTimersByTimeAsync(500);
  }
  expect(invalidate).toHaveBeenCalledTimes(3);
  await vi.advanceTimersByTimeAsync(500);
  expect(invalidate).toHaveBeenCalledTimes(4);
  await cache.invalidate('sessions');
  await cache.close();
  await vi.advanceTimersByTimeAsync(5000);
  expect(invalidate).toHaveBeenCalledTimes(5);
});
