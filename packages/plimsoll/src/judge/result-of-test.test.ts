import { describe, expect, test } from 'vitest';
import { constantArrivalRate, constantVus, sharedIterations } from '../model/load-model.ts';
import type { TestPlan } from '../model/plan.ts';
import type { TestResult } from '../model/result.ts';
import { decodeHdrV2 } from '../stats/hdr-v2.ts';
import { exampleOf, histogramOf, scenarioOf, seriesOf, snapshotOf } from '../stats/snapshot.fixture.ts';
import { TestTotals } from '../stats/totals.ts';
import type { EndOfTest } from './end-of-test.ts';
import { deadWorker, endOf, planOf, tenSecondsOpen } from './judged-test.fixture.ts';
import { plannedLoadMs } from './load-window.ts';
import { resultOfTest } from './result-of-test.ts';
import { ThresholdJudge } from './thresholds.ts';

type Part = Parameters<typeof snapshotOf>[0];
const startedAt = '2026-01-02T03:04:05.000Z';
const times = (n: number, ms: number): number[] => new Array<number>(n).fill(ms);

function resultOf(plan: TestPlan, parts: readonly Part[], end: EndOfTest): TestResult {
  const totals = new TestTotals({ loadMs: plannedLoadMs(plan) });
  const judge = new ThresholdJudge(plan, totals);
  for (const [second, part] of parts.entries())
    totals.add(second, [snapshotOf({ second, ...part })], second * 1000 < plan.warmUpMs);
  return resultOfTest(plan, totals, judge, end, startedAt);
}

/** Ten requests in as many iterations; nothing to complain about. */
const good: Part = {
  series: [seriesOf({ expected: times(10, 20) }, { status: { 200: 10 }, bytesIn: 1000, bytesOut: 200, resent: 1 })],
  scenarios: [scenarioOf({ due: 10, started: 10, completed: 10, iteration: histogramOf(times(10, 25)) })],
};
const second = (seconds: number, part: Partial<EndOfTest> = {}): EndOfTest =>
  endOf({ durationMs: seconds * 1000, ...part });

