import { describe, expect, test } from 'vitest';
import { rampingVus, sharedIterations } from '../model/load-model.ts';
import type { TestPlan, ThresholdPlan } from '../model/plan.ts';
import type { ThresholdResult } from '../model/result.ts';
import { histogramOf, scenarioOf, seriesOf, snapshotOf } from '../stats/snapshot.fixture.ts';
import { TestTotals } from '../stats/totals.ts';
import { planOf, tenSecondsOpen } from './judged-test.fixture.ts';
import { plannedLoadMs } from './load-window.ts';
import { ThresholdJudge } from './thresholds.ts';

type Part = Parameters<typeof snapshotOf>[0];
const times = (n: number, ms: number): number[] => new Array<number>(n).fill(ms);

interface Watched {
  readonly results: readonly ThresholdResult[];
  /** The first second, counted from 1, after which the test was to be stopped. */
  readonly abortedAfter: number | undefined;
}

/** Second after second of a test, judged as it runs and at its end. */
function watch(plan: ReturnType<typeof planOf>, parts: readonly Part[]): Watched {
  const windows = plan.thresholds.map((each) => each.windowMs ?? 0);
  const totals = new TestTotals({
    longestWindowSeconds: Math.max(0, ...windows) / 1000,
    loadMs: plannedLoadMs(plan),
  });
  const judge = new ThresholdJudge(plan, totals);
  let abortedAfter: number | undefined;
  for (const [second, part] of parts.entries()) {
    totals.add(second, [snapshotOf({ second, ...part })], second * 1000 < plan.warmUpMs);
    if (judge.observe(totals.elapsedMs) !== undefined) abortedAfter ??= second + 1;
  }
  return { results: judge.results(Math.max(0, parts.length - plan.warmUpMs / 1000)), abortedAfter };
}

function judge(threshold: string | ThresholdPlan, ...parts: Part[]): ThresholdResult {
  return watch(planOf({ thresholds: [threshold] }), parts).results[0]!;
}

/** Two series, two scenarios, a step, checks, metrics: each number below follows from these by hand. */
const full: Part = {
  series: [
    seriesOf(
      { expected: times(90, 10), limited: times(10, 1), failed: { reset: times(5, 2) }, timeout: times(5, 1000) },
      { name: 'GET /a', checkFailed: 20, service: histogramOf(times(90, 8)), ttfb: histogramOf(times(90, 6)) },
    ),
    seriesOf(
      { expected: times(40, 30), unfinished: times(10, 700) },
      { name: 'GET /b', resent: 4, scenario: 'second' },
    ),
    seriesOf({ expected: times(20, 44), failed: { thrown: times(5, 3) } }, { name: 'pay', kind: 'step' }),
  ],
  scenarios: [
    scenarioOf({ started: 60, due: 63, completed: 58, failed: 2, notIssued: 3, iteration: histogramOf(times(60, 40)) }),
    scenarioOf({ name: 'second', started: 20, due: 20, completed: 20, iteration: histogramOf(times(20, 80)) }),
  ],
  checks: [
    { name: 'is whole', series: 'GET /a', passed: 70, failed: 20 },
    { name: 'is whole', series: 'GET /b', passed: 40, failed: 0 },
    { name: 'has total', series: 'pay > POST /orders', passed: 19, failed: 1 },
  ],
  metrics: [
    { name: 'size', kind: 'trend', unit: 'kB', values: histogramOf([7, 9, 11]), sum: 27, count: 3 },
    { name: 'orders', kind: 'counter', unit: '', values: histogramOf(), sum: 12, count: 4 },
    { name: 'hits', kind: 'rate', unit: '', values: histogramOf(), sum: 9, count: 10 },
  ],
  exceptions: [{ place: 'a.load.ts:1:1', message: 'no', count: 2, stack: '' }],
  lag: histogramOf(times(100, 0.5)),
  wait: histogramOf(times(100, 1.5)),
  connect: histogramOf(times(100, 4)),
  dns: histogramOf(times(100, 2)),
  tls: histogramOf(times(100, 16)),
  generator: { connectionsOpened: 95 },
};

