import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../kernel/virtual-clock.ts';
import type { Snapshot } from '../../stats/snapshot.ts';
import { GeneratorWatch } from './generator-watch.ts';
import type { Instants } from './instants.ts';
import { Scheduler } from './scheduler.ts';
import type { Ending } from './series-record.ts';
import { TestRecorder } from './test-recorder.ts';
import type { OwnMetricRecord } from '../registry.ts';

function recording(metrics: OwnMetricRecord[] = [], seed: readonly number[] = []) {
  const problems: string[] = [];
  const watch = new GeneratorWatch(new Scheduler(new VirtualClock(), false));
  watch.close();
  const recorder = new TestRecorder({
    scenarios: ['s'],
    metrics,
    watch,
    onProblem: (message) => problems.push(message),
    seed,
  });
  const take = (nowMs: number): Snapshot => recorder.take(0, 0, 0, nowMs, 1000, false);
  return { recorder, problems, take, get: recorder.series('GET /', 'request', 's') };
}

const at = (part: Partial<Instants> = {}): Instants => {
  return {
    dueMs: 0,
    issuedMs: 0,
    status: 200,
    errorKind: '',
    sentMs: 0,
    firstByteMs: 0,
    traceId: '',
    ...part,
  };
};

describe('an ended request', () => {
  test('splits its time at the four instants', () => {
    const { recorder, get, take } = recording();
    // Due at 100, noticed at 101, sent at 103, first byte at 110, done at 115.
    recorder.issue(101, 100);
    recorder.end(get, 'expected', at({ dueMs: 100, issuedMs: 101, sentMs: 103, firstByteMs: 110 }), 115);
    const { series, wait } = take(120);
    const { latency, service, ttfb } = series[0]!;
    const sums = { latency, service, ttfb, wait };
    expect(Object.fromEntries(Object.entries(sums).map(([name, { sumUs }]) => [name, sumUs]))).toEqual({
      latency: 15_000,
      service: 12_000,
      ttfb: 7000,
      wait: 2000,
    });
  });

  test('that was never sent waited to its end and has no service time', () => {
    const { recorder, get, take } = recording();
    recorder.issue(100, 100);
    recorder.end(get, 'timeout', at({ dueMs: 100, issuedMs: 100 }), 130);
    const { series, wait } = take(200);
    expect([series[0]!.service.count, series[0]!.ttfb.count, wait.sumUs]).toEqual([0, 0, 30_000]);
  });

  test.each<[Ending, Partial<Record<'expected' | 'limited' | 'failed' | 'unfinished', 1>>, boolean]>([
    ['expected', { expected: 1 }, true],
    ['timeout', { failed: 1 }, true],
    ['unfinished', { unfinished: 1 }, true],
    ['failed', { failed: 1 }, false],
    ['limited', { limited: 1 }, false],
  ])('%s is in the headline latency or apart from it', (ending, counts, headline) => {
    const { recorder, get, take } = recording();
    recorder.issue(0, 0);
    recorder.end(get, ending, at(), 10);
    const series = take(20).series[0]!;
    expect(series).toMatchObject({ expected: 0, limited: 0, failed: 0, unfinished: 0, ...counts });
    expect([series.latency.count, series.failedLatency.count]).toEqual(headline ? [1, 0] : [0, 1]);
  });
});

