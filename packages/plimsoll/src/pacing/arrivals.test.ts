import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ArrivalRate, Spacing } from '../model/load-model.ts';
import { constantArrivalRate, rampingArrivalRate } from '../model/load-model.ts';
import { arrivalCursor, plannedArrivals } from './arrivals.ts';
import { expectedBy, rateShape } from './shapes.ts';
import type { Stripe } from './split.ts';
import { wholePlan } from './split.ts';

const fixed = { seed: 8, numRuns: 60 };

interface Arrival {
  readonly index: number;
  readonly dueMs: number;
}

function arrivals(load: ArrivalRate, seed: number, stripe: Stripe = wholePlan): Arrival[] {
  const list: Arrival[] = [];
  const cursor = arrivalCursor(load, seed, stripe);
  while (cursor.dueMs !== Infinity) {
    list.push({ index: cursor.index, dueMs: cursor.dueMs });
    cursor.advance();
  }
  return list;
}

const dueTimes = (load: ArrivalRate, seed = 1): number[] => arrivals(load, seed).map(({ dueMs }) => dueMs);

function steady(rate: number, durationMs: number, spacing: Spacing): ArrivalRate {
  return constantArrivalRate({ rate, duration: durationMs, spacing });
}

const rate = fc.oneof(fc.constant(0), fc.nat(300), fc.double({ min: 0.1, max: 50, noNaN: true }));
const anyLoad: fc.Arbitrary<ArrivalRate> = fc
  .record({
    startRate: rate,
    stages: fc.array(fc.record({ duration: fc.oneof(fc.constant(0), fc.nat(3000)), target: rate }), {
      minLength: 1,
      maxLength: 5,
    }),
    spacing: fc.constantFrom<Spacing>('poisson', 'constant'),
  })
  .map(rampingArrivalRate);

describe('constant spacing', () => {
  test('50/s for 10 s: 500 arrivals, the k-th at k · 20 ms', () => {
    expect(dueTimes(steady(50, 10_000, 'constant'))).toEqual(Array.from({ length: 500 }, (_, k) => k * 20));
  });

  test('a rate per minute that does not divide a second does not drift', () => {
    const due = dueTimes(steady(7 / 60, 3_600_000, 'constant'));
    expect(due).toHaveLength(420);
    expect(due.at(-1)).toBeCloseTo((419 / 7) * 60_000, 5);
  });

  test('a ramp from 0 to 100/s over 10 s: 500, half of them in the last 2.93 s', () => {
    const due = dueTimes(rampingArrivalRate({ stages: [{ duration: '10s', target: 100 }], spacing: 'constant' }));
    expect(due).toHaveLength(500);
    expect(due.filter((t) => t > 7071.07)).toHaveLength(249);
  });

  test('there is as much after a pause as before it, and nothing in it', () => {
    const stages = [
      { duration: 1000, target: 10 },
      { duration: 0, target: 0 },
      { duration: 5000, target: 0 },
    ];
    const load = rampingArrivalRate({
      startRate: 10,
      stages: [...stages, { duration: 0, target: 10 }, stages[0]!],
      spacing: 'constant',
    });
    const tenth = Array.from({ length: 10 }, (_, k) => k * 100);
    expect(dueTimes(load)).toEqual([...tenth, ...tenth.map((t) => t + 6000)]);
  });
});

describe('any plan', () => {
  test('due times lie within the plan and never run backwards; numbers count from 0', () => {
    fc.assert(
      fc.property(anyLoad, fc.nat(), (load, seed) => {
        const all = arrivals(load, seed);
        const { durationMs } = rateShape(load);
        expect(all.map(({ index }) => index)).toEqual(all.map((_, k) => k));
        let previousMs = 0;
        for (const { dueMs } of all) {
          expect(dueMs).toBeGreaterThanOrEqual(previousMs);
          expect(dueMs).toBeLessThan(durationMs);
          previousMs = dueMs;
        }
      }),
      fixed,
    );
  });

  test('the union over any split is the plan of one worker, to the last bit', () => {
    fc.assert(
      fc.property(
        anyLoad,
        fc.nat(),
        fc.integer({ min: 1, max: 7 }),
        fc.option(fc.integer({ min: 1, max: 9 })),
        (load, seed, workers, period) => {
          const parts = Array.from({ length: workers }, (_, worker) =>
            arrivals(load, seed, { worker, workers, ...(period !== null && { period }) }),
          );
          parts.forEach((part, worker) => {
            for (const { index } of part) expect((period === null ? index : index % period) % workers).toBe(worker);
          });
          expect(parts.flat().toSorted((a, b) => a.index - b.index)).toEqual(arrivals(load, seed));
        },
      ),
      fixed,
    );
  });

  test('plannedArrivals is what a cursor finds, and what it says at the end', () => {
    fc.assert(
      fc.property(anyLoad, fc.nat(), (load, seed) => {
        const cursor = arrivalCursor(load, seed, { worker: 1, workers: 3 });
        while (cursor.dueMs !== Infinity) cursor.advance();
        cursor.advance();
        const planned = plannedArrivals(load, seed);
        expect(arrivals(load, seed)).toHaveLength(planned);
        expect(cursor).toMatchObject({ dueMs: Infinity, index: planned });
      }),
      fixed,
    );
  });

  test('constant spacing follows the integral to the arrival, also in the middle', () => {
    fc.assert(
      fc.property(anyLoad, fc.double({ min: 0, max: 1, noNaN: true }), (load, part) => {
        const shape = rateShape(load);
        const untilMs = part * shape.durationMs;
        const before = arrivals({ ...load, spacing: 'constant' }, 1).filter(({ dueMs }) => dueMs < untilMs).length;
        const expected = expectedBy(shape, untilMs);
        expect(before).toBeGreaterThanOrEqual(Math.floor(expected - 1e-6));
        expect(before).toBeLessThanOrEqual(Math.ceil(expected + 1e-6));
      }),
      fixed,
    );
  });

  test('the same seed is the same plan; another seed is another Poisson plan', () => {
    const load = steady(100, 1000, 'poisson');
    expect(dueTimes(load, 5)).toEqual(dueTimes(load, 5));
    expect(dueTimes(load, 5)).not.toEqual(dueTimes(load, 6));
  });
});

