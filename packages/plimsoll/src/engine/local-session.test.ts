import { describe, expect, test } from 'vitest';
import { BrokenError, TestFileError } from '../kernel/errors.ts';
import { constantArrivalRate } from '../model/load-model.ts';
import { plannedArrivals } from '../pacing/arrivals.ts';
import { scenarioSeed } from '../pacing/scenario-seed.ts';
import {
  begin,
  obliging,
  reported,
  sessionBench,
  settle,
  whole,
  type Script,
  type SessionBench,
} from './fake-workers.fixture.ts';
import { testPlanOf } from './worker/test-run.fixture.ts';

function finishAll(bench: SessionBench, afterMs = 10_000): void {
  for (const worker of bench.spawned) worker.finishes(9, bench.startedMs + 20 + afterMs);
}

describe('loading', () => {
  test('one worker finds the tests, with the plan and the clock to check', async () => {
    const found = { ...whole, name: 'found' };
    const bench = sessionBench({ workers: 3 }, (message, worker) => {
      if (message.type === 'load') worker.says({ type: 'loaded', tests: [found], clockErrorMs: 0.4 });
    });
    expect(await bench.session.load()).toEqual([found]);
    expect(bench.spawned).toHaveLength(1);
    expect(bench.spawned[0]!.last('load')).toMatchObject({ worker: 0, hostNowMs: bench.clock.now() });
  });

  test("the bundle's own error is the user's, with its place", async () => {
    const error = { ...reported('total is not defined'), place: 'shop.load.ts:3:7', hint: 'define it' };
    const bench = sessionBench({}, (_, worker) => worker.says({ type: 'failed', during: 'load', error }));
    await expect(bench.session.load()).rejects.toThrow(TestFileError);
    await expect(bench.session.load()).rejects.toThrow('shop.load.ts:3:7 total is not defined');
    await expect(bench.session.load()).rejects.toMatchObject({ hint: 'define it' });
  });

  test('a file that ends the process is the file that is wrong', async () => {
    const bench = sessionBench({}, (_, worker) => worker.events.died('its thread ended with code 1'));
    await expect(bench.session.load()).rejects.toThrow(
      'loading the test files ended the worker: its thread ended with code 1',
    );
  });

  test('so is one that never comes back', async () => {
    const bench = sessionBench({}, (_, worker) => (worker.alive = false));
    const loading = expect(bench.session.load()).rejects.toThrow('endless loop');
    await bench.clock.pass(12_000);
    await loading;
    expect(bench.spawned[0]!.terminated).toBe(true);
  });

  test('a worker with another clock cannot measure', async () => {
    const bench = sessionBench({}, (_, worker) => worker.says({ type: 'loaded', tests: [], clockErrorMs: 1.5 }));
    await expect(bench.session.load()).rejects.toThrow(BrokenError);
  });

  test('a test that is run meanwhile waits for it, in the same worker, and says why it failed', async () => {
    const loaded = { type: 'loaded', tests: [], clockErrorMs: 0 } as const;
    const bench = sessionBench({}, (message, worker) => message.type === 'load' || obliging(message, worker));
    void bench.session.load();
    await begin(bench);
    const only = bench.spawned[0]!;
    expect(only.types()).toEqual(['load']);
    only.says(loaded);
    await settle(bench);
    expect(only.types()).toEqual(['load', 'setUp', 'prepare', 'start']);
    expect(only.last('start').atMs).toBe(bench.startedMs + 5);
    const wrong = sessionBench({}, (_, worker) => worker.says({ ...loaded, clockErrorMs: 1.5 }));
    wrong.session.load().catch(() => undefined);
    await expect(wrong.session.runTest(whole, wrong.hooks)).rejects.toThrow(BrokenError);
  });
});

