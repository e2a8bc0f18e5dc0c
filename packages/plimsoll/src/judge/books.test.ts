import { describe, expect, test } from 'vitest';
import { histogramOf, scenarioOf, seriesOf, snapshotOf } from '../stats/snapshot.fixture.ts';
import type { ScenarioDelta, SeriesDelta, Snapshot } from '../stats/snapshot.ts';
import { TestTotals } from '../stats/totals.ts';
import { judgeBooks } from './books.ts';
import type { EndOfTest } from './end-of-test.ts';
import { deadWorker, endOf } from './judged-test.fixture.ts';

type Part = Parameters<typeof snapshotOf>[0];

function breachesOf(parts: readonly Part[], end: EndOfTest = endOf()): readonly string[] {
  const totals = new TestTotals();
  const snapshots: Snapshot[] = parts.map((part) => snapshotOf(part));
  for (const [second, snapshot] of snapshots.entries()) totals.add(second, [snapshot], false);
  const { balanced, breaches } = judgeBooks(totals, end);
  expect(balanced).toBe(breaches.length === 0);
  return breaches;
}

const every = {
  expected: [10, 20],
  limited: [3],
  timeout: [500],
  unfinished: [70],
  failed: { reset: [4], status: [5] },
};
const series = (part: Partial<SeriesDelta> = {}): SeriesDelta[] => [seriesOf(every, part)];
const scenarios = (part: Partial<ScenarioDelta>): ScenarioDelta[] => [scenarioOf(part)];

describe('requests', () => {
  test('every way to end balances, over seconds and workers', () => {
    const parts = [{ series: series() }, { series: series({ name: 'GET /b' }), worker: 1 }, { series: series() }];
    expect(breachesOf(parts)).toEqual([]);
    expect(breachesOf([])).toEqual([]);
  });

  test('one that was issued and never ended is missed', () => {
    expect(breachesOf([{ series: series({ issued: 8 }) }])).toEqual([
      'requests issued = expected + limited + failed + unfinished: 8 against 7',
      "requests of 'GET /a' issued = expected + limited + failed + unfinished: 8 against 7",
    ]);
  });

  test('two series cannot make up for each other', () => {
    const parts = [{ series: [...series({ issued: 8 }), ...series({ name: 'GET /b', issued: 6 })] }];
    expect(breachesOf(parts)).toEqual([
      "requests of 'GET /a' issued = expected + limited + failed + unfinished: 8 against 7",
      "requests of 'GET /b' issued = expected + limited + failed + unfinished: 6 against 7",
    ]);
  });

  test('those issued in the warm-up and answered behind it balance', () => {
    const totals = new TestTotals();
    totals.add(
      0,
      [snapshotOf({ series: [seriesOf({}, { issued: 1 })], generator: { inFlight: 1, inFlightAreaUs: 9000 } })],
      true,
    );
    totals.add(
      1,
      [snapshotOf({ series: [seriesOf({ expected: [10] }, { issued: 0 })], generator: { inFlightAreaUs: 1000 } })],
      false,
    );
    expect(judgeBooks(totals, endOf()).breaches).toEqual([]);
  });

  test('while the test runs, or a worker was lost, the open ones are where the worker said', () => {
    const part = { series: series({ issued: 9 }), generator: { inFlight: 2 } };
    expect(breachesOf([part], endOf({ partial: true }))).toEqual([]);
    expect(breachesOf([part], endOf({ lostWorkers: [deadWorker] }))).toEqual([]);
    expect(breachesOf([{ ...part, generator: { inFlight: 1 } }], endOf({ partial: true }))).toHaveLength(1);
  });

  test('a step balances by itself and is no request', () => {
    const step = { kind: 'step' as const, name: 'pay' };
    expect(
      breachesOf([{ series: [seriesOf({ expected: [5], failed: { thrown: [6] }, unfinished: [7] }, step)] }]),
    ).toEqual([]);
    expect(breachesOf([{ series: [seriesOf({ expected: [5] }, { ...step, issued: 2 })] }])).toEqual([
      "requests of 'pay' issued = expected + limited + failed + unfinished: 2 against 1",
    ]);
  });

  test('a step that was open in a worker when it was lost is no breach', () => {
    const open = { series: [seriesOf({ expected: [5] }, { kind: 'step', name: 'pay', issued: 2 })] };
    expect(breachesOf([open])).toHaveLength(1);
    expect(breachesOf([open], endOf({ lostWorkers: [deadWorker] }))).toEqual([]);
  });
});

