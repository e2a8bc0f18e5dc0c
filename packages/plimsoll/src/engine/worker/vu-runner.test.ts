import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { constantVus, rampingVus } from '../../model/load-model.ts';
import { vusAt } from '../../pacing/vu-ramp.ts';
import { RunnerBench } from './fake-vus.fixture.ts';

describe('constantVus', () => {
  test('each VU iterates back to back; what began before the end may end', () => {
    const bench = new RunnerBench(constantVus({ vus: 3, duration: 1000 }), { workers: 2, lasts: () => 30 });
    bench.advanceTo(5000);
    // Begun at 0, 30, … 990: 34 each.
    for (const vu of [0, 1, 2]) {
      const starts = bench.started.filter((each) => each.vu === vu).map((each) => each.startedMs);
      expect(starts).toEqual(Array.from({ length: 34 }, (_, n) => n * 30));
    }
    expect(bench.windowOverMs).toEqual([1000, 1000]);
    expect(bench.doneMs).toEqual([1020, 1020]);
    expect(bench.taken()).toMatchObject({ due: 102, started: 102, completed: 102, notIssued: 0, interrupted: 0 });
  });

  test('due when it is issued: a VU model knows no lag and no wait', () => {
    const bench = new RunnerBench(constantVus({ vus: 2, duration: 200 }), { lasts: () => 7 });
    bench.advanceTo(1000);
    for (const { dueMs, issuedMs, startedMs } of bench.started)
      expect([dueMs, issuedMs]).toEqual([startedMs, startedMs]);
  });

  test('a cut interrupts what the grace did not end', () => {
    const bench = new RunnerBench(constantVus({ vus: 3, duration: 100 }), {
      lasts: ({ vu }) => (vu === 0 ? 40 : vu === 1 ? 150 : 'never'),
    });
    bench.advanceTo(200);
    bench.cut();
    bench.advanceTo(1000);
    expect(bench.taken()).toMatchObject({ due: 5, started: 5, completed: 4, interrupted: 1, activeVus: 0 });
  });

  test('those that it interrupts are in the series at their age', () => {
    const bench = new RunnerBench(constantVus({ vus: 2, duration: 100 }), {
      lasts: ({ vu }) => (vu === 0 ? 150 : 'never'),
    });
    bench.advanceTo(400);
    bench.cut();
    expect(bench.taken()).toMatchObject({ completed: 1, interrupted: 1, iterationMs: 150 + 400 });
  });

  test('cut after an iteration that made no request, before the next: there is none to interrupt', () => {
    const bench = new RunnerBench(constantVus({ vus: 1, duration: 100 }), {
      lasts: ({ index }) => (index === 0 ? 10 : 0),
    });
    bench.advanceTo(5);
    // In the turn in which the first iteration ends, and the second with it.
    bench.clock.after(5, () => {
      bench.clock.block(5);
      bench.cut();
    });
    bench.advanceTo(200);
    expect(bench.taken()).toMatchObject({ started: 2, completed: 2, interrupted: 0, iterationMs: 10 });
  });

  test('a stop lets nothing new begin', () => {
    const bench = new RunnerBench(constantVus({ vus: 2, duration: '1h' }), { lasts: () => 100 });
    bench.advanceTo(250);
    bench.endWindow();
    bench.advanceTo(10_000);
    expect(bench.started).toHaveLength(6);
    expect(bench.doneMs).toEqual([300]);
    expect(bench.runners[0]!.loadEndMs - bench.startMs).toBe(250);
  });
});

describe('rampingVus', () => {
  const stage = fc.record({ duration: fc.nat(400), target: fc.nat(8) });
  const plan = fc.record({
    startVus: fc.nat(8),
    stages: fc.array(stage, { minLength: 1, maxLength: 5 }),
    workers: fc.integer({ min: 1, max: 3 }),
    lasts: fc.array(fc.nat(60), { minLength: 1, maxLength: 6 }),
  });

  test('any plan and split: no VU twice at once, indexes unique, begun only while its VU is wanted', () => {
    fc.assert(
      fc.property(plan, ({ startVus, stages, workers, lasts }) => {
        const load = rampingVus({ startVus, stages: [...stages, { duration: 50, target: 2 }] });
        const bench = new RunnerBench(load, { workers, lasts: ({ index }) => lasts[index % lasts.length]! + 1 });
        bench.advanceTo(5000);
        expect(new Set(bench.started.map((each) => each.index)).size).toBe(bench.started.length);
        for (const { vu, startedMs } of bench.started) expect(vu).toBeLessThan(vusAt(load, startedMs));
        const { due, started, completed, notIssued, activeVus } = bench.taken();
        expect({ due, completed, notIssued, activeVus }).toEqual({
          due: started,
          completed: started,
          notIssued: 0,
          activeVus: 0,
        });
        expect(bench.doneMs).toHaveLength(workers);
      }),
      { seed: 13, numRuns: 80 },
    );
  });

  test('as many at once as planned, give or take iterations that have not ended', () => {
    const load = rampingVus({
      stages: [
        { duration: 1000, target: 10 },
        { duration: 1000, target: 0 },
      ],
    });
    const bench = new RunnerBench(load, { workers: 2, lasts: () => 5 });
    for (const atMs of [55, 455, 955, 1455, 1955]) {
      bench.advanceTo(atMs);
      expect(bench.taken().activeVus).toBe(vusAt(load, atMs));
    }
  });

  test('a VU that comes back while its last iteration still runs goes on, and does not run twice', () => {
    const stages = [
      { duration: 100, target: 1 },
      { duration: 0, target: 0 },
      { duration: 100, target: 0 },
      { duration: 0, target: 1 },
      { duration: 200, target: 1 },
    ];
    const bench = new RunnerBench(rampingVus({ startVus: 1, stages }), { lasts: () => 150 });
    bench.advanceTo(1000);
    // It ends at 150, outside; begins again at 200, with its next interval.
    expect(bench.started.map((each) => each.startedMs)).toEqual([0, 200, 350]);
    expect(bench.taken()).toMatchObject({ due: 3, completed: 3 });
  });

  test('an iteration without a request that ends as the next interval begins is followed by one, not two', () => {
    const stages = [
      { duration: 100, target: 1 },
      { duration: 0, target: 0 },
      { duration: 1, target: 0 },
      { duration: 0, target: 1 },
      { duration: 10, target: 1 },
    ];
    const bench = new RunnerBench(rampingVus({ startVus: 1, stages }), {
      lasts: ({ index }) => (index === 0 ? 100 : 0),
    });
    bench.advanceTo(100.5);
    bench.clock.block(1);
    // FakeVu throws when it is started twice.
    for (let turn = 0; turn < 20; turn++) bench.clock.turn();
    expect(bench.started.length).toBeLessThanOrEqual(21);
    bench.cut();
  });
});