describe('of the whole test, in one second', () => {
  test.each([
    // In the latency: 90 × 10, 40 × 30, 10 × 700 and 5 × 1000, which is 145 values and 14,100 ms.
    ['latency.mean < 1s', 97.241],
    ['latency.p50 < 1s', 10],
    ['latency.p90 < 1s', 700],
    ['latency.max < 2s', 1000],
    ['latency.min > 1ms', 10],
    ['service.p50 < 1s', 8],
    ['ttfb.max < 1s', 30],
    ['iteration.p50 < 1s', 40],
    ['iteration.max < 1s', 80],
    ['lag.p90 < 1s', 0.5],
    ['wait.p90 < 1s', 1.5],
    ['connect.p90 < 1s', 4],
    ['dns.p90 < 1s', 2],
    ['tls.p90 < 1s', 16],
    // 160 requests, 10 of them limited; 130 expected, 20 with a failed check.
    ['success >= 1%', 110 / 150],
    ['limited < 50%', 10 / 160],
    ['checks >= 1%', 129 / 150],
    ['connect.success >= 1%', 1],
    ['exceptions <= 2', 2],
    ['notIssued <= 3', 3],
    ['unfinished <= 10', 10],
    ['resent <= 4', 4],
    ['errors <= 10', 10],
    ['errors.timeout == 5', 5],
    ['errors.dns == 0', 0],
    // Unfinished ones are not completed.
    ['rate >= 1/s', 150],
  ])('%s', (expression, value) => {
    const result = judge(expression, full);
    expect(result).toMatchObject({ expression, ok: true });
    expect(Math.abs(result.value! - value) / value || 0).toBeLessThan(0.001);
  });
});

describe('by scope', () => {
  test.each([
    ['GET /a: success >= 1%', 70 / 100],
    ['GET /a: latency.max < 2s', 1000],
    ['GET /a: service.max < 2s', 8],
    ['GET /a: errors.reset == 5', 5],
    ['GET /a: checks >= 1%', 70 / 90],
    ['GET /a: rate >= 1/s', 110 - 10 + 10],
    ['GET /b: unfinished == 10', 10],
    ['GET /b: resent == 4', 4],
    ['pay: latency.max < 2s', 44],
    ['pay: success >= 1%', 20 / 25],
    ['pay: checks >= 1%', 19 / 20],
    ['second: latency.p50 < 1s', 30],
    ['second: iteration.mean < 1s', 80],
    ['default: exceptions <= 2', 2],
    ['default: notIssued <= 3', 3],
    ['default: rate >= 1/s', 110],
    ['is whole: checks >= 1%', 110 / 130],
    ['size: value.mean < 100', 9],
    ['size: value.max < 100', 11],
    ['size: count == 3', 3],
    ['orders: count >= 10', 12],
    ['hits: share >= 90%', 0.9],
    ['hits: count == 10', 10],
  ])('%s', (expression, value) => {
    const result = judge(expression, full);
    expect(result).toMatchObject({ expression, ok: true });
    expect(Math.abs(result.value! - value)).toBeLessThan(0.001 * Math.max(1, value));
  });

  test('one series of several scenarios is taken together', () => {
    const twice = ['x', 'y'].map((scenario) => seriesOf({ expected: [scenario === 'x' ? 10 : 50] }, { scenario }));
    expect(judge('GET /a: latency.mean < 1s', { series: twice }).value).toBe(30);
    expect(judge('each: latency.mean < 1s', { series: twice })).toMatchObject({ value: 30, where: 'GET /a' });
  });

  test('what was never measured fails, and says so', () => {
    expect(judge('GET /c: latency.p50 < 1s', full)).toEqual({
      expression: 'GET /c: latency.p50 < 1s',
      ok: false,
      value: null,
      message: "nothing was measured under the name 'GET /c': did you mean 'GET /a'?",
    });
    expect(judge('POST /basket: latency.p50 < 1s', full)).toMatchObject({
      message: "nothing was measured under the name 'POST /basket'",
    });
    expect(judge('GET /a: iteration.p50 < 1s', full)).toMatchObject({
      ok: false,
      message: 'there is no iteration here',
    });
    expect(judge('orders: share >= 0%', full)).toMatchObject({ ok: false, message: 'there is no share here' });
    expect(judge('hits: value.p50 < 1', full)).toMatchObject({ ok: false, message: 'there is no value here' });
  });
});

