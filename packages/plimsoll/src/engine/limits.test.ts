/** How long the host waits for workers that live: for set-ups, for the end, and for a debugger. */
import { expect, test } from 'vitest';
import type { HostMessage } from './channel.ts';
import { begin, obliging, sessionBench, settle, whole, type Script } from './fake-workers.fixture.ts';

test('a set-up that never ends is given up', async () => {
  const bench = sessionBench({}, (message, worker) => {
    if (message.type !== 'setUp') obliging(message, worker);
  });
  const running = await begin(bench);
  await bench.clock.pass(119_000);
  expect(running.end).toBeUndefined();
  await bench.clock.pass(2000);
  expect(running.end!.failure).toMatchObject({ during: 'setUp' });
  expect(bench.spawned[0]!.types()).not.toContain('prepare');
});

test('VUs may take as long as they like, if only one is ready now and then', async () => {
  const bench = sessionBench({}, (message, worker) => {
    if (message.type !== 'prepare') obliging(message, worker);
  });
  const running = await begin(bench);
  for (let each = 0; each < 10; each++) {
    await bench.clock.pass(119_000);
    bench.spawned[0]!.says({ type: 'preparing' });
  }
  await bench.clock.pass(119_000);
  expect(running.end).toBeUndefined();
  await bench.clock.pass(2000);
  expect(running.end!.failure).toMatchObject({
    during: 'prepare',
    error: { message: 'the worker was lost: it set up no VU for 120 s' },
  });
});

test('one that lives and never comes to an end is given up', async () => {
  const bench = sessionBench({ workers: 2 });
  const running = await begin(bench, { ...whole, gracefulStopMs: 5000 });
  bench.spawned[0]!.finishes(9, bench.startedMs + 10_020);
  await bench.clock.pass(10_000 + 5000 + 14_000);
  expect(running.end).toBeUndefined();
  await bench.clock.pass(2000);
  expect(running.end!.lostWorkers).toMatchObject([{ worker: 1, how: 'stuck' }]);
  expect(bench.spawned[1]!.terminated).toBe(true);
});

test('a debugger may hold up any part of a test, and no limit is left when it is gone', async () => {
  let debugged = true;
  const held: (HostMessage & { type: 'setUp' | 'prepare' | 'tearDown' })[] = [];
  const script: Script = (message, worker) => {
    if (message.type === 'setUp' || message.type === 'prepare' || message.type === 'tearDown') held.push(message);
    else obliging(message, worker);
  };
  const bench = sessionBench({}, script, () => debugged);
  const running = await begin(bench);
  const [worker] = bench.spawned;
  for (const type of ['setUp', 'prepare'] as const) {
    await bench.clock.pass(1_000_000);
    expect(held.at(-1)!.type).toBe(type);
    obliging(held.at(-1)!, worker!);
    await settle(bench);
  }
  await bench.clock.pass(1_000_000);
  expect(running.end).toBeUndefined();
  worker!.finishes(9, bench.startedMs + 10_020);
  await bench.clock.pass(1_000_000);
  expect(held.at(-1)!.type).toBe('tearDown');
  expect({ end: running.end, terminated: worker!.terminated }).toEqual({ end: undefined, terminated: false });
  debugged = false;
  obliging(held.at(-1)!, worker!);
  await settle(bench);
  expect(running.end).toMatchObject({ lostWorkers: [], stopped: '' });
  expect(running.end).not.toHaveProperty('failure');
});