describe('numbers', () => {
  test('a test of two seconds', () => {
    const result = resultOf(planOf({ tags: { area: 'shop' } }), [good, good], second(2));
    expect(result).toMatchObject({
      file: 'shop.load.ts',
      group: 'shop',
      name: 'buys',
      tags: { area: 'shop' },
      verdict: 'passed',
      model: 'closed',
      validity: { state: 'VALID', reasons: [] },
      startedAt,
      durationSeconds: 2,
      warmUpSeconds: 0,
      iterations: 20,
      notIssued: 0,
      requests: 20,
      rate: 10,
      success: 1,
      expected: 20,
      limited: 0,
      failed: 0,
      unfinished: 0,
      checkFailed: 0,
      resent: 2,
      bytesIn: 2000,
      bytesOut: 400,
      status: { 200: 20 },
      errors: {},
      latency: { count: 20, mean: 20, min: 20, max: 20, sd: 0, approximate: ['p90', 'p95'] },
      stopped: '',
      failures: [],
      books: { balanced: true, breaches: [], inFlightAreaMs: 400, latencySumMs: 400 },
    });
    expect(result.series).toMatchObject([
      { name: 'GET /a', kind: 'request', scenario: 'default', requests: 20, rate: 10 },
    ]);
    expect(result.scenarios).toMatchObject([
      { name: 'default', model: 'closed', due: 20, started: 20, completed: 20, failed: 0, iteration: { mean: 25 } },
    ]);
    expect(result.timeline.map((point) => [point.second, point.requests])).toEqual([
      [0, 10],
      [1, 10],
    ]);
    expect(result.thresholds.map((each) => [each.expression, each.ok, each.byDefault])).toEqual([
      ['success >= 99%', true, true],
      ['exceptions == 0', true, true],
    ]);
  });

  test('the stored histograms hold what the statistics say; empty ones are left out', () => {
    const { histograms, scenarios } = resultOf(planOf(), [good], second(1));
    expect(decodeHdrV2(histograms.latency).count).toBe(10);
    expect(decodeHdrV2(histograms.latency).valueAtPercentile(50)).toBeCloseTo(20_000, -2);
    expect(decodeHdrV2(scenarios[0]!.histogram).count).toBe(10);
    expect(histograms.failedLatency).toBeUndefined();
  });

  test('success: expected without a failed check, of all but the limited', () => {
    const part: Part = {
      series: [
        seriesOf(
          { expected: times(90, 5), limited: times(20, 1), failed: { reset: times(10, 1) } },
          { checkFailed: 15 },
        ),
      ],
    };
    expect(resultOf(planOf(), [part], second(1))).toMatchObject({
      success: 0.75,
      limited: 20,
      rate: 120,
      requests: 120,
    });
  });

  test('the warm-up is in the timeline and in the books, and nowhere else', () => {
    const result = resultOf(planOf({ warmUpMs: 1500 }), [good, good, good, good], second(4));
    // A second that lies partly in the warm-up belongs to it.
    expect(result).toMatchObject({ durationSeconds: 4, warmUpSeconds: 2, requests: 20, iterations: 20, rate: 10 });
    expect(result.timeline.map((point) => point.warmUp)).toEqual([true, true, false, false]);
    expect(result.books.latencySumMs).toBe(800);
    expect(result.scenarios).toMatchObject([{ started: 40, iteration: { count: 20 } }]);
  });

  test('what is answered after the load counts, but not in the rate', () => {
    const result = resultOf(planOf({ load: constantVus({ vus: 1, duration: '2s' }) }), [good, good, good], second(2));
    expect(result).toMatchObject({ requests: 30, rate: 10, durationSeconds: 2 });
  });

  test('while iterations get time to end, the rate so far does not sink', () => {
    const load = constantVus({ vus: 1, duration: '2s' });
    const soFar = resultOf(planOf({ load }), [good, good, {}, {}], second(4, { partial: true }));
    expect(soFar).toMatchObject({ verdict: 'partial', requests: 20, rate: 10 });
  });

  test('own metrics: a trend has a mean, a counter a total, a rate a share', () => {
    const metrics: Part = {
      metrics: [
        { name: 'size', kind: 'trend', unit: 'kB', values: histogramOf([7, 9, 11]), sum: 27, count: 3 },
        { name: 'orders', kind: 'counter', unit: '', values: histogramOf(), sum: 12, count: 4 },
        { name: 'hits', kind: 'rate', unit: '', values: histogramOf(), sum: 9, count: 10 },
      ],
    };
    expect(resultOf(planOf(), [metrics, metrics], second(2)).metrics).toMatchObject([
      { name: 'size', kind: 'trend', unit: 'kB', count: 6, value: 9, statistics: { mean: 9, max: 11 } },
      { name: 'orders', kind: 'counter', count: 8, value: 24 },
      { name: 'hits', kind: 'rate', count: 20, value: 0.9 },
    ]);
  });

  test('exceptions, checks and examples are told as they were', () => {
    const part: Part = {
      checks: [{ name: 'is whole', series: 'GET /a', passed: 3, failed: 1 }],
      exceptions: [{ place: 'a.load.ts:3:5', message: 'no total', count: 2, stack: 'Error: no total' }],
      slowest: [exampleOf({ dueMs: 1234, latencyUs: 98_700, serviceUs: 90_000 })],
      sample: [
        { ...exampleOf({ dueMs: 900, traceId: '1f' }), key: 0.1 },
        { ...exampleOf({ dueMs: 300, error: 'reset', status: 0 }), key: 0.2 },
      ],
    };
    const { checks, exceptions, slowest, sample } = resultOf(planOf(), [part], second(1));
    expect(checks).toEqual([{ name: 'is whole', series: 'GET /a', passed: 3, failed: 1 }]);
    expect(exceptions).toEqual([{ place: 'a.load.ts:3:5', message: 'no total', count: 2, stack: 'Error: no total' }]);
    expect(slowest).toEqual([
      { series: 'GET /a', atSeconds: 1.234, latency: 98.7, service: 90, status: 200, error: '', traceId: '' },
    ]);
    // In the order in which they were due, and without their keys.
    expect(sample).toEqual([
      { series: 'GET /a', atSeconds: 0.3, latency: 0.01, service: 0.01, status: 0, error: 'reset', traceId: '' },
      { series: 'GET /a', atSeconds: 0.9, latency: 0.01, service: 0.01, status: 200, error: '', traceId: '1f' },
    ]);
  });

  test('models: open, closed, or both', () => {
    const open = { name: 'open', load: tenSecondsOpen, startAfterMs: 0 };
    const closed = { ...open, name: 'closed', load: constantVus({ vus: 1, duration: '1s' }) };
    const modelOf = (...scenarios: TestPlan['scenarios'][number][]) =>
      resultOf(planOf({ scenarios }), [], second(1)).model;
    expect([modelOf(open), modelOf(closed), modelOf(open, closed)]).toEqual(['open', 'closed', 'mixed']);
  });
});