describe('each', () => {
  test('tells the series nearest to breaking, whichever way is worse', () => {
    expect(judge('each: latency.p50 < 31ms', full)).toMatchObject({ ok: true, where: 'GET /b' });
    expect(judge('each: success >= 10%', full)).toMatchObject({ ok: true, value: 0.7, where: 'GET /a' });
  });

  test('one series that breaks it is enough', () => {
    expect(judge('each: latency.p50 < 20ms', full)).toMatchObject({ ok: false, where: 'GET /b' });
    expect(judge('each: errors.reset == 0', full)).toMatchObject({ ok: false, value: 5, where: 'GET /a' });
  });

  test('one without a sample breaks it, and so does having no series', () => {
    const silent = seriesOf({ failed: { reset: [1] } }, { name: 'GET /silent' });
    expect(judge('each: latency.p50 < 9s', { series: [seriesOf({ expected: times(10, 1) }), silent] })).toMatchObject({
      ok: false,
      value: null,
      where: 'GET /silent',
      message: 'no sample',
    });
    expect(judge('each: latency.p50 < 9s', {})).toMatchObject({ ok: false, message: 'no series' });
  });

  test('steps are no requests', () => {
    expect(judge('each: success >= 0%', { series: [seriesOf({ expected: [1] }, { kind: 'step' })] }).ok).toBe(false);
  });
});

describe('samples', () => {
  const withSamples = (n: number): Part => ({ series: [seriesOf({ expected: [...times(n - 1, 10), 50] })] });

  test('a percentile that too few samples support is judged by the maximum', () => {
    expect(judge('latency.p99 < 40ms', withSamples(99))).toEqual({
      expression: 'latency.p99 < 40ms',
      ok: false,
      value: 50,
      message: 'judged by the maximum: 99 samples are too few for p99',
    });
    const enough = judge('latency.p99 < 40ms', withSamples(100));
    expect(enough).toMatchObject({ ok: true });
    expect(enough.message).toBeUndefined();
  });

  test('without a sample a threshold fails, whatever it demands', () => {
    for (const expression of [
      'latency.p50 < 9s',
      'latency.max > 0',
      'checks >= 0%',
      'success >= 0%',
      'limited <= 100%',
    ])
      expect(judge(expression, {})).toEqual({ expression, ok: false, value: null, message: 'no sample' });
    expect(judge('errors.timeout == 0', {})).toMatchObject({ ok: true, value: 0 });
  });

  test('exactly the share asked for is enough', () => {
    const share = seriesOf({ expected: times(999, 10), failed: { reset: [1] } });
    expect(judge('success >= 99.9%', { series: [share] })).toMatchObject({ ok: true, value: 0.999 });
  });
});

describe('defaults', () => {
  const expressionsWith = (...thresholds: string[]): string[] =>
    watch(planOf({ thresholds }), []).results.map((each) => each.expression);

  test('apply where a test says nothing of its own on the metric', () => {
    expect(expressionsWith()).toEqual(['success >= 99%', 'exceptions == 0']);
    expect(expressionsWith('latency.p95 < 1s')).toEqual(['latency.p95 < 1s', 'success >= 99%', 'exceptions == 0']);
    expect(expressionsWith('success >= 5%')).toEqual(['success >= 5%', 'exceptions == 0']);
    expect(expressionsWith('each: success >= 5%', 'exceptions < 9')).toEqual(['each: success >= 5%', 'exceptions < 9']);
    expect(expressionsWith('GET /a: success >= 5%')).toContain('success >= 99%');
    expect(expressionsWith('connect.success >= 5%')).toContain('success >= 99%');
  });

  test('of a fan-out, with or without messages: everybody was let in', () => {
    const fanOut = { load: undefined } as NonNullable<TestPlan['fanOut']>;
    const expressions = watch(planOf({ fanOut }), []).results.map((each) => each.expression);
    expect(expressions).toContain('delivery.unjoined == 0');
    expect(expressionsWith()).not.toContain('delivery.unjoined == 0');
  });

  test('are marked, and fail like any other', () => {
    const [success, exceptions] = watch(planOf(), [full]).results;
    expect(success).toMatchObject({ expression: 'success >= 99%', byDefault: true, ok: false });
    expect(exceptions).toMatchObject({ expression: 'exceptions == 0', byDefault: true, ok: false, value: 2 });
  });
});

