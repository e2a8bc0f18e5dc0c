import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exampleOf, histogramOf, scenarioOf, seriesOf, snapshotOf, type Outcomes } from './snapshot.fixture.ts';
import type { Snapshot } from './snapshot.ts';
import { summarise } from './summary.ts';
import { TestTotals } from './totals.ts';

function totalsOf(...seconds: (readonly Snapshot[])[]): TestTotals {
  const totals = new TestTotals();
  for (const [second, snapshots] of seconds.entries()) totals.add(second, snapshots, false);
  return totals;
}

/** Everything that can be told of totals, in an order that does not depend on how they came about. */
function contents(totals: TestTotals): unknown {
  const { overall, series, scenarios, checks, metrics, exceptions, lag, books } = totals;
  const measured = (of: TestTotals['overall']) => {
    const { latency, failedLatency, service, ttfb, status, errors, ...counts } = of;
    const histograms = [latency, failedLatency, service, ttfb].map((each) => each.toDelta());
    return { ...counts, histograms, status: sorted(status), errors: sorted(errors) };
  };
  return {
    overall: measured(overall),
    series: sorted(series).map(([key, each]) => [key, measured(each.totals)]),
    scenarios: sorted(scenarios).map(([key, { iteration, ...counts }]) => [key, { ...counts, i: iteration.toDelta() }]),
    checks: sorted(checks),
    metrics: sorted(metrics).map(([key, { values, ...rest }]) => [key, { ...rest, values: values.toDelta() }]),
    exceptions: sorted(exceptions),
    lag: lag.toDelta(),
    books: Object.assign({}, books, { outstanding: undefined, running: undefined, series: sorted(books.series) }),
  };
}