describe('a test from set-up to tear-down', () => {
  test('set-up once, its value to every worker, one start for all, seconds together, tear-down once', async () => {
    const bench = sessionBench({ workers: 3 });
    const running = await begin(bench);
    const [first, second, third] = bench.spawned;
    expect(first!.types()).toEqual(['load', 'setUp', 'prepare', 'start']);
    expect(second!.types()).toEqual(['load', 'prepare', 'start']);
    const data = { token: 't' };
    for (const [worker, each] of bench.spawned.entries()) {
      expect(each.last('prepare')).toEqual({ type: 'prepare', test: whole, data, worker, workers: 3 });
      expect(each.last('start')).toEqual({ type: 'start', atMs: bench.startedMs + 20 });
    }
    expect(bench.prepared).toEqual([{ vus: 6, connections: 3, connectionErrors: { refused: 3 } }]);
    first!.second(0);
    second!.second(0);
    expect(bench.seconds).toEqual([]);
    third!.second(0);
    expect(bench.seconds.map(({ second: n, snapshots }) => [n, snapshots.length])).toEqual([[0, 3]]);
    finishAll(bench, 8000);
    await settle(bench);
    expect(running.end).toEqual({ durationMs: 8000, stopped: '', plannedArrivals: null, lostWorkers: [] });
    expect(bench.spawned.map((each) => each.types().filter((type) => type === 'tearDown').length)).toEqual([1, 0, 0]);
    expect(first!.last('tearDown')).toEqual({ type: 'tearDown', test: whole, data });
  });

  test('the load window is as planned at most, and arrivals are those of plan and seed', async () => {
    const load = constantArrivalRate({ rate: 30, duration: '2s' });
    const two = constantArrivalRate({ rate: 5, duration: '1s' });
    const scenarios = [
      { name: 'a', load, startAfterMs: 0 },
      { name: 'b', load: two, startAfterMs: 500 },
    ];
    const bench = sessionBench({ seed: 5 });
    const running = await begin(bench, testPlanOf({ id: 3, scenarios }));
    bench.spawned[0]!.second(0, { test: 3 });
    finishAll(bench, 2000.4);
    await settle(bench);
    const expected = plannedArrivals(load, scenarioSeed(5, 3, 0)) + plannedArrivals(two, scenarioSeed(5, 3, 1));
    expect(running.end).toMatchObject({ durationMs: 2000, plannedArrivals: expected });
  });

  test('workers stay for the next test; late words of the last one are not its', async () => {
    const bench = sessionBench({ workers: 2 });
    await begin(bench);
    finishAll(bench);
    await settle(bench);
    const before = bench.seconds.length;
    await begin(bench, { ...whole, id: 1 });
    expect(bench.spawned).toHaveLength(2);
    bench.spawned[0]!.second(0, { test: 0, last: true });
    bench.spawned[1]!.second(0, { test: 0, last: true });
    expect(bench.seconds).toHaveLength(before);
    expect(bench.spawned[1]!.types()).toEqual(['load', 'prepare', 'start', 'prepare', 'start']);
  });

  test('a new plan reaches workers that are there, and those that come', async () => {
    const bench = sessionBench({ workers: 1 });
    await bench.session.load();
    const plan = { ...bench.spawned[0]!.last('load').plan, workers: 2, seed: 77 };
    bench.session.usePlan(plan);
    await begin(bench);
    expect(bench.spawned[0]!.last('plan').plan.seed).toBe(77);
    expect(bench.spawned[1]!.last('load').plan.seed).toBe(77);
  });

  test('what tests say and print is passed on with the worker it came from', async () => {
    const bench = sessionBench({ workers: 2 });
    await begin(bench);
    bench.spawned[1]!.says({ type: 'log', level: 'warn', text: 'slow', vu: 3 });
    bench.spawned[0]!.events.printed('error', 'printed');
    bench.spawned[0]!.says({ type: 'problem', message: 'more than 200 series' });
    expect(bench.logged).toEqual([
      { level: 'warn', text: 'slow', vu: 3, worker: 1 },
      { level: 'error', text: 'printed', vu: -1, worker: 0 },
    ]);
    expect(bench.problems).toEqual(['more than 200 series']);
  });
});