describe('verdicts', () => {
  const bad: Part = { ...good, series: [seriesOf({ expected: times(5, 20), failed: { reset: times(5, 1) } })] };
  const verdictOf = (plan: TestPlan, parts: Part[], end: EndOfTest): [string, readonly string[]] => {
    const { verdict, failures } = resultOf(plan, parts, end);
    return [verdict, failures];
  };

  test('a threshold that is not held fails the test', () => {
    expect(verdictOf(planOf(), [bad], second(1))).toEqual(['failed', ['threshold not held: success >= 99%']]);
  });

  test('a measurement that is not sound is invalid, whatever the thresholds say', () => {
    const end = second(1, { lostWorkers: [deadWorker] });
    expect(verdictOf(planOf(), [good], end)[0]).toBe('invalid');
    expect(verdictOf(planOf(), [bad], end)[0]).toBe('invalid');
    const unbalanced: Part = { series: [seriesOf({ expected: [1] }, { issued: 2 })] };
    expect(verdictOf(planOf(), [unbalanced], second(1))[0]).toBe('invalid');
  });

  test('a degraded one passes', () => {
    const busy: Part = { ...good, generator: { busyShare: 0.95 } };
    const result = resultOf(planOf(), [busy, busy, busy], second(3));
    expect([result.verdict, result.validity.state]).toEqual(['passed', 'DEGRADED']);
  });

  test('interrupted comes before all', () => {
    const end = second(1, { stopped: 'interrupted', lostWorkers: [deadWorker] });
    expect(verdictOf(planOf(), [bad], end)[0]).toBe('interrupted');
  });

  test('one that was stopped has failed', () => {
    expect(verdictOf(planOf(), [good], second(1, { stopped: 'the shop is closed' }))).toEqual([
      'failed',
      ['stopped early after 1s of 10s: the shop is closed'],
    ]);
  });

  test('where iterations end the load, how long it was to take is not known', () => {
    const plan = planOf({ load: sharedIterations({ vus: 1, iterations: 9 }) });
    expect(verdictOf(plan, [good], second(1, { stopped: 'enough' }))[1]).toEqual(['stopped early after 1s: enough']);
  });

  test('a set-up that failed is told with its place, and no thresholds over nothing', () => {
    const error = { message: 'no token', hint: '', place: 'a.load.ts:3:5' };
    expect(verdictOf(planOf(), [], second(0, { failure: { during: 'setUp', error } }))).toEqual([
      'failed',
      ['set-up failed: no token (a.load.ts:3:5)'],
    ]);
  });

  test('nothing is judged while the test runs, but the numbers are there', () => {
    const end = second(1, { partial: true });
    expect(verdictOf(planOf(), [bad], end)).toEqual(['partial', []]);
    expect(resultOf(planOf(), [bad], end)).toMatchObject({ requests: 10, success: 0.5, rate: 10 });
  });

  describe('arrivals without a VU', () => {
    const plan = planOf({ load: constantArrivalRate({ rate: 1000, duration: '1s' }) });
    const arrivals = (notIssued: number): Part => ({
      series: [seriesOf({ expected: times(1000 - notIssued, 20) })],
      scenarios: [scenarioOf({ due: 1000, started: 1000 - notIssued, completed: 1000 - notIssued, notIssued })],
    });

    test('above 0.1 % the rate was not reached: that fails the test and leaves the measurement sound', () => {
      expect(verdictOf(plan, [arrivals(1)], second(1))).toEqual(['passed', []]);
      const result = resultOf(plan, [arrivals(2)], second(1));
      expect([result.verdict, result.validity.state, result.notIssued]).toEqual(['failed', 'VALID', 2]);
      expect(result.failures).toEqual([
        expect.stringMatching(/^rate-not-reached: 2 of 1000 arrivals found no free VU/),
      ]);
    });

    test('iterations that maxDuration left no time for fail it as well', () => {
      const counted = planOf({ load: sharedIterations({ vus: 10, iterations: 1000, maxDuration: '10s' }) });
      expect(verdictOf(counted, [arrivals(1)], second(1))).toEqual(['passed', []]);
      const [verdict, failures] = verdictOf(counted, [arrivals(800)], second(1));
      expect(verdict).toBe('failed');
      expect(failures).toEqual([
        expect.stringMatching(
          /^iterations-not-reached: 800 of 1000 iterations had not begun when maxDuration was over/,
        ),
      ]);
    });

    test('of a test that was stopped they say nothing more', () => {
      expect(verdictOf(plan, [arrivals(500)], second(1, { stopped: 'enough' }))).toEqual([
        'failed',
        ['stopped early after 1s of 1s: enough'],
      ]);
    });
  });
});