describe('Poisson spacing', () => {
  test('the first arrivals of seed 1 stay as they are: a stored seed must give the same run for ever', () => {
    expect(dueTimes(steady(100, 60, 'poisson'))).toMatchInlineSnapshot(`
      [
        20.38345200326518,
        20.815588850815086,
        53.00350020172594,
        57.70538910052078,
      ]
    `);
  });

  // Rates below one, around one and far above one arrival per slot.
  test.each([0.5, 20, 1000, 20_000])('at %d/s totals over 200 seeds have mean and variance λT', (perSecond) => {
    const load = steady(perSecond, 4005, 'poisson');
    const expected = perSecond * 4.005;
    const totals = Array.from({ length: 200 }, (_, seed) => plannedArrivals(load, seed));
    for (const total of totals) expect(Math.abs(total - expected)).toBeLessThan(5 * Math.sqrt(expected) + 3);
    const mean = totals.reduce((sum, total) => sum + total, 0) / 200;
    const variance = totals.reduce((sum, total) => sum + (total - expected) ** 2, 0) / 200;
    expect(Math.abs(mean - expected)).toBeLessThan(4 * Math.sqrt(expected / 200));
    expect(Math.abs(variance / expected - 1)).toBeLessThan(4 * Math.sqrt((2 + 1 / expected) / 200));
  });

  test('a ramp follows its integral within 5 σ, in every tenth of it', () => {
    const load = rampingArrivalRate({
      startRate: 0,
      stages: [
        { duration: '20s', target: 2000 },
        { duration: '20s', target: 0 },
      ],
    });
    const shape = rateShape(load);
    const due = dueTimes(load, 3);
    for (let from = 0; from < 40_000; from += 4000) {
      const expected = expectedBy(shape, from + 4000) - expectedBy(shape, from);
      const found = due.filter((t) => t >= from && t < from + 4000).length;
      expect(Math.abs(found - expected)).toBeLessThan(5 * Math.sqrt(expected));
    }
  });

  test('gaps are exponential: Kolmogorov–Smirnov over 20,000 of them, across slots and inside', () => {
    for (const perSecond of [30, 500]) {
      const due = dueTimes(steady(perSecond, (20_000 / perSecond) * 1000, 'poisson'), 17);
      const gaps = due
        .slice(1)
        .map((t, i) => ((t - due[i]!) * perSecond) / 1000)
        .toSorted((a, b) => a - b);
      const distance = Math.max(...gaps.map((gap, i) => Math.abs(1 - Math.exp(-gap) - (i + 0.5) / gaps.length)));
      // 2.23/√n is exceeded by one honest sample in 10,000.
      expect(distance * Math.sqrt(gaps.length)).toBeLessThan(2.23);
    }
  });

  test('neighbouring gaps are not correlated', () => {
    const due = dueTimes(steady(500, 40_000, 'poisson'), 23);
    const gaps = due.slice(1).map((t, i) => t - due[i]! - 2);
    const product = gaps.slice(1).reduce((sum, gap, i) => sum + gap * gaps[i]!, 0) / gaps.length;
    expect(Math.abs(product / 4)).toBeLessThan(4 / Math.sqrt(gaps.length));
  });

  test('places inside of a slot are uniform: χ² over 100 cells', () => {
    const due = dueTimes(steady(2000, 50_000, 'poisson'), 29);
    const cells = new Array<number>(100).fill(0);
    for (const t of due) cells[Math.floor((t % 10) * 10)]! += 1;
    const expected = due.length / 100;
    const chiSquare = cells.reduce((sum, found) => sum + (found - expected) ** 2 / expected, 0);
    // 99 degrees of freedom: exceeded by one honest sample in 10,000.
    expect(chiSquare).toBeLessThan(161.3);
  });

  test('inside of a slot they follow the rate: none before a jump from 0 in its middle', () => {
    const load = rampingArrivalRate({
      startRate: 0,
      stages: [
        { duration: 1005, target: 0 },
        { duration: 0, target: 50_000 },
        { duration: 5, target: 50_000 },
      ],
    });
    const due = dueTimes(load, 2);
    expect(due.length).toBeGreaterThan(150);
    expect(Math.min(...due)).toBeGreaterThanOrEqual(1005);
  });

  test('10 s at 100,000/s: a cursor needs no more than its slot', () => {
    const cursor = arrivalCursor(steady(100_000, 10_000, 'poisson'), 1, { worker: 0, workers: 2 });
    let count = 0;
    let lastMs = 0;
    let ordered = true;
    while (cursor.dueMs !== Infinity) {
      ordered &&= cursor.dueMs >= lastMs;
      lastMs = cursor.dueMs;
      count++;
      cursor.advance();
    }
    expect(ordered).toBe(true);
    expect(Math.abs(count - 500_000)).toBeLessThan(2500);
  });

  test('a plan of a thousand hours starts at once', () => {
    const cursor = arrivalCursor(steady(100, 3.6e9, 'poisson'), 1, wholePlan);
    expect(cursor.dueMs).toBeLessThan(1000);
  });
});