function sorted<Value>(map: ReadonlyMap<string, Value>): [string, Value][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

describe('adding up', () => {
  test('counts, latencies and shares of a test and its series', () => {
    const home = seriesOf({ expected: [10, 30], limited: [1] }, { status: { 200: 2, 429: 1 }, bytesIn: 300 });
    const save = seriesOf(
      { expected: [20], timeout: [500], failed: { reset: [5, 7] }, unfinished: [40] },
      { name: 'POST /b', status: { 200: 1 }, checkFailed: 1, resent: 2, bytesIn: 7, bytesOut: 9 },
    );
    const { overall, series } = totalsOf([snapshotOf({ series: [home] })], [snapshotOf({ series: [save, home] })]);
    expect(overall).toMatchObject({
      issued: 11,
      expected: 5,
      limited: 2,
      failed: 3,
      unfinished: 1,
      requests: 11,
      completed: 10,
      checkFailed: 1,
      resent: 2,
      bytesIn: 607,
      bytesOut: 9,
      // 4 of 9 that were not limited were expected and kept their checks.
      success: 4 / 9,
    });
    expect(Object.fromEntries(overall.status)).toEqual({ 200: 5, 429: 2 });
    expect(Object.fromEntries(overall.errors)).toEqual({ timeout: 1, reset: 2 });
    expect(summarise(overall.latency)).toMatchObject({ count: 7, min: 10, max: 500, mean: 91.428571 });
    expect(summarise(overall.failedLatency)).toMatchObject({ count: 4, min: 1, max: 7 });
    expect([...series.values()].map((each) => [each.name, each.totals.requests])).toEqual([
      ['GET /a', 6],
      ['POST /b', 5],
    ]);
  });

  test('success is null without a request, and with none but limited ones', () => {
    expect(totalsOf([snapshotOf()]).overall.success).toBeNull();
    expect(totalsOf([snapshotOf({ series: [seriesOf({ limited: [1, 2] })] })]).overall.success).toBeNull();
  });

  test('a step is a series of its own and no request', () => {
    const step = seriesOf({ expected: [50] }, { name: 'checkout', kind: 'step' });
    const totals = totalsOf([snapshotOf({ series: [step, seriesOf({ expected: [20] })] })]);
    expect([...totals.series.values()].map(({ name, kind }) => `${kind} ${name}`)).toEqual([
      'step checkout',
      'request GET /a',
    ]);
    expect(totals.overall.requests).toBe(1);
    expect(totals.books).toMatchObject({ issued: 1, latencySumUs: 20_000, inFlightAreaUs: 20_000 });
  });

  test('names that read the same when joined stay apart', () => {
    const checks = [
      { series: 'GET /a', name: 'b c', passed: 1, failed: 0 },
      { series: 'GET /a b', name: 'c', passed: 0, failed: 1 },
    ];
    const series = [
      seriesOf({ expected: [1] }, { scenario: 'a', name: 'b GET /' }),
      seriesOf({ expected: [1] }, { scenario: 'a b', name: 'GET /' }),
    ];
    const totals = totalsOf([snapshotOf({ checks, series })]);
    expect([...totals.checks.values()]).toEqual(checks);
    expect(totals.series.size).toBe(2);
  });

  test('checks, metrics, exceptions and iterations add up by name', () => {
    const part: Partial<Snapshot> = {
      checks: [{ series: 'GET /a', name: 'ok', passed: 3, failed: 1 }],
      metrics: [
        { name: 'depth', kind: 'trend', unit: '', values: histogramOf([4, 6]), sum: 10, count: 2 },
        { name: 'orders', kind: 'counter', unit: 'x', values: histogramOf(), sum: 5, count: 1 },
      ],
      exceptions: [{ place: 'a.load.ts:3:1', message: 'no', count: 2, stack: 'Error: no' }],
      scenarios: [
        scenarioOf({ due: 5, started: 4, completed: 2, failed: 1, notIssued: 1, iteration: histogramOf([9]) }),
      ],
    };
    const totals = totalsOf([snapshotOf(part)], [snapshotOf(part), snapshotOf({ ...part, worker: 1 })]);
    expect([...totals.checks.values()]).toEqual([{ series: 'GET /a', name: 'ok', passed: 9, failed: 3 }]);
    expect(totals.metrics.get('depth')).toMatchObject({ sum: 30, count: 6 });
    expect(summarise(totals.metrics.get('depth')!.values)).toMatchObject({ count: 6, min: 4, max: 6 });
    expect(totals.metrics.get('orders')).toMatchObject({ sum: 15, unit: 'x' });
    expect([...totals.exceptions.values()]).toMatchObject([{ place: 'a.load.ts:3:1', count: 6, stack: 'Error: no' }]);
    expect(totals.scenarios.get('default')).toMatchObject({
      due: 15,
      started: 12,
      completed: 6,
      failed: 3,
      notIssued: 3,
    });
    expect(totals.scenarios.get('default')!.iteration.count).toBe(3);
  });

  test('the ten slowest of all seconds are kept', () => {
    const second = (from: number) => [
      snapshotOf({ slowest: Array.from({ length: 8 }, (_, i) => exampleOf({ latencyUs: from + i })) }),
    ];
    const { slowest } = totalsOf(second(100), second(500), second(300)).examples;
    expect(slowest.map((each) => each.latencyUs)).toEqual([507, 506, 505, 504, 503, 502, 501, 500, 307, 306]);
  });

  test('the sample of all seconds and workers is the ten smallest keys', () => {
    const part = (from: number) =>
      snapshotOf({ sample: Array.from({ length: 6 }, (_, i) => ({ ...exampleOf(), key: (from + 10 * i) / 100 })) });
    const { sample } = totalsOf([part(3), part(1)], [], [part(2)]).examples;
    expect(sample.map(({ key }) => key * 100)).toEqual([1, 2, 3, 11, 12, 13, 21, 22, 23, 31]);
  });
});

describe('the warm-up', () => {
  const part: Partial<Snapshot> = {
    series: [seriesOf({ expected: [10], failed: { refused: [1] } })],
    scenarios: [scenarioOf({ due: 2, started: 2, completed: 1, failed: 1, iteration: histogramOf([10]) })],
    checks: [{ series: 'GET /a', name: 'ok', passed: 1, failed: 0 }],
    metrics: [{ name: 'depth', kind: 'trend', unit: '', values: histogramOf([4]), sum: 4, count: 1 }],
    exceptions: [{ place: 'x', message: 'no', count: 1, stack: '' }],
    slowest: [exampleOf()],
    sample: [{ ...exampleOf(), key: 0.1 }],
    lag: histogramOf([9]),
    wait: histogramOf([9]),
  };
  const generator = { busyShare: 0.9, gcMaxPauseUs: 5000, connectionsOpened: 3 };
  const totals = new TestTotals({ longestWindowSeconds: 1 });
  for (const second of [0, 1, 2]) {
    totals.add(second, [snapshotOf({ ...part, generator })], true, { stealShare: 0.5, clockJumpMs: -900 });
  }

  test('counts for no verdict', () => {
    expect(totals.overall.requests).toBe(0);
    expect([totals.series.size, totals.checks.size, totals.metrics.size]).toEqual([0, 0, 0]);
    expect([totals.examples.slowest, totals.examples.sample]).toEqual([[], []]);
    expect([totals.lag.count, totals.wait.count, totals.scenarios.get('default')!.iteration.count]).toEqual([0, 0, 0]);
    expect(totals.machine).toMatchObject({ busySeconds: 0, busiestShare: 0, gcMaxPauseUs: 0, stealSeconds: 0 });
    expect(totals.windows!.latest(1000)).toBeUndefined();
    expect(totals.scenarios.get('default')).toMatchObject({ failedMeasured: 0 });
    expect([...totals.exceptions.values()]).toMatchObject([{ count: 3, warmUpCount: 3 }]);
  });

  test('stays in the books, in the timeline and among the connections; a clock that jumped has jumped', () => {
    expect(totals.books).toMatchObject({ issued: 6, expected: 3, failed: 3, latencyCount: 3, failedLatencyCount: 3 });
    expect(totals.books).toMatchObject({ inFlightAreaUs: 33_000, latencySumUs: 33_000 });
    expect(totals.scenarios.get('default')).toMatchObject({ due: 6, started: 6, completed: 3, failed: 3 });
    expect(totals.timeline.points.map(({ second, requests, warmUp }) => [second, requests, warmUp])).toEqual([
      [0, 2, true],
      [1, 2, true],
      [2, 2, true],
    ]);
    expect(totals.machine).toMatchObject({ connectionsOpened: 9, connectionsFailed: 3, clockJumpMaxMs: -900 });
  });
});

describe('the machine', () => {
  const busy = (...shares: number[]) =>
    shares.map((busyShare, worker) => snapshotOf({ worker, generator: { busyShare } }));

  test('busy seconds are the longest run of one worker', () => {
    expect(totalsOf(busy(0.9), busy(0.9), busy(0.7), busy(0.81)).machine.busySeconds).toBe(2);
    expect(totalsOf(busy(0.8), busy(0.8), busy(0.8)).machine.busySeconds).toBe(0);
    expect(totalsOf(busy(0.9, 0), busy(0, 0.9), busy(0.9, 0)).machine.busySeconds).toBe(1);
    expect(totalsOf(busy(0, 0.9), busy(0, 0.9), busy(0, 0.9)).machine).toMatchObject({
      busySeconds: 3,
      busiestShare: 0.9,
    });
  });

  test('three seconds whose ticks came a little early are three; a fraction of a second says nothing', () => {
    const second = (spanMs: number) => [snapshotOf({ spanMs, generator: { busyShare: 1 } })];
    expect(totalsOf(second(999.4), second(1000.1), second(999.9)).machine.busySeconds).toBe(3);
    expect(totalsOf(second(5000)).machine.busySeconds).toBe(5);
    expect(totalsOf(second(499)).machine).toMatchObject({ busySeconds: 0, busiestShare: 0 });
  });

  test('steal is averaged over seconds, pauses and memory are the greatest, connections are the latest', () => {
    const totals = new TestTotals();
    const figures = { gcMaxPauseUs: 700, rssBytes: 5, openConnections: 2, connectionsOpened: 4 };
    totals.add(0, [snapshotOf({ generator: figures }), snapshotOf({ worker: 1, generator: figures })], false, {
      stealShare: 0.1,
      clockJumpMs: 3,
    });
    totals.add(1, [snapshotOf({ generator: { openConnections: 1 } })], false, { stealShare: 0.2, clockJumpMs: -2 });
    totals.add(2, [snapshotOf({ spanMs: 20 })], false, { stealShare: 1, clockJumpMs: 0 });
    totals.add(3, [snapshotOf()], false, { stealShare: null, clockJumpMs: 0 });
    expect(totals.machine).toMatchObject({ stealSeconds: 2, gcMaxPauseUs: 700, rssBytes: 5, connectionsOpened: 8 });
    expect(totals.machine.stealSum).toBeCloseTo(0.3, 12);
    expect(totals.machine).toMatchObject({ openConnections: 0, clockJumpMaxMs: 3 });
  });
});

describe('memory is bounded', () => {
  test('200 series, further ones are counted as other: nothing is lost', () => {
    const series = (n: number) => seriesOf({ expected: [1] }, { name: `GET /${n}` });
    const totals = totalsOf(
      [snapshotOf({ series: Array.from({ length: 150 }, (_, n) => series(n)) })],
      [snapshotOf({ worker: 1, series: Array.from({ length: 150 }, (_, n) => series(100 + n)) })],
    );
    expect(totals.series.size).toBe(201);
    const counts = [...totals.series.values()].map((each) => [each.name, each.totals.expected]);
    expect(Object.fromEntries(counts)).toMatchObject({ 'GET /99': 1, 'GET /120': 2, 'GET /199': 1, other: 50 });
    expect(totals.overall.expected).toBe(300);
  });

  test('100 kinds of exceptions, further ones are counted together', () => {
    const exception = (n: number) => ({ place: 'x', message: `id ${n}`, count: 2, stack: '' });
    const totals = totalsOf(
      [snapshotOf({ exceptions: Array.from({ length: 90 }, (_, n) => exception(n)) })],
      [
        snapshotOf({
          exceptions: [
            ...Array.from({ length: 500 }, (_, n) => exception(80 + n)),
            { place: '', message: 'further exceptions', count: 7, stack: '' },
          ],
        }),
      ],
    );
    expect(totals.exceptions.size).toBe(101);
    const counts = Object.fromEntries([...totals.exceptions.values()].map((each) => [each.message, each.count]));
    expect(counts).toMatchObject({ 'id 0': 2, 'id 85': 4, 'id 99': 2, 'further exceptions': 967 });
  });

  test('2,000 checks, further ones of a series are counted as other', () => {
    const checks = Array.from({ length: 5000 }, (_, n) => ({ series: 'GET /a', name: `c${n}`, passed: 1, failed: 1 }));
    const totals = totalsOf([snapshotOf({ checks })]);
    expect(totals.checks.size).toBe(2001);
    expect([...totals.checks.values()].at(-1)).toEqual({ series: 'GET /a', name: 'other', passed: 3000, failed: 3000 });
  });
});

describe('workers', () => {
  const latencies = fc.array(fc.nat(5000), { maxLength: 6 });
  const outcomes: fc.Arbitrary<Outcomes> = fc.record({
    expected: latencies,
    limited: latencies,
    timeout: latencies,
    unfinished: latencies,
    failed: fc.record({ reset: latencies, refused: latencies }),
  });
  const part = fc.record({ name: fc.constantFrom('GET /a', 'GET /b', 'GET /c'), outcomes, worker: fc.nat(3) });

  test('any split over workers and seconds gives the totals of one worker', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 20 }), fc.array(fc.nat(5), { maxLength: 20 }), (parts, seconds) => {
        const series = parts.map((each) => seriesOf(each.outcomes, { name: each.name }));
        const scenario = (n: number) => scenarioOf({ due: n, started: n, completed: n });
        const checks = (n: number) => [{ series: 'GET /a', name: `c${n % 2}`, passed: n, failed: 1 }];
        const split = new TestTotals();
        for (const [n, each] of series.entries()) {
          const { worker } = parts[n]!;
          const snapshot = snapshotOf({ worker, series: [each], scenarios: [scenario(n)], checks: checks(n) });
          split.add(seconds[n] ?? 0, [snapshot], false);
        }
        const whole = new TestTotals();
        const together = series.map((each, n) =>
          snapshotOf({ series: [each], scenarios: [scenario(n)], checks: checks(n) }),
        );
        whole.add(0, together, false);
        expect(contents(split)).toEqual(contents(whole));
      }),
      { seed: 5, numRuns: 60 },
    );
  });

  test('requests and iterations still open are what each worker said last', () => {
    const says = (worker: number, inFlight: number, activeVus: number) =>
      snapshotOf({ worker, generator: { inFlight }, scenarios: [scenarioOf({ activeVus })] });
    const { books } = totalsOf([says(0, 5, 5), says(1, 7, 7)], [says(0, 2, 3)]);
    expect([...books.outstanding]).toEqual([
      [0, 2],
      [1, 7],
    ]);
    expect([...books.running].map(([worker, running]) => [worker, running.get('default')])).toEqual([
      [0, 3],
      [1, 7],
    ]);
  });
});
