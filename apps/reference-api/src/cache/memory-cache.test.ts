import { describe, expect, test } from 'vitest';
import { describeCache } from './cache.contract.ts';
import { MemoryCache } from './memory-cache.ts';

describe('a cache in memory', () => {
  // Instances do not share it: one that looks like two keeps the promises of both.
  describeCache((instances) => {
    const cache = new MemoryCache();
    return Promise.resolve(Array.from({ length: instances }, () => cache));
  });

  test('a value ends to the millisecond', async () => {
    let now = 1000;
    const cache = new MemoryCache(() => now);
    const ask = (value: string): Promise<string> => cache.through('criteria', 'a', 50, () => Promise.resolve(value));
    await ask('old');
    now = 1049;
    expect(await ask('new')).toBe('old');
    now = 1050;
    expect(await ask('new')).toBe('new');
  });

  test('it is bounded: the oldest goes first', async () => {
    const cache = new MemoryCache();
    let computed = 0;
    const ask = (key: number): Promise<string> =>
      cache.through('sessions', String(key), 60_000, () => Promise.resolve(String(++computed)));
    for (let key = 0; key <= 10_000; key++) await ask(key);
    expect(await ask(1)).toBe('2');
    expect(await ask(0)).toBe('10002');
  });
});