test('the time in flight, kept by events, is the sum of latencies, however seconds cut through it', () => {
  const request = fc.record({ due: fc.nat(3000), late: fc.nat(300), lasts: fc.nat(2000) });
  fc.assert(
    fc.property(fc.array(request, { maxLength: 30 }), (requests) => {
      const { recorder, get, take } = recording();
      const events = requests.flatMap(({ due, late, lasts }) => [
        { ms: due + late, run: () => recorder.issue(due + late, due) },
        { ms: due + late + lasts, run: () => recorder.end(get, 'expected', at({ dueMs: due }), due + late + lasts) },
      ]);
      // Issued before it ends where both fall together; sorting is stable.
      const seconds = [1000, 2000, 3000, 4000, 5000, 6000];
      const snapshots: Snapshot[] = [];
      for (const { ms, run } of events.toSorted((a, b) => a.ms - b.ms)) {
        while (seconds.length > 1 && seconds[0]! < ms) snapshots.push(take(seconds.shift()!));
        run();
      }
      for (const ms of seconds) snapshots.push(take(ms));
      const sum = (of: (snapshot: Snapshot) => number) => snapshots.reduce((total, each) => total + of(each), 0);
      const truthUs = requests.reduce((total, { late, lasts }) => total + (late + lasts) * 1000, 0);
      expect(sum((each) => each.generator.inFlightAreaUs)).toBeCloseTo(truthUs, 3);
      expect(sum((each) => each.generator.latencySumUs)).toBeCloseTo(truthUs, 3);
      expect(snapshots.at(-1)!.generator.inFlight).toBe(0);
    }),
    { seed: 20 },
  );
});

describe('a snapshot', () => {
  test('is what came since the last one', () => {
    const { recorder, get, take } = recording();
    recorder.issue(0, 0);
    get.issued++;
    recorder.end(get, 'expected', at({ sentMs: 1 }), 10);
    get.countStatus(200);
    get.countStatus(999);
    get.countCheck('ok', true);
    recorder.countError(get, 'reset', 'gone');
    recorder.countException('a.ts:1:1', 'no', 'Error: no');
    recorder.connectionsOpened = 2;
    const first = take(1000);
    expect(first.series[0]).toMatchObject({ issued: 1, status: { 200: 1, 999: 1 }, errors: { reset: 1 } });
    expect(first.checks).toEqual([{ name: 'ok', series: 'GET /', passed: 1, failed: 0 }]);
    expect(first.exceptions).toEqual([{ place: 'a.ts:1:1', message: 'no', count: 1, stack: 'Error: no' }]);
    const second = take(2000);
    expect(second).toMatchObject({ series: [], checks: [], exceptions: [], slowest: [], sample: [] });
    expect([second.lag.count, second.wait.count, second.generator.connectionsOpened]).toEqual([0, 0, 0]);
    expect(structuredClone(first)).toEqual(first);
  });

  test('has the slowest ten requests of its second', () => {
    const { recorder, get, take } = recording();
    recorder.startMs = 50;
    const order = Array.from({ length: 100 }, (_, n) => ((n * 37) % 100) + 1);
    for (const ms of order) recorder.end(get, 'expected', at({ dueMs: 60, sentMs: 61, status: 200 }), 60 + ms);
    const { slowest } = take(1000);
    const latencies = slowest.map((example) => Math.round(example.latencyUs / 1000)).toSorted((a, b) => b - a);
    expect(latencies).toEqual([100, 99, 98, 97, 96, 95, 94, 93, 92, 91]);
    expect(slowest[0]).toMatchObject({ series: 'GET /', dueMs: 10, status: 200, error: '', traceId: '' });
  });

  test('has a sample of its requests, the fast ones and those that failed too; all where they are few', () => {
    const { recorder, get, take } = recording();
    recorder.startMs = 50;
    for (let n = 0; n < 4; n++) recorder.end(get, 'expected', at({ dueMs: 60, traceId: `t${n}` }), 61);
    recorder.end(get, 'failed', at({ dueMs: 70, sentMs: 71, status: 0, errorKind: 'reset' }), 73);
    const { sample } = take(1000);
    expect(sample.map(({ traceId }) => traceId)).toEqual(['t0', 't1', 't2', 't3', '']);
    expect(sample[4]).toMatchObject({ series: 'GET /', dueMs: 20, latencyUs: 3000, serviceUs: 2000, error: 'reset' });
    for (let n = 0; n < 500; n++) recorder.end(get, 'expected', at({ traceId: `u${n}` }), 1);
    const later = take(2000).sample;
    expect(new Set(later.map(({ traceId }) => traceId)).size).toBe(10);
    expect(later.every(({ traceId, key }) => traceId.startsWith('u') && key > 0 && key <= 1)).toBe(true);
  });
});

