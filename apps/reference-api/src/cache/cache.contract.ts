/** What every cache promises. `open` gives so many views of one cache: one instance each. */
import { expect, test } from 'vitest';
import type { Cache } from '../ports/cache.ts';

export function describeCache(open: (instances: number) => Promise<readonly Cache[]>): void {
  const one = async (): Promise<Cache> => (await open(1))[0]!;

  test('computes once, and then knows', async () => {
    const cache = await one();
    let computed = 0;
    const ask = (): Promise<string> =>
      cache.through('sessions', 'a', 60_000, () => Promise.resolve(String(++computed)));
    expect([await ask(), await ask(), await ask()]).toEqual(['1', '1', '1']);
    expect(cache.counts().sessions).toEqual({ hits: 2, misses: 1 });
    expect(cache.counts().criteria).toEqual({ hits: 0, misses: 0 });
  });

  test('keeps keys and topics apart', async () => {
    const cache = await one();
    const ask = (topic: 'sessions' | 'criteria', key: string): Promise<string> =>
      cache.through(topic, key, 60_000, () => Promise.resolve(`${topic} ${key}`));
    expect(await ask('sessions', 'a')).toBe('sessions a');
    expect(await ask('sessions', 'b')).toBe('sessions b');
    expect(await ask('criteria', 'a')).toBe('criteria a');
  });

  test('many who ask at once wait for one computation', async () => {
    const cache = await one();
    const gate = gateOf();
    let computed = 0;
    const asked = Array.from({ length: 20 }, () =>
      cache.through('sessions', 'a', 60_000, () => {
        computed++;
        return gate.promise;
      }),
    );
    await expect.poll(() => computed).toBe(1);
    gate.resolve('done');
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['done']));
    expect(computed).toBe(1);
  });

  test('an error goes to who asked, and is not kept', async () => {
    const cache = await one();
    const failing = cache.through('sessions', 'a', 60_000, () => Promise.reject(new Error('away')));
    await expect(failing).rejects.toThrow('away');
    expect(await cache.through('sessions', 'a', 60_000, () => Promise.resolve('back'))).toBe('back');
  });

  test('a value ends with its time', async () => {
    const cache = await one();
    await cache.through('sessions', 'a', 1, () => Promise.resolve('old'));
    await expect
      .poll(() => cache.through('sessions', 'a', 60_000, () => Promise.resolve('new')), { timeout: 5000 })
      .toBe('new');
  });

  test('invalidating drops one topic, on every instance', async () => {
    const [here, there] = (await open(2)) as [Cache, Cache];
    for (const topic of ['sessions', 'criteria'] as const) {
      await here.through(topic, 'a', 60_000, () => Promise.resolve('old'));
      await there.through(topic, 'a', 60_000, () => Promise.resolve('old'));
    }
    await here.invalidate('sessions');
    for (const cache of [here, there]) {
      expect(await cache.through('sessions', 'a', 60_000, () => Promise.resolve('new'))).toBe('new');
      expect(await cache.through('criteria', 'a', 60_000, () => Promise.resolve('new'))).toBe('old');
    }
  });

  test('what was computed from before a change is not kept', async () => {
    const [here, there] = (await open(2)) as [Cache, Cache];
    const gate = gateOf();
    let began = false;
    const slow = here.through('sessions', 'a', 60_000, () => {
      began = true;
      return gate.promise;
    });
    await expect.poll(() => began).toBe(true);
    await there.invalidate('sessions');
    await here.invalidate('sessions');
    // Whoever comes after the change does not join what began before it.
    expect(await here.through('sessions', 'a', 60_000, () => Promise.resolve('new'))).toBe('new');
    gate.resolve('old');
    expect(await slow).toBe('old');
    for (const cache of [here, there]) {
      expect(await cache.through('sessions', 'a', 60_000, () => Promise.resolve('new'))).toBe('new');
    }
  });
}

/** Promise.withResolvers, which Node 20 does not have. */
function gateOf(): { readonly promise: Promise<string>; readonly resolve: (value: string) => void } {
  let resolve: (value: string) => void = () => {};
  const promise = new Promise<string>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
