/** One test in one worker in virtual time: seconds, grace, sleeps, steps, set-ups. No request is made. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Clock } from '../../kernel/clock.ts';
import { VirtualClock } from '../../kernel/virtual-clock.ts';
import {
  constantArrivalRate,
  constantVus,
  perVuIterations,
  sharedIterations,
  type LoadModel,
} from '../../model/load-model.ts';
import type { TestContext, TestFunction } from '../../model/suite.ts';
import type { WorkerMessage } from '../channel.ts';
import { abortTest, metric, registry } from '../registry.ts';
import { runHere, runPlanOf, runVirtually, testPlanOf, type RunOptions } from './test-run.fixture.ts';
import { WorkerProgram } from './worker-program.ts';

const alone = (load: LoadModel, run: TestFunction) => ({ scenarios: { default: { load, run } } });

beforeEach(() => {
  registry().metrics.clear();
  registry().isSealed = false;
});

describe('seconds', () => {
  test('are told one by one, the last with what is left', async () => {
    const run: TestFunction = async ({ sleep }) => {
      await sleep(700);
    };
    const { snapshots, messages } = await runVirtually(alone(constantVus({ vus: 1, duration: 2500 }), run));
    expect(snapshots.map(({ second, last }) => [second, last])).toEqual([
      [0, false],
      [1, false],
      [2, true],
    ]);
    // Begun at 0, 700, 1400, 2100: the last one ends at 2800.
    expect(snapshots.map(({ spanMs }) => Math.round(spanMs))).toEqual([1000, 1000, 800]);
    expect(snapshots.map(({ scenarios }) => scenarios[0]!.completed)).toEqual([1, 1, 2]);
    expect(snapshots.map(({ scenarios }) => scenarios[0]!.activeVus)).toEqual([1, 1, 0]);
    expect(messages.at(-1)).toMatchObject({ type: 'finished' });
  });

  test('a worker that was blocked for 3 s tells one snapshot of 3 s, numbered by its end', async () => {
    const clock = new VirtualClock();
    let blocked = false;
    const run: TestFunction = async ({ sleep }) => {
      await sleep(100);
      if (!blocked && clock.now() > 2500) {
        blocked = true;
        clock.block(3000);
      }
    };
    const { snapshots } = await runVirtually(alone(constantVus({ vus: 1, duration: '8s' }), run), clock);
    const seconds = snapshots.map((each) => each.second);
    expect(seconds).toEqual([...new Set(seconds)].toSorted((a, b) => a - b));
    expect(Math.max(...snapshots.map((each) => each.spanMs))).toBeGreaterThan(2900);
    const total = snapshots.reduce((sum, each) => sum + each.spanMs, 0);
    expect(total).toBeGreaterThan(7990);
    expect(total).toBeLessThan(8200);
  });

  test('are told once each, though timers fire early and the clock goes on between two looks', async () => {
    const clock = new VirtualClock();
    // Each look takes a while, and a timer fires that much too early.
    let [lookedAtMs, passedMs] = [0, 0];
    const restless: Clock = {
      now: () => {
        passedMs = lookedAtMs === clock.now() ? passedMs + 0.02 : 0;
        lookedAtMs = clock.now();
        return lookedAtMs + passedMs;
      },
      after: (delayMs, callback) => clock.after(delayMs + passedMs - 0.02, callback),
      soon: (callback) => clock.soon(callback),
      wallMs: clock.wallMs,
    };
    const run: TestFunction = async ({ sleep }) => {
      await sleep(3300);
    };
    const running = runHere({ ...alone(constantVus({ vus: 1, duration: 3100 }), run), clock: restless });
    await clock.pass(5000);
    expect((await running).snapshots.map(({ second }) => second)).toEqual([0, 1, 2, 3]);
  });

  test('a test that ends at once has one, the last', async () => {
    const { snapshots } = await runVirtually({
      scenarios: { default: { load: sharedIterations({ vus: 2, iterations: 2 }), run: () => undefined } },
    });
    expect(snapshots.map(({ second, last }) => [second, last])).toEqual([[0, true]]);
  });
});

describe('lag', () => {
  test('of VUs is that of their sleeps, each once, whatever follows', async () => {
    const clock = new VirtualClock();
    // The one that wakes at 100 computes until 400, and the other one should have woken at 200.
    const run: TestFunction = async ({ sleep, vu }) => {
      await sleep(vu.id === 0 ? 100 : 200);
      if (vu.id === 0) clock.block(300);
      await sleep(100);
    };
    const { totals } = await runVirtually(alone(perVuIterations({ vus: 2, iterations: 1 }), run), clock);
    expect(totals.lag.count).toBe(4);
    expect(totals.lag.maxUs).toBeCloseTo(200_000, -3);
  });

  test('of VUs at full speed there is none', async () => {
    const { totals } = await runVirtually(alone(sharedIterations({ vus: 2, iterations: 20 }), () => undefined));
    expect(totals.lag.count).toBe(0);
  });

  test("a VU's set-up sleeps for nobody's account", async () => {
    const setupVu = async ({ sleep }: { sleep: TestContext['sleep'] }) => {
      await sleep(50);
    };
    const options = { ...alone(sharedIterations({ vus: 2, iterations: 2 }), () => undefined), options: { setupVu } };
    expect((await runVirtually(options)).totals.lag.count).toBe(0);
  });
});

describe('the end', () => {
  const hanging: TestFunction = async ({ sleep, vu }) => {
    await sleep(vu.id === 0 ? 300 : 60_000);
  };

  test('iterations that still run get the grace and are then interrupted; their signal says so', async () => {
    const aborted: number[] = [];
    const clock = new VirtualClock();
    const startMs = clock.now();
    const run: TestFunction = async (context) => {
      context.signal.addEventListener('abort', () => aborted.push(Math.round(clock.now() - startMs)), { once: true });
      await hanging(context);
    };
    const { totals, messages } = await runVirtually(
      { ...alone(constantVus({ vus: 3, duration: '1s' }), run), test: { gracefulStopMs: 5000 } },
      clock,
    );
    const scenario = totals.scenarios.get('default')!;
    expect(scenario).toMatchObject({ started: 6, completed: 4, interrupted: 2 });
    // Those that the end cuts off count at their age: a threshold must not pass on the survivors.
    expect(scenario.iteration.count).toBe(6);
    expect(scenario.iteration.valueAtPercentile(66)).toBeLessThan(310_000);
    expect(scenario.iteration.valueAtPercentile(67)).toBeGreaterThan(5_990_000);
    expect(aborted.every((ms) => ms >= 6000 && ms < 6200)).toBe(true);
    expect(aborted.length).toBeGreaterThan(0);
    expect(messages.filter((message) => message.type === 'finished')).toHaveLength(1);
  });

  test('a grace of nothing interrupts at the end of the window', async () => {
    const { totals, durationMs } = await runVirtually({
      ...alone(constantVus({ vus: 2, duration: '1s' }), hanging),
      test: { gracefulStopMs: 0 },
    });
    expect(durationMs).toBeLessThan(1200);
    expect(totals.scenarios.get('default')).toMatchObject({ completed: 3, interrupted: 2 });
  });

  test('a stop ends the window; a second one only shortens the grace', async () => {
    const clock = new VirtualClock();
    const { durationMs, totals, messages } = await runVirtually(
      {
        ...alone(constantVus({ vus: 2, duration: '1h' }), hanging),
        test: { gracefulStopMs: 30_000 },
        onStarted: (host) => {
          clock.after(2000, () => host.stop(10_000));
          clock.after(3000, () => host.stop(1500));
          clock.after(3100, () => host.stop(60_000));
        },
      },
      clock,
    );
    expect(durationMs).toBeGreaterThan(4400);
    expect(durationMs).toBeLessThan(4700);
    expect(totals.scenarios.get('default')).toMatchObject({ interrupted: 1 });
    const finished = messages.findLast((message) => message.type === 'finished');
    expect(finished!.loadEndMs - clock.now()).toBeLessThan(-2000);
  });

  test('scenarios end together: the grace begins with the last window', async () => {
    const slow: TestFunction = async ({ sleep }) => {
      await sleep(4000);
    };
    const { totals } = await runVirtually({
      scenarios: {
        short: { load: constantVus({ vus: 1, duration: 500 }), run: slow },
        late: { load: constantVus({ vus: 1, duration: 500 }), run: slow, startAfterMs: 3000 },
      },
      test: { gracefulStopMs: 1000 },
    });
    // The first has until 3.5 s + 1 s, and needs 4 s; the other one began at 3 s.
    expect(totals.scenarios.get('short')).toMatchObject({ completed: 1, interrupted: 0 });
    expect(totals.scenarios.get('late')).toMatchObject({ completed: 0, interrupted: 1 });
  });
});

describe('what a test function is given', () => {
  test('random numbers follow from seed and iteration, whoever runs it', async () => {
    const drawn = async (workers: number, seed: number) => {
      const values = new Map<number, number[]>();
      const run: TestFunction = async ({ random, iteration, sleep }) => {
        const first = random.number();
        await sleep(1);
        values.set(iteration.index, [first, random.integer(1, 1000)]);
      };
      const load = sharedIterations({ vus: 4, iterations: 30 });
      await runVirtually({ scenarios: { default: { load, run } }, workers, plan: { seed } });
      return [...values].sort(([a], [b]) => a - b);
    };
    const one = await drawn(1, 7);
    expect(one).toHaveLength(30);
    expect(new Set(one.map(([, [first]]) => first)).size).toBe(30);
    expect(await drawn(3, 7)).toEqual(one);
    expect(await drawn(1, 8)).not.toEqual(one);
  });

  test('VU ids are the same whatever the number of workers', async () => {
    for (const workers of [1, 3]) {
      const ids = new Set<number>();
      const run: TestFunction = async ({ vu, sleep }) => {
        ids.add(vu.id);
        await sleep(10);
      };
      await runVirtually({
        scenarios: { default: { load: perVuIterations({ vus: 5, iterations: 2 }), run } },
        workers,
      });
      expect([...ids].sort()).toEqual([0, 1, 2, 3, 4]);
    }
  });

  test('steps are timed, nest, and fail with what is thrown in them', async () => {
    const run: TestFunction = async ({ step, sleep, iteration }) => {
      await step('browse', async () => {
        await sleep(100);
      });
      const kept = await step('buy', async () => {
        await sleep(300);
        if (iteration.index === 1) throw new Error('sold out');
        return 'kept';
      });
      expect(kept).toBe('kept');
    };
    const load = sharedIterations({ vus: 1, iterations: 3 });
    const { totals } = await runVirtually({ scenarios: { default: { load, run } } });
    const series = [...totals.series.values()].map(({ name, kind, totals: { expected, failed, latency } }) => {
      return { name, kind, expected, failed, meanMs: Math.round(latency.mean / 1000) };
    });
    expect(series).toEqual([
      { name: 'browse', kind: 'step', expected: 3, failed: 0, meanMs: 100 },
      { name: 'buy', kind: 'step', expected: 2, failed: 1, meanMs: 300 },
    ]);
    expect(totals.scenarios.get('default')).toMatchObject({ completed: 2, failed: 1 });
    expect([...totals.exceptions.values()]).toMatchObject([{ message: 'sold out', count: 1 }]);
    expect(totals.overall.requests).toBe(0);
  });

  test("an iteration's time runs from when it was due, the wait for a VU included", async () => {
    const run: TestFunction = async ({ sleep }) => {
      await sleep(400);
    };
    const load = constantArrivalRate({ rate: 5, duration: '1s', vus: 1, maxVus: 1, spacing: 'constant' });
    const { totals } = await runVirtually({ scenarios: { default: { load, run } } });
    // Due at 0, 200, 400 …; one VU: done at 400, 800, 1200, so 400, 600 and 800 ms.
    const { iteration, notIssued } = totals.scenarios.get('default')!;
    expect([iteration.count, notIssued]).toEqual([3, 2]);
    expect(Math.round(iteration.sumUs / 1000)).toBeCloseTo(1800, -1);
  });

  test('own metrics count while the test runs, and a log reaches the host', async () => {
    const depth = metric.trend('depth');
    const orders = metric.counter('orders');
    const hits = metric.rate('hits');
    const run: TestFunction = async ({ iteration, log }) => {
      depth.record(iteration.index);
      orders.add(2);
      hits.record(iteration.index % 4 === 0);
      if (iteration.index === 3) log('third', { n: 3 });
    };
    const load = sharedIterations({ vus: 2, iterations: 8 });
    const { totals, messages } = await runVirtually({ scenarios: { default: { load, run } } });
    expect(totals.metrics.get('depth')).toMatchObject({ sum: 28, count: 8 });
    expect(totals.metrics.get('depth')!.values.maxUs).toBe(7000);
    expect(totals.metrics.get('orders')).toMatchObject({ sum: 16 });
    expect(totals.metrics.get('hits')).toMatchObject({ sum: 2, count: 8 });
    expect(messages).toContainEqual({ type: 'log', level: 'log', text: 'third { n: 3 }', vu: 1 });
    depth.record(99);
    expect(totals.metrics.get('depth')!.count).toBe(8);
  });

  test('abortTest tells the host, who stops everybody', async () => {
    const run: TestFunction = async ({ sleep, iteration }) => {
      await sleep(100);
      if (iteration.index === 5) abortTest('enough');
    };
    const { messages, durationMs } = await runVirtually({
      ...alone(constantVus({ vus: 1, duration: '1h' }), run),
      onMessage: (message, host) => {
        if (message.type === 'abort') host.stop(0);
      },
    });
    expect(messages).toContainEqual({ type: 'abort', reason: 'enough' });
    expect(durationMs).toBeLessThan(900);
  });
});

describe('set-ups', () => {
  test("each VU has its own, before the clock starts, and its value is the VU's state", async () => {
    const states = new Map<number, unknown>();
    const run: TestFunction = async ({ vu }) => {
      states.set(vu.id, vu.state);
    };
    const { totals, failure } = await runVirtually({
      scenarios: { default: { load: perVuIterations({ vus: 3, iterations: 2 }), run } },
      options: {
        setupVu: async ({ vu, sleep }) => {
          await sleep(100 * vu.id);
          return { user: `user ${vu.id} of ${vu.scenario}` };
        },
      },
    });
    expect(failure).toBeUndefined();
    expect([...states.values()]).toEqual([0, 1, 2].map((id) => ({ user: `user ${id} of default` })));
    expect(totals.scenarios.get('default')).toMatchObject({ completed: 6 });
  });

  test('one that fails fails the test, and says where', async () => {
    const { failure } = await runVirtually({
      scenarios: { default: { load: perVuIterations({ vus: 3, iterations: 2 }), run: () => undefined } },
      options: {
        setupVu: ({ vu }) => {
          if (vu.id === 2) throw new Error('no such user');
          return Promise.resolve();
        },
      },
    });
    expect(failure).toMatchObject({ type: 'failed', during: 'prepare', error: { message: 'no such user' } });
  });

  const asked = async (type: 'setUp' | 'tearDown', options: Parameters<typeof register>[0]) => {
    const messages: WorkerMessage[] = [];
    const clock = new VirtualClock();
    const program = new WorkerProgram({ send: (message) => messages.push(message) }, clock);
    const testPlan = testPlanOf();
    await program.handle({ type: 'load', plan: runPlanOf(), worker: 0, hostNowMs: clock.now() });
    register(options);
    const handled = program.handle({ type, test: testPlan, data: { from: 'setup' } });
    await clock.pass(1000);
    await handled;
    return messages.at(-1);
  };
  const register = (options: RunOptions['options']): void => {
    registry().tests.length = 0;
    registry().tests.push({
      file: 'a.load.ts',
      line: 1,
      group: '',
      name: 'test',
      options: options ?? {},
      scenarios: {},
    });
  };

  test("the test's own may sleep, and its value goes to the host", async () => {
    const setup = async ({ sleep }: { sleep: TestContext['sleep'] }) => {
      await sleep(500);
      return { token: 't' };
    };
    expect(await asked('setUp', { setup })).toEqual({ type: 'setUp', data: { token: 't' } });
    expect(await asked('setUp', {})).toEqual({ type: 'setUp', data: undefined });
  });

  test('a value that JSON would change is refused by its path', async () => {
    const answer = await asked('setUp', { setup: () => ({ user: { since: new Date(0) } }) });
    expect(answer).toMatchObject({ type: 'failed', during: 'setUp', error: { code: 'TEST_FILE' } });
    expect((answer as { error: { message: string } }).error.message).toContain("'user.since' (a Date)");
  });

  test('tear-down gets what set-up returned', async () => {
    let seen: unknown;
    const teardown = ({ data }: { data: unknown }): void => {
      seen = data;
    };
    expect(await asked('tearDown', { teardown })).toEqual({ type: 'tornDown' });
    expect(seen).toEqual({ from: 'setup' });
    const failing = (): void => {
      throw new Error('still in use');
    };
    expect(await asked('tearDown', { teardown: failing })).toMatchObject({ type: 'failed', during: 'tearDown' });
  });
});
