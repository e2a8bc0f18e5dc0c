import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Stage } from '../model/load-model.ts';
import { expectedBy, ratePerSecondAt, rateShape, timeOfCount } from './shapes.ts';

const fixed = { seed: 5, numRuns: 200 };

const shape = (startRate: number, ...stages: (readonly [durationMs: number, target: number])[]) =>
  rateShape({ startRate, stages: stages.map(([durationMs, target]) => ({ durationMs, target })) });

const anyStage: fc.Arbitrary<Stage> = fc.record({
  durationMs: fc.oneof(
    fc.constant(0),
    fc.integer({ min: 1, max: 100_000 }),
    fc.double({ min: 0.01, max: 1000, noNaN: true }),
  ),
  target: fc.oneof(
    fc.constant(0),
    fc.integer({ min: 1, max: 10_000 }),
    fc.double({ min: 0.01, max: 100, noNaN: true }),
  ),
});
const anyShape = fc
  .record({
    startRate: fc.oneof(fc.constant(0), fc.nat(1000)),
    stages: fc.array(anyStage, { minLength: 1, maxLength: 6 }),
  })
  .map(rateShape);

describe('known shapes', () => {
  test('50/s for 10 s expects 500, one each 20 ms', () => {
    const constant = shape(50, [10_000, 50]);
    expect(constant.expected).toBe(500);
    expect([0, 1, 2, 499].map((k) => timeOfCount(constant, k))).toEqual([0, 20, 40, 9980]);
    expect(timeOfCount(constant, 500)).toBe(Infinity);
  });

  test('a ramp from 0 to 100/s over 10 s expects 500, half of them in the last 2.93 s', () => {
    const ramp = shape(0, [10_000, 100]);
    expect(ramp.expected).toBe(500);
    expect(timeOfCount(ramp, 250)).toBeCloseTo(10_000 * Math.SQRT1_2, 6);
    expect(expectedBy(ramp, 5000)).toBe(125);
    expect(ratePerSecondAt(ramp, 5000)).toBe(50);
  });

  test('a ramp down to 0 mirrors the ramp up', () => {
    const down = shape(100, [10_000, 0]);
    expect(timeOfCount(down, 250)).toBeCloseTo(10_000 * (1 - Math.SQRT1_2), 6);
    expect(timeOfCount(down, 499.999)).toBeLessThanOrEqual(10_000);
  });

  test('a stage without length is a jump', () => {
    const jump = shape(10, [1000, 10], [0, 100], [1000, 100]);
    expect(jump.expected).toBe(110);
    expect([999, 1000, 1001].map((t) => ratePerSecondAt(jump, t))).toEqual([10, 100, 100]);
    expect([9, 10, 11].map((k) => timeOfCount(jump, k))).toEqual([900, 1000, 1010]);
  });

  test('a stretch of rate 0 is skipped: at the start, in the middle, at the end', () => {
    const gaps = shape(0, [5000, 0], [0, 10], [1000, 10], [0, 0], [60_000, 0], [0, 10], [1000, 10], [0, 0], [5000, 0]);
    expect(gaps.expected).toBe(20);
    expect([0, 9, 10, 19, 20].map((k) => timeOfCount(gaps, k))).toEqual([5000, 5900, 66_000, 66_900, Infinity]);
    expect([0, 5500, 30_000, 66_500, 70_000].map((t) => ratePerSecondAt(gaps, t))).toEqual([0, 10, 0, 10, 0]);
  });

  test('no rate, or no time, is no arrival', () => {
    expect(timeOfCount(shape(0, [1000, 0]), 0)).toBe(Infinity);
    expect(timeOfCount(shape(5, [0, 10]), 0)).toBe(Infinity);
    expect(expectedBy(shape(5, [0, 10]), 7)).toBe(0);
    expect(ratePerSecondAt(shape(5, [0, 10]), 0)).toBe(0);
  });

  test('before and after the plan nothing happens', () => {
    const constant = shape(50, [10_000, 50]);
    expect([-1, 10_000, 1e9].map((t) => ratePerSecondAt(constant, t))).toEqual([0, 0, 0]);
    expect([-1, 10_000, 1e9].map((t) => expectedBy(constant, t))).toEqual([0, 500, 500]);
  });

  test('thirds add up: 1/3 per s for 9 s is 3, not 4', () => {
    const thirds = shape(1 / 3, [3000, 1 / 3], [3000, 1 / 3], [3000, 1 / 3]);
    expect([2, 3].map((k) => Number.isFinite(timeOfCount(thirds, k)))).toEqual([true, false]);
  });
});

describe('for any plan', () => {
  test('the integral is the sum of thin slices of the rate', () => {
    fc.assert(
      fc.property(anyShape, fc.double({ min: 0, max: 1, noNaN: true }), (plan, part) => {
        const endMs = part * plan.durationMs;
        const slices = 4000;
        let sum = 0;
        for (let i = 0; i < slices; i++)
          sum += (ratePerSecondAt(plan, ((i + 0.5) / slices) * endMs) / 1000) * (endMs / slices);
        // A jump may fall into one slice, which is then off by up to the whole step.
        const slack = ((6 * 10_000) / 1000) * (endMs / slices);
        expect(Math.abs(expectedBy(plan, endMs) - sum)).toBeLessThanOrEqual(slack + 1e-6);
      }),
      { ...fixed, numRuns: 50 },
    );
  });

  test('the inverse inverts, stays inside of the plan and never runs backwards', () => {
    fc.assert(
      fc.property(anyShape, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (plan, part) => {
        const count = part * plan.expected;
        const tMs = timeOfCount(plan, count);
        fc.pre(tMs !== Infinity);
        expect(tMs).toBeGreaterThanOrEqual(0);
        expect(tMs).toBeLessThanOrEqual(plan.durationMs);
        expect(Math.abs(expectedBy(plan, tMs) - count)).toBeLessThanOrEqual(1e-6 + plan.expected * 1e-9);
        expect(timeOfCount(plan, count + 0.01)).toBeGreaterThanOrEqual(tMs);
      }),
      fixed,
    );
  });
});