test('a mistake is told with the place of the test', () => {
  expect(() => new ThresholdJudge(planOf({ thresholds: ['latency.p9s < 2s'] }), new TestTotals())).toThrow(
    /^shop\.load\.ts:7 {2}'latency\.p9s < 2s'/,
  );
});

describe('the warm-up', () => {
  test('is in no threshold, and no part of the rate', () => {
    const cold: Part = { series: [seriesOf({ expected: times(10, 900), failed: { reset: times(9, 1) } })] };
    const warm: Part = { series: [seriesOf({ expected: times(50, 10) })] };
    const thresholds = ['latency.max < 20ms', 'errors == 0', 'rate >= 50/s', 'rate <= 50/s'];
    const { results } = watch(planOf({ warmUpMs: 2000, thresholds }), [cold, cold, warm, warm]);
    expect(results.map((each) => [each.expression, each.ok])).toEqual([
      ...thresholds.map((expression) => [expression, true]),
      ['success >= 99%', true],
      ['exceptions == 0', true],
    ]);
  });

  test('what the test threw in it is shown, not judged', () => {
    const threw: Part = { exceptions: [{ place: 'a.load.ts:1:1', message: 'cold', count: 3, stack: '' }] };
    const plan = planOf({ warmUpMs: 1000, thresholds: ['exceptions == 0'] });
    expect(watch(plan, [threw, {}]).results[0]).toMatchObject({ ok: true, value: 0 });
    expect(watch(plan, [threw, threw]).results[0]).toMatchObject({ ok: false, value: 3 });
  });
});

describe('windows', () => {
  const latency = (...eachMs: number[]): Part[] =>
    eachMs.map((ms) => ({ series: [seriesOf({ expected: times(10, ms) })] }));
  const windowed = (expression: string, seconds: number): ThresholdPlan => ({ expression, windowMs: seconds * 1000 });

  test('a bad spell that the whole hides breaks its window', () => {
    const parts = latency(10, 10, 300, 300, 10, 10, 10, 10, 10, 10);
    expect(judge('latency.mean < 200ms', ...parts).ok).toBe(true);
    expect(judge(windowed('latency.mean < 200ms', 2), ...parts)).toMatchObject({
      ok: false,
      value: 300,
      where: '2s up to 4s',
    });
    expect(judge(windowed('latency.mean < 200ms', 3), ...parts)).toMatchObject({ ok: false, where: '3s up to 4s' });
    expect(judge(windowed('latency.mean < 200ms', 4), ...parts)).toMatchObject({ ok: true, value: 155 });
  });

  test('only full windows count, of seconds behind the warm-up', () => {
    expect(judge(windowed('latency.mean < 20ms', 3), ...latency(10, 10))).toMatchObject({
      ok: false,
      message: 'no full window with a sample',
    });
    const plan = planOf({ warmUpMs: 1000, thresholds: [windowed('latency.mean < 20ms', 2)] });
    expect(watch(plan, latency(900, 10, 10)).results[0]).toMatchObject({ ok: true, value: 10, where: '2s up to 3s' });
  });

  test('every metric and scope can be windowed', () => {
    const quiet: Part = { ...full, exceptions: [], lag: histogramOf(times(10, 9)) };
    const second: Part[] = [full, quiet, full];
    expect(judge(windowed('exceptions < 2', 1), ...second)).toMatchObject({ ok: false, where: '1s up to 1s' });
    expect(judge(windowed('lag.max < 5ms', 1), ...second)).toMatchObject({ ok: false, where: '1s up to 2s' });
    expect(judge(windowed('orders: count >= 12', 1), ...second)).toMatchObject({ ok: true, value: 12 });
    expect(judge(windowed('is whole: checks >= 80%', 2), ...second).ok).toBe(true);
    expect(judge(windowed('each: latency.p50 < 20ms', 1), ...second)).toMatchObject({
      ok: false,
      where: 'GET /b, 1s up to 1s',
    });
  });

  test('the rate of a window is of its own seconds, and none is asked for after the load', () => {
    const served = (...counts: number[]): Part[] =>
      counts.map((n) => ({ series: [seriesOf({ expected: times(n, 10) })] }));
    const plan = planOf({ load: tenSecondsOpen, thresholds: [windowed('rate >= 100/s', 2)] });
    const steady = served(...times(10, 100), 3, 0, 0);
    expect(watch(plan, steady).results[0]).toMatchObject({ ok: true, value: 100 });
    const dip = served(...times(4, 100), 80, ...times(5, 100));
    expect(watch(plan, dip).results[0]).toMatchObject({ ok: false, value: 90 });
  });
});

