import { expect, test } from 'vitest';
import { MemoryRateLimiter } from './memory-rate-limiter.ts';

test('so many in a window, then none until it ends', async () => {
  let now = 0;
  const limiter = new MemoryRateLimiter(() => now);
  const take = async (key = 'a'): Promise<[boolean, number, number]> => {
    const { allowed, remaining, resetSeconds } = await limiter.take(key, 2, 60);
    return [allowed, remaining, resetSeconds];
  };
  expect(await take()).toEqual([true, 1, 60]);
  now = 59_500;
  expect(await take()).toEqual([true, 0, 1]);
  expect(await take()).toEqual([false, 0, 1]);
  expect(await take('b')).toEqual([true, 1, 60]);
  now = 60_000;
  expect(await take()).toEqual([true, 1, 60]);
});