describe('failures of the test', () => {
  const failing =
    (during: 'setUp' | 'prepare' | 'tearDown'): Script =>
    (message, worker) => {
      if (message.type === during) worker.says({ type: 'failed', during, error: reported(`${during} failed`) });
      else obliging(message, worker);
    };

  test.each([
    ['setUp' as const, ['load', 'setUp']],
    ['prepare' as const, ['load', 'setUp', 'prepare', 'tearDown']],
  ])('%s: nothing is started, and only what was set up is torn down', async (during, messages) => {
    const bench = sessionBench({}, failing(during));
    const running = await begin(bench);
    expect(running.end).toEqual({
      durationMs: 0,
      stopped: '',
      plannedArrivals: null,
      lostWorkers: [],
      failure: { during, error: reported(`${during} failed`) },
    });
    expect(bench.spawned[0]!.types()).toEqual(messages);
  });

  test('tearDown: what was measured stays, with the failure', async () => {
    const bench = sessionBench({}, failing('tearDown'));
    const running = await begin(bench);
    finishAll(bench);
    await settle(bench);
    expect(running.end).toMatchObject({ durationMs: 10_000, failure: { during: 'tearDown' } });
  });

  test("the test's own abort ends it in every worker, now", async () => {
    const bench = sessionBench({ workers: 2 });
    const running = await begin(bench);
    bench.spawned[1]!.says({ type: 'abort', reason: 'out of stock' });
    for (const worker of bench.spawned) expect(worker.last('stop')).toEqual({ type: 'stop', gracefulStopMs: 0 });
    finishAll(bench, 1500);
    await settle(bench);
    expect(running.end).toMatchObject({ stopped: 'out of stock', durationMs: 1500 });
  });
});

describe('lost workers', () => {
  test('a dead one costs its own share; the others go on, and its seconds are not waited for', async () => {
    const bench = sessionBench({ workers: 2 });
    const running = await begin(bench);
    const [first, second] = bench.spawned;
    await bench.clock.pass(20 + 3500);
    first!.second(0);
    second!.second(0);
    second!.events.died('its thread ended with code 7');
    second!.events.died('told twice');
    first!.second(1);
    expect(bench.seconds.map((each) => each.second)).toEqual([0, 1]);
    first!.finishes(9, bench.startedMs + 20 + 10_000);
    await settle(bench);
    expect(running.end).toMatchObject({
      durationMs: 10_000,
      lostWorkers: [{ worker: 1, how: 'died', message: 'its thread ended with code 7', share: 0.5, atSeconds: 3.5 }],
    });
  });

  test('when all have died the test is over, as long as it lasted', async () => {
    const bench = sessionBench({ workers: 2 });
    const running = await begin(bench);
    await bench.clock.pass(20 + 2000);
    for (const worker of bench.spawned) worker.events.died('out of memory');
    await settle(bench);
    expect(running.end!.durationMs).toBeCloseTo(2000, 6);
    expect(running.end!.lostWorkers).toHaveLength(2);
  });

  test('the next test has new ones in their place', async () => {
    const bench = sessionBench({ workers: 2 });
    await begin(bench);
    bench.spawned[1]!.events.died('gone');
    bench.spawned[0]!.finishes(9, bench.startedMs + 10_020);
    await settle(bench);
    await begin(bench, { ...whole, id: 1 });
    expect(bench.spawned).toHaveLength(3);
    expect(bench.spawned[2]!.worker).toBe(1);
    expect(bench.spawned[2]!.types()).toEqual(['load', 'prepare', 'start']);
  });

  test('one that dies after its last word is not lost', async () => {
    const bench = sessionBench({ workers: 2 });
    const running = await begin(bench);
    const [first, second] = bench.spawned;
    second!.finishes(9, bench.startedMs + 10_020);
    second!.events.died('late');
    first!.finishes(9, bench.startedMs + 10_020);
    await settle(bench);
    expect(running.end!.lostWorkers).toEqual([]);
  });

  test('one that dies while the VUs are prepared fails the test before it starts', async () => {
    const bench = sessionBench({ workers: 2 }, (message, worker) => {
      if (message.type === 'prepare' && worker.worker === 1) worker.events.died('gone');
      else obliging(message, worker);
    });
    const running = await begin(bench);
    expect(running.end).toMatchObject({ durationMs: 0, failure: { during: 'prepare' } });
    expect(running.end!.failure!.error.message).toContain('gone');
    expect(bench.spawned[0]!.types()).not.toContain('start');
  });

  test('silent for ten ticks it is stuck, and ended', async () => {
    const bench = sessionBench({ workers: 2 });
    const running = await begin(bench);
    const [first, second] = bench.spawned;
    second!.alive = false;
    await bench.clock.pass(10_500);
    expect(second!.terminated).toBe(false);
    await bench.clock.pass(1000);
    expect(second!.terminated).toBe(true);
    expect(first!.terminated).toBe(false);
    first!.finishes(9, bench.startedMs + 10_020);
    await settle(bench);
    expect(running.end!.lostWorkers).toMatchObject([{ worker: 1, how: 'stuck', share: 0.5 }]);
  });

  test('a word of any kind is a sign of life', async () => {
    const bench = sessionBench({});
    await begin(bench);
    await bench.clock.pass(7000);
    bench.spawned[0]!.alive = false;
    for (let second = 0; second < 3; second++) {
      await bench.clock.pass(4500);
      bench.spawned[0]!.second(second);
    }
    expect(bench.spawned[0]!.terminated).toBe(false);
  });

  test('a host that slept for a minute blames nobody', async () => {
    const bench = sessionBench({ workers: 2 });
    const running = await begin(bench);
    await bench.clock.pass(1500);
    bench.clock.block(60_000);
    bench.clock.turn();
    // Their words have waited meanwhile.
    finishAll(bench);
    await settle(bench);
    expect(bench.spawned.map((worker) => worker.terminated)).toEqual([false, false]);
    expect(running.end).toMatchObject({ durationMs: 10_000, lostWorkers: [] });
  });
});

