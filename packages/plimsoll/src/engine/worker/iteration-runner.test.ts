import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { perVuIterations, sharedIterations } from '../../model/load-model.ts';
import { RunnerBench } from './fake-vus.fixture.ts';

const range = (length: number) => Array.from({ length }, (_, n) => n);
const sorted = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b);

describe('sharedIterations', () => {
  test('any split over workers: every index once, on its own stripe, and the books balance', () => {
    const plan = fc.record({
      vus: fc.integer({ min: 1, max: 12 }),
      iterations: fc.integer({ min: 1, max: 60 }),
      workers: fc.integer({ min: 1, max: 5 }),
      lasts: fc.array(fc.nat(50), { minLength: 1, maxLength: 10 }),
    });
    fc.assert(
      fc.property(plan, ({ vus, iterations, workers, lasts }) => {
        const bench = new RunnerBench(sharedIterations({ vus, iterations }), {
          workers,
          lasts: ({ index }) => lasts[index % lasts.length]!,
        });
        bench.advanceTo(60_000);
        expect(sorted(bench.started.map((each) => each.index))).toEqual(range(iterations));
        for (const { vu, index } of bench.started) expect((index % vus) % workers).toBe(vu % workers);
        expect(sorted(bench.vusMade)).toEqual(range(vus));
        expect(bench.doneMs).toHaveLength(workers);
        const counts = { due: iterations, started: iterations, completed: iterations, notIssued: 0, interrupted: 0 };
        expect(bench.taken()).toMatchObject({ ...counts, activeVus: 0, vus });
      }),
      { seed: 11, numRuns: 60 },
    );
  });

  test('free VUs take what is left: the quick ones do more', () => {
    const bench = new RunnerBench(sharedIterations({ vus: 2, iterations: 11 }), {
      lasts: ({ vu }) => (vu === 0 ? 100 : 10),
    });
    bench.advanceTo(1000);
    expect(bench.started.filter((each) => each.vu === 0)).toHaveLength(1);
    expect(bench.started.filter((each) => each.vu === 1)).toHaveLength(10);
    expect(bench.doneMs).toEqual([100]);
    expect(bench.runners[0]!.loadEndMs - bench.startMs).toBe(100);
  });

  test('at most as many at once as there are VUs', () => {
    const bench = new RunnerBench(sharedIterations({ vus: 3, iterations: 30 }), { lasts: () => 10 });
    bench.advanceTo(15);
    expect(bench.taken()).toMatchObject({ started: 6, completed: 3, activeVus: 3 });
  });

  test('when the time is up the rest is not issued, and what runs may end', () => {
    const load = sharedIterations({ vus: 2, iterations: 100, maxDuration: 95 });
    const bench = new RunnerBench(load, { workers: 2, lasts: () => 10 });
    bench.advanceTo(95);
    expect(bench.windowOverMs).toEqual([95, 95]);
    expect(bench.doneMs).toEqual([]);
    bench.advanceTo(1000);
    expect(bench.doneMs).toEqual([100, 100]);
    expect(bench.taken()).toMatchObject({ due: 100, started: 20, completed: 20, notIssued: 80 });
  });

  test('a cut interrupts what runs, and an end after it counts no more', () => {
    const bench = new RunnerBench(sharedIterations({ vus: 4, iterations: 10 }), {
      lasts: ({ index }) => (index < 2 ? 10 : index % 2 === 0 ? 'never' : 500),
    });
    bench.advanceTo(100);
    bench.cut();
    bench.advanceTo(5000);
    expect(bench.taken()).toMatchObject({
      due: 10,
      started: 6,
      completed: 2,
      interrupted: 4,
      notIssued: 4,
      activeVus: 0,
    });
  });

  test('an exception fails its iteration, and the next one begins', () => {
    const bench = new RunnerBench(sharedIterations({ vus: 1, iterations: 6 }), {
      lasts: ({ index }) => (index % 2 === 0 ? new Error(`mistake ${index}`) : 5),
    });
    bench.advanceTo(1000);
    expect(bench.exceptions.map(String)).toEqual(['Error: mistake 0', 'Error: mistake 2', 'Error: mistake 4']);
    expect(bench.taken()).toMatchObject({ started: 6, completed: 3, failed: 3, iterationMs: 18 });
  });

  test('iterations that take no time take a turn of the event loop each', () => {
    const bench = new RunnerBench(sharedIterations({ vus: 1, iterations: 5000 }), { lasts: () => 0 });
    bench.clock.block(20);
    const counts = [];
    for (let turn = 0; turn < 4; turn++) {
      bench.clock.turn();
      counts.push(bench.started.length);
    }
    expect(counts).toEqual([1, 2, 3, 4]);
    bench.advanceTo(1000);
    expect(bench.taken()).toMatchObject({ completed: 5000 });
  });
});

describe('perVuIterations', () => {
  test('any split over workers: each VU its number, all indexes unique', () => {
    const plan = fc.record({
      vus: fc.integer({ min: 1, max: 9 }),
      iterations: fc.integer({ min: 1, max: 12 }),
      workers: fc.integer({ min: 1, max: 4 }),
      lasts: fc.array(fc.nat(50), { minLength: 1, maxLength: 10 }),
    });
    fc.assert(
      fc.property(plan, ({ vus, iterations, workers, lasts }) => {
        const bench = new RunnerBench(perVuIterations({ vus, iterations }), {
          workers,
          lasts: ({ vu }) => lasts[vu % lasts.length]!,
        });
        bench.advanceTo(60_000);
        expect(sorted(bench.started.map((each) => each.index))).toEqual(range(vus * iterations));
        for (let vu = 0; vu < vus; vu++) {
          const own = bench.started.filter((each) => each.vu === vu).map((each) => each.index);
          expect(own).toEqual(range(iterations).map((n) => vu * iterations + n));
        }
        const all = vus * iterations;
        expect(bench.taken()).toMatchObject({ due: all, started: all, completed: all, notIssued: 0 });
        expect(bench.doneMs).toHaveLength(workers);
      }),
      { seed: 12, numRuns: 40 },
    );
  });

  test('a slow VU keeps its own to the end', () => {
    const bench = new RunnerBench(perVuIterations({ vus: 2, iterations: 5, maxDuration: 1000 }), {
      lasts: ({ vu }) => (vu === 0 ? 300 : 10),
    });
    bench.advanceTo(2000);
    expect(bench.taken()).toMatchObject({ due: 10, started: 9, completed: 9, notIssued: 1 });
    expect(bench.doneMs).toEqual([1200]);
  });
});

describe('startAfter', () => {
  test('begins later, and lasts as long', () => {
    const load = sharedIterations({ vus: 1, iterations: 100, maxDuration: 50 });
    const bench = new RunnerBench(load, { lasts: () => 10, startAfterMs: 500 });
    bench.advanceTo(499);
    expect(bench.started).toEqual([]);
    bench.advanceTo(2000);
    expect(bench.started.map((each) => each.startedMs)).toEqual([500, 510, 520, 530, 540]);
    expect(bench.windowOverMs).toEqual([550]);
  });

  test('a stop before it leaves everything not issued', () => {
    const bench = new RunnerBench(sharedIterations({ vus: 2, iterations: 7 }), { lasts: () => 10, startAfterMs: 500 });
    bench.advanceTo(100);
    bench.endWindow();
    expect(bench.doneMs).toEqual([100]);
    bench.advanceTo(5000);
    expect(bench.started).toEqual([]);
    expect(bench.taken()).toMatchObject({ due: 7, started: 0, notIssued: 7 });
  });
});
