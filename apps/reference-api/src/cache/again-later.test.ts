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

function watched() {
  const inner = new MemoryCache();
  const [invalidate, close] = [vi.spyOn(inner, 'invalidate'), vi.spyOn(inner, 'close')];
  return { cache: new AgainLater(inner), invalidate, close };
}

test('of several writes the last one counts', async () => {
  const { cache, invalidate } = watched();
  for (let n = 0; n < 3; n++) {
    await cache.invalidate('sessions');
    await vi.advanceTimersByTimeAsync(500);
  }
  expect(invalidate).toHaveBeenCalledTimes(3);
  await vi.advanceTimersByTimeAsync(500);
  expect(invalidate).toHaveBeenCalledTimes(4);
});

test('closed, it does at once what was to come later, and nothing after that', async () => {
  const { cache, invalidate, close } = watched();
  await cache.invalidate('criteria');
  await vi.advanceTimersByTimeAsync(1000);
  await cache.invalidate('sessions');
  expect(invalidate).toHaveBeenCalledTimes(3);
  await cache.close();
  expect(invalidate.mock.calls.slice(3)).toEqual([['sessions']]);
  expect(invalidate.mock.invocationCallOrder.at(-1)).toBeLessThan(close.mock.invocationCallOrder[0]!);
  await vi.advanceTimersByTimeAsync(5000);
  expect(invalidate).toHaveBeenCalledTimes(4);
});

test('closed during the first time, there is no second', async () => {
  const { cache, invalidate } = watched();
  const invalidating = cache.invalidate('sessions');
  await cache.close();
  await invalidating;
  await vi.advanceTimersByTimeAsync(5000);
  expect(invalidate).toHaveBeenCalledTimes(1);
});