describe('histograms against counters', () => {
  test('a value that is not in the latency is missed', () => {
    const lost = { latency: histogramOf([10, 500, 70]) };
    expect(
      breachesOf([{ series: series(lost), generator: { inFlightAreaUs: 612_000, latencySumUs: 612_000 } }]),
    ).toEqual([
      'values in the latency = expected + timed out + unfinished: 3 against 4',
      "values in the latency of 'GET /a' = expected + timed out + unfinished: 3 against 4",
      'Σ over the histograms = Σ latency: 592.000 ms against 612.000 ms',
    ]);
  });

  test('an error in the wrong histogram is found, though the sums agree', () => {
    const swapped = { latency: histogramOf([10, 20, 500, 70, 4]), failedLatency: histogramOf([5, 3]) };
    expect(breachesOf([{ series: series(swapped) }])).toEqual([
      'values in the latency = expected + timed out + unfinished: 5 against 4',
      'values in the latency of failures = failed without time-outs + limited: 2 against 3',
      expect.stringContaining("'GET /a'"),
      expect.stringContaining("'GET /a'"),
    ]);
  });
});

describe('iterations', () => {
  test('every way to end balances', () => {
    const all = { due: 9, started: 7, completed: 4, failed: 2, interrupted: 1, notIssued: 2 };
    expect(breachesOf([{ scenarios: scenarios(all) }], endOf({ plannedArrivals: 9 }))).toEqual([]);
  });

  test('one that began and never ended is missed, unless it still runs', () => {
    const open = { due: 3, started: 3, completed: 2 };
    expect(breachesOf([{ scenarios: scenarios(open) }])).toEqual([
      "iterations of 'default' started = completed + failed + interrupted: 3 against 2",
    ]);
    expect(breachesOf([{ scenarios: scenarios({ ...open, activeVus: 1 }) }], endOf({ partial: true }))).toEqual([]);
  });

  test('an arrival that was neither begun nor given up is missed, at the end', () => {
    const waiting = { due: 5, started: 4, completed: 4 };
    expect(breachesOf([{ scenarios: scenarios(waiting) }])).toEqual([
      "iterations of 'default' due = started + not issued: 5 against 4",
    ]);
    expect(breachesOf([{ scenarios: scenarios(waiting) }], endOf({ partial: true }))).toEqual([]);
    expect(breachesOf([{ scenarios: scenarios(waiting) }], endOf({ lostWorkers: [deadWorker] }))).toEqual([]);
  });

  test('what was due is what the plan and the seed say, unless the test was cut short', () => {
    const done = [{ scenarios: scenarios({ due: 5, started: 5, completed: 5 }) }];
    expect(breachesOf(done, endOf({ plannedArrivals: 6 }))).toEqual(['arrivals due = planned: 5 against 6']);
    expect(breachesOf(done, endOf({ plannedArrivals: 6, stopped: 'interrupted' }))).toEqual([]);
    expect(breachesOf(done, endOf({ plannedArrivals: 6, lostWorkers: [deadWorker] }))).toEqual([]);
    const error = { message: 'no', hint: '', place: '' };
    expect(breachesOf(done, endOf({ plannedArrivals: 6, failure: { during: 'run', error } }))).toEqual([]);
  });
});

describe('Σ latency = ∫ in flight dt', () => {
  const second = (areaMs: number, sumMs: number): Part => ({
    series: [seriesOf({ expected: [400, 600] })],
    generator: { inFlightAreaUs: areaMs * 1000, latencySumUs: sumMs * 1000 },
  });

  test('within 0.1 %', () => {
    expect(breachesOf([second(1000.9, 1000)])).toEqual([]);
    expect(breachesOf([second(1001.1, 1000)])).toEqual(['Σ latency = ∫ in flight dt: 1000.000 ms against 1001.100 ms']);
    expect(breachesOf([second(998.9, 1000)])).toHaveLength(1);
  });

  test('over the whole test, not each second: a request is in flight in one and ends in another', () => {
    expect(breachesOf([second(1500, 1000), second(500, 1000)])).toEqual([]);
  });

  test('the histograms hold what was measured, to half a µs a value', () => {
    expect(breachesOf([second(1000, 1000.001)])).toEqual([]);
    expect(breachesOf([second(1000.1, 1000.1)])).toEqual([
      'Σ over the histograms = Σ latency: 1000.000 ms against 1000.100 ms',
    ]);
  });

  test('tiny sums have a floor of 1 µs', () => {
    const tiny = (areaUs: number): Part => ({
      series: [seriesOf({ expected: [0.02] })],
      generator: { inFlightAreaUs: areaUs, latencySumUs: 20 },
    });
    expect(breachesOf([tiny(20.9)])).toEqual([]);
    expect(breachesOf([tiny(22)])).toHaveLength(1);
  });

  test('a request of an hour, longer than a histogram tells, is no breach; a wrong area still is', () => {
    const hourMs = 3_600_000;
    const hour = (areaMs: number): Part => ({
      series: [seriesOf({ expected: [hourMs] })],
      generator: { inFlightAreaUs: areaMs * 1000, latencySumUs: hourMs * 1000 },
    });
    expect(breachesOf([hour(hourMs)])).toEqual([]);
    expect(breachesOf([hour(hourMs / 2)])).toHaveLength(1);
  });

  test('both sums are told', () => {
    const totals = new TestTotals();
    totals.add(0, [snapshotOf(second(1000.5, 1000))], false);
    expect(judgeBooks(totals, endOf())).toMatchObject({ inFlightAreaMs: 1000.5, latencySumMs: 1000 });
  });
});