describe('abort', () => {
  const slow: Part = { series: [seriesOf({ expected: times(10, 500) })] };
  const fast: Part = { series: [seriesOf({ expected: times(10, 10) })] };
  const abortedAfter = (threshold: ThresholdPlan, parts: readonly Part[], warmUpMs = 0): number | undefined =>
    watch(planOf({ warmUpMs, thresholds: [threshold] }), parts).abortedAfter;

  test('when broken, not before the grace has passed, the warm-up left out', () => {
    const threshold = { expression: 'latency.p50 < 100ms', abort: true };
    expect(abortedAfter(threshold, [fast, slow, slow, slow])).toBe(3);
    expect(
      abortedAfter(
        { ...threshold, abortAfterMs: 4000 },
        times(6, 0).map(() => slow),
      ),
    ).toBe(4);
    expect(
      abortedAfter(
        { ...threshold, abortAfterMs: 2000 },
        times(6, 0).map(() => slow),
        3000,
      ),
    ).toBe(5);
    expect(abortedAfter(threshold, [fast, fast])).toBeUndefined();
    expect(abortedAfter({ expression: 'latency.p50 < 100ms' }, [slow, slow])).toBeUndefined();
  });

  test('a window that was broken stops the test too', () => {
    const threshold = { expression: 'latency.p50 < 100ms', abort: true, windowMs: 2000 };
    expect(abortedAfter(threshold, [...times(8, 0).map(() => fast), slow, slow])).toBe(10);
  });

  test('without a sample there is nothing to stop for', () => {
    expect(abortedAfter({ expression: 'latency.p50 < 100ms', abort: true }, [{}, {}])).toBeUndefined();
  });

  test('a count that may still be reached is waited for; one that is passed is not', () => {
    const order: Part = {
      metrics: [{ name: 'orders', kind: 'counter', unit: '', values: histogramOf(), sum: 1, count: 1 }],
    };
    const parts = times(5, 0).map(() => order);
    expect(abortedAfter({ expression: 'orders: count >= 10', abort: true }, parts)).toBeUndefined();
    expect(abortedAfter({ expression: 'orders: count == 5', abort: true }, parts)).toBeUndefined();
    expect(abortedAfter({ expression: 'orders: count != 3', abort: true }, parts)).toBeUndefined();
    expect(abortedAfter({ expression: 'orders: count == 2', abort: true }, parts)).toBe(3);
    expect(abortedAfter({ expression: 'orders: count < 4', abort: true }, parts)).toBe(4);
  });
});

test('a load window lasts as long as its longest scenario', () => {
  const scenarios = [
    {
      name: 'a',
      load: rampingVus({
        stages: [
          { duration: '2s', target: 3 },
          { duration: '3s', target: 0 },
        ],
      }),
      startAfterMs: 1000,
    },
    { name: 'b', load: sharedIterations({ vus: 1, iterations: 1, maxDuration: '4s' }), startAfterMs: 0 },
  ];
  expect(plannedLoadMs(planOf({ scenarios }))).toBe(6000);
});