describe('stop', () => {
  test('while it runs: every worker is told, the first reason counts, a second stop only shortens', async () => {
    const bench = sessionBench({ workers: 2 });
    const running = await begin(bench);
    bench.session.stop('interrupted', 2000);
    bench.session.stop('again', 0);
    for (const worker of bench.spawned) {
      const stops = worker.received.filter((message) => message.type === 'stop');
      expect(stops.map((message) => message.gracefulStopMs)).toEqual([2000, 0]);
    }
    finishAll(bench, 700);
    await settle(bench);
    expect(running.end).toMatchObject({ stopped: 'interrupted', durationMs: 700 });
    expect(bench.spawned[0]!.types().at(-1)).toBe('tearDown');
  });

  test('while the workers are being started: nothing of the test is run', async () => {
    const bench = sessionBench({}, (message, worker) => {
      if (message.type === 'load') bench.clock.after(100, () => obliging(message, worker));
      else obliging(message, worker);
    });
    const running = await begin(bench);
    bench.session.stop('interrupted', 2000);
    await bench.clock.pass(200);
    expect(running.end).toMatchObject({ stopped: 'interrupted', durationMs: 0 });
    expect(bench.spawned[0]!.types()).toEqual(['load']);
  });

  test('while a set-up hangs: it gets its grace, and nothing is torn down that was not set up', async () => {
    const bench = sessionBench({}, (message, worker) => {
      if (message.type !== 'setUp') obliging(message, worker);
    });
    const running = await begin(bench);
    bench.session.stop('interrupted', 2000);
    await bench.clock.pass(1900);
    expect(running.end).toBeUndefined();
    await bench.clock.pass(200);
    expect(running.end).toMatchObject({ stopped: 'interrupted', durationMs: 0 });
    expect(running.end).not.toHaveProperty('failure');
    expect(bench.spawned[0]!.types()).toEqual(['load', 'setUp']);
  });

  test('while the VUs are prepared: not started, but torn down', async () => {
    const bench = sessionBench({}, (message, worker) => {
      if (message.type === 'prepare') bench.clock.after(500, () => obliging(message, worker));
      else obliging(message, worker);
    });
    const running = await begin(bench);
    bench.session.stop('interrupted', 2000);
    await bench.clock.pass(600);
    expect(bench.spawned[0]!.types()).toEqual(['load', 'setUp', 'prepare', 'tearDown']);
    expect(running.end).toMatchObject({ stopped: 'interrupted', durationMs: 0 });
  });

  test('leaves no timer behind, and neither does close', async () => {
    const bench = sessionBench({ workers: 2 });
    await begin(bench);
    bench.session.stop('interrupted', 30_000);
    finishAll(bench, 100);
    await settle(bench);
    await bench.session.close();
    expect(bench.clock.waiting).toBe(0);
    expect(bench.spawned.map((worker) => worker.terminated)).toEqual([true, true]);
  });
});
