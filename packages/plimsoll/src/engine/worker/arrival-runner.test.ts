import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TimerHandle } from '../../kernel/clock.ts';
import { VirtualClock } from '../../kernel/virtual-clock.ts';
import { constantArrivalRate, rampingArrivalRate, type ArrivalRate } from '../../model/load-model.ts';
import { arrivalCursor, plannedArrivals } from '../../pacing/arrivals.ts';
import { wholePlan } from '../../pacing/split.ts';
import { RunnerBench } from './fake-vus.fixture.ts';

const sorted = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b);

function planned(load: ArrivalRate, seed: number): { index: number; dueMs: number }[] {
  const list = [];
  const cursor = arrivalCursor(load, seed, wholePlan);
  while (cursor.dueMs !== Infinity) {
    list.push({ index: cursor.index, dueMs: cursor.dueMs });
    cursor.advance();
  }
  return list;
}

describe('arrivals', () => {
  const plan = fc.record({
    load: fc
      .record({
        startRate: fc.nat(200),
        stages: fc.array(fc.record({ duration: fc.integer({ min: 1, max: 500 }), target: fc.nat(200) }), {
          minLength: 1,
          maxLength: 3,
        }),
        spacing: fc.constantFrom('poisson' as const, 'constant' as const),
        maxVus: fc.constantFrom(3, 40, 5000),
      })
      .map((options) => rampingArrivalRate({ ...options, vus: Math.min(3, options.maxVus) })),
    seed: fc.nat(),
    workers: fc.integer({ min: 1, max: 4 }),
    lasts: fc.array(fc.nat(300), { minLength: 1, maxLength: 6 }),
  });

  test('any plan and split: due when the plan says, each index once, due = started + not issued', () => {
    fc.assert(
      fc.property(plan, ({ load, seed, workers, lasts }) => {
        const bench = new RunnerBench(load, { workers, seed, lasts: ({ index }) => lasts[index % lasts.length]! });
        bench.advanceTo(20_000);
        const all = new Map(planned(load, seed).map((each) => [each.index, each.dueMs]));
        for (const { index, dueMs, issuedMs, startedMs, vu } of bench.started) {
          expect(dueMs).toBeCloseTo(all.get(index)!, 6);
          expect(issuedMs).toBeGreaterThanOrEqual(dueMs);
          expect(startedMs).toBeGreaterThanOrEqual(issuedMs);
          // A worker without a VU has no arrivals: the others share them.
          const owner = load.maxVus < workers ? index % load.maxVus : index;
          expect(owner % workers).toBe(vu % workers);
        }
        expect(new Set(bench.started.map((each) => each.index)).size).toBe(bench.started.length);
        const { due, started, completed, notIssued } = bench.taken();
        expect(due).toBe(plannedArrivals(load, seed));
        expect(started + notIssued).toBe(due);
        expect(completed).toBe(started);
        expect(new Set(bench.vusMade).size).toBe(bench.vusMade.length);
        expect(Math.max(0, ...bench.vusMade)).toBeLessThan(load.maxVus);
      }),
      { seed: 14, numRuns: 60 },
    );
  });

  test('with enough VUs every arrival begins within the millisecond that a timer is coarse', () => {
    const load = constantArrivalRate({ rate: 200, duration: '2s', vus: 50 });
    const bench = new RunnerBench(load, { lasts: () => 20, seed: 3 });
    bench.advanceTo(5000);
    expect(bench.started.map((each) => each.index)).toEqual(planned(load, 3).map((each) => each.index));
    for (const { dueMs, startedMs } of bench.started) expect(startedMs - dueMs).toBeLessThan(1);
    expect(bench.taken()).toMatchObject({ notIssued: 0, vus: 50 });
    expect(bench.windowOverMs).toEqual([2000]);
  });

  test('without a free VU an arrival waits, and its wait is no lag', () => {
    const load = constantArrivalRate({ rate: 100, duration: 100, vus: 1, maxVus: 1, spacing: 'constant' });
    const bench = new RunnerBench(load, { lasts: () => 26 });
    bench.advanceTo(1000);
    // Due at 0, 10 … 90; one VU needs 26 ms each: begun at 0, 26, 52, 78.
    expect(bench.started.map(({ dueMs, issuedMs, startedMs }) => [dueMs, issuedMs, startedMs])).toEqual([
      [0, 0, 0],
      [10, 10, 26],
      [20, 20, 52],
      [30, 30, 78],
    ]);
    expect(bench.taken()).toMatchObject({ due: 10, started: 4, completed: 4, notIssued: 6 });
    expect(bench.lag()).toMatchObject({ count: 10, maxUs: 0 });
    expect(bench.doneMs).toEqual([104]);
  });

  test('VUs are made on demand up to maxVus, the striped ids of this worker only', () => {
    const load = constantArrivalRate({ rate: 100, duration: 200, vus: 2, maxVus: 5, spacing: 'constant' });
    const bench = new RunnerBench(load, { workers: 2, lasts: () => 1000 });
    bench.advanceTo(5000);
    expect(sorted(bench.vusMade)).toEqual([0, 1, 2, 3, 4]);
    for (const { vu, index } of bench.started) expect(vu % 2).toBe(index % 2);
    expect(bench.taken()).toMatchObject({ due: 20, started: 5, notIssued: 15 });
  });

  test('a VU whose set-up takes long takes what waits when it is ready, and nothing after the end', () => {
    const load = constantArrivalRate({ rate: 20, duration: 150, vus: 1, maxVus: 3, spacing: 'constant' });
    const bench = new RunnerBench(load, { lasts: () => 1000, vuSetUpMs: 80 });
    bench.advanceTo(5000);
    // Due at 0, 50, 100. VU 1 is ready at 130; VU 2 at 180, after the end.
    expect(bench.started.map(({ vu, dueMs, startedMs }) => [vu, dueMs, startedMs])).toEqual([
      [0, 0, 0],
      [1, 50, 130],
    ]);
    expect(bench.taken()).toMatchObject({ due: 3, started: 2, notIssued: 1, vus: 2 });
  });

  test('after 3 s of a blocked event loop everything is issued with its own due time, in portions', () => {
    const load = constantArrivalRate({ rate: 2000, duration: '4s', vus: 100, maxVus: 100, spacing: 'constant' });
    const bench = new RunnerBench(load, { lasts: () => 10 });
    bench.advanceTo(500);
    bench.taken();
    bench.clock.block(3000);
    const perTurn = [];
    for (let turn = 0; turn < 6; turn++) {
      bench.clock.turn();
      perTurn.push(bench.taken().due);
    }
    expect(perTurn).toEqual([1000, 1000, 1000, 1000, 1000, 1000]);
    bench.advanceTo(10_000);
    const waited = bench.started.filter(({ dueMs }) => dueMs > 500 && dueMs < 3500);
    for (const { issuedMs } of waited) expect(issuedMs).toBeGreaterThanOrEqual(3500);
    // Each arrival is late by its own, whether a VU was free or not.
    const lag = bench.lag();
    expect(lag.count).toBe(8000);
    expect(lag.maxUs).toBeCloseTo(2_999_500, -4);
    expect(sorted(bench.started.map((each) => each.dueMs))).toEqual(bench.started.map((each) => each.dueMs));
  });

  test('what fell due before the end and was noticed after it still counts as due', () => {
    const load = constantArrivalRate({ rate: 100, duration: '1s', vus: 2, maxVus: 2, spacing: 'constant' });
    const bench = new RunnerBench(load, { lasts: () => 5 });
    bench.advanceTo(900);
    bench.clock.block(2000);
    bench.advanceTo(5000);
    const { due, started, notIssued } = bench.taken();
    expect([due, started + notIssued]).toEqual([100, 100]);
  });

  test('a stop counts what was due by then and nothing of the rest', () => {
    const load = constantArrivalRate({ rate: 100, duration: '10s', vus: 1, maxVus: 1, spacing: 'constant' });
    const bench = new RunnerBench(load, { lasts: () => 30 });
    bench.advanceTo(995);
    bench.endWindow();
    bench.advanceTo(20_000);
    // Begun at 0, 30 … 990.
    expect(bench.taken()).toMatchObject({ due: 100, started: 34, completed: 34, notIssued: 66 });
    expect(bench.doneMs).toEqual([1020]);
  });

  test('startAfter shifts the plan as a whole', () => {
    const load = constantArrivalRate({ rate: 50, duration: 200, vus: 10 });
    const bench = new RunnerBench(load, { lasts: () => 1, startAfterMs: 700, seed: 9 });
    bench.advanceTo(5000);
    const due = planned(load, 9).map((each) => each.dueMs + 700);
    expect(bench.started).toHaveLength(due.length);
    for (const [n, { dueMs }] of bench.started.entries()) expect(dueMs).toBeCloseTo(due[n]!, 6);
    expect(bench.windowOverMs).toEqual([900]);
  });

  test('timers that fire early issue nothing early', () => {
    class EarlyClock extends VirtualClock {
      override after(delayMs: number, callback: () => void): TimerHandle {
        return super.after(Math.max(0.1, delayMs - 0.9), callback);
      }
    }
    const load = constantArrivalRate({ rate: 300, duration: '1s', vus: 30 });
    const bench = new RunnerBench(load, { lasts: () => 5, clock: new EarlyClock() });
    bench.advanceTo(3000);
    expect(bench.started.length).toBe(plannedArrivals(load, 1));
    for (const { dueMs, startedMs } of bench.started) expect(startedMs).toBeGreaterThanOrEqual(dueMs);
  });
});