test('what is sampled follows from the seed, and differs between workers', () => {
  const [seedOfRun, testId] = [7, 0];
  const sampled = (worker: number): string[] => {
    const { recorder, get, take } = recording([], [seedOfRun, testId, worker]);
    return [1000, 2000].flatMap((nowMs) => {
      for (let n = 0; n < 300; n++) recorder.end(get, 'expected', at({ traceId: `${nowMs} ${n}` }), 1);
      return take(nowMs).sample.map(({ traceId, key }) => `${traceId} ${key}`);
    });
  };
  expect(sampled(0)).toEqual(sampled(0));
  expect(sampled(0)).not.toEqual(sampled(1));
});

describe('what would have no bound', () => {
  test('200 series; further ones share other, which is said once', () => {
    const { recorder, problems } = recording();
    for (let n = 0; n < 100_000; n++) recorder.series(`GET /${n}`, 'request', 's').issued++;
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain("more than 200 series: 'GET /199'");
    const { series } = recorder.take(0, 0, 0, 0, 1000, false);
    // 'GET /' is the 200th: it was not touched, and is not told.
    expect(series).toHaveLength(200);
    expect(series.reduce((sum, each) => sum + each.issued, 0)).toBe(100_000);
  });

  test('100 kinds of exceptions and 100 checks of a series; further ones are counted together', () => {
    const { recorder, get, take } = recording();
    for (let n = 0; n < 10_000; n++) {
      recorder.countException('a.ts:1:1', `id ${n}`, '');
      get.countCheck(`id ${n}`, n % 2 === 0);
    }
    get.issued++;
    const { exceptions, checks } = take(0);
    expect(exceptions).toHaveLength(101);
    expect(exceptions.at(-1)).toEqual({ place: '', message: 'further exceptions', count: 9900, stack: '' });
    expect(checks).toHaveLength(101);
    expect(checks.at(-1)).toEqual({ name: 'other', series: 'GET /', passed: 4950, failed: 4950 });
  });

  test('names that read the same when joined stay apart', () => {
    const { recorder } = recording();
    expect(recorder.series('b c', 'request', 'a')).not.toBe(recorder.series('c', 'request', 'a b'));
  });
});

describe('steps', () => {
  test('that are open at the end are unfinished, at their age, once', () => {
    const { recorder, take } = recording();
    const step = recorder.beginStep('buy', 's', 100);
    const done = recorder.beginStep('buy', 's', 100);
    recorder.endStep(done, 'expected', 150);
    recorder.cutSteps(400);
    recorder.endStep(step, 'expected', 500);
    const series = take(1000).series[0]!;
    expect(series).toMatchObject({ name: 'buy', kind: 'step', issued: 2, expected: 1, unfinished: 1 });
    expect([series.latency.minUs, series.latency.maxUs]).toEqual([50_000, 300_000]);
  });
});

test('a trend beyond its range counts at the limit, and it is said once', () => {
  const depth: OwnMetricRecord = { name: 'bytes', kind: 'trend', unit: 'B', record: undefined };
  const { recorder, problems, take } = recording([depth]);
  for (const value of [5, 5_000_000, 6_000_000, -1]) depth.record!(value);
  const [delta] = take(0).metrics;
  expect(delta).toMatchObject({ sum: 11_000_004, count: 4 });
  expect(delta!.values).toMatchObject({ count: 4, clamped: 2, maxUs: 2 ** 31 - 1 });
  expect(problems).toHaveLength(1);
  recorder.close();
  expect(depth.record).toBeUndefined();
});
