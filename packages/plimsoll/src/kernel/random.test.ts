import { describe, expect, test } from 'vitest';
import { Sfc32, hashText, mixSeed, poissonCount, seededRandom, testRandom } from './random.ts';

const draws = (random: () => number, n: number): number[] => Array.from({ length: n }, random);

/** χ² of counts against expected counts. */
function chiSquare(observed: readonly number[], expected: readonly number[]): number {
  return observed.reduce((sum, o, i) => sum + (o - expected[i]!) ** 2 / expected[i]!, 0);
}

/** The χ² that one in 10,000 honest samples exceeds (Wilson–Hilferty). */
function chiSquareLimit(degrees: number): number {
  const a = 2 / (9 * degrees);
  return degrees * (1 - a + 3.719 * Math.sqrt(a)) ** 3;
}

describe('seeding', () => {
  test('the same parts draw the same numbers, also after reseeding', () => {
    const used = new Sfc32(1, 2);
    used.next();
    used.reseed(5, 7);
    expect(draws(() => used.next(), 50)).toEqual(draws(seededRandom(5, 7), 50));
  });

  test('these numbers are part of the contract: a stored seed must give the same run for ever', () => {
    expect(draws(seededRandom(1), 3)).toMatchInlineSnapshot(`
      [
        0.5090190086608368,
        0.33054832429628933,
        0.5456238050642487,
      ]
    `);
    expect([mixSeed(1, 2), hashText('checkout')]).toMatchInlineSnapshot(`
      [
        1440872931,
        1259066387,
      ]
    `);
  });

  test('neighbouring seeds, swapped parts, another length and high bits are all different sequences', () => {
    const seeds = [
      [],
      [0],
      [1],
      [2],
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 2],
      [2, 1],
      [2 ** 32],
      [2 ** 32 + 1],
      [2 ** 52],
      [-1],
    ];
    expect(new Set(seeds.map((parts) => seededRandom(...parts)())).size).toBe(seeds.length);
    expect(new Set(seeds.map((parts) => mixSeed(...parts))).size).toBe(seeds.length);
  });

  test('first numbers of neighbouring seeds are as uniform as those of one sequence', () => {
    const cells = new Array<number>(100).fill(0);
    for (let slot = 0; slot < 100_000; slot++) cells[Math.floor(seededRandom(1, slot)() * 100)]! += 1;
    expect(
      chiSquare(
        cells,
        cells.map(() => 1000),
      ),
    ).toBeLessThan(chiSquareLimit(99));
  });

  test('names hash apart', () => {
    const names = Array.from({ length: 10_000 }, (_, i) => `scenario ${i}`);
    expect(new Set(names.map(hashText)).size).toBeGreaterThan(9_995);
  });
});

describe('uniform numbers', () => {
  const sample = draws(seededRandom(42), 200_000);

  test('lie in [0, 1), evenly, without memory', () => {
    expect(sample.every((u) => u >= 0 && u < 1)).toBe(true);
    const pairs = new Array<number>(400).fill(0);
    for (let i = 0; i < sample.length; i += 2)
      pairs[Math.floor(sample[i]! * 20) * 20 + Math.floor(sample[i + 1]! * 20)]! += 1;
    expect(
      chiSquare(
        pairs,
        pairs.map(() => sample.length / 800),
      ),
    ).toBeLessThan(chiSquareLimit(399));
  });

  test('use the bits below 2⁻³² too', () => {
    const low = sample.map((u) => (u * 2 ** 32) % 1);
    const cells = new Array<number>(50).fill(0);
    for (const u of low) cells[Math.floor(u * 50)]! += 1;
    expect(
      chiSquare(
        cells,
        cells.map(() => low.length / 50),
      ),
    ).toBeLessThan(chiSquareLimit(49));
  });
});

describe('the random of a test function', () => {
  test('integer: both bounds, each value as often', () => {
    const random = testRandom(3);
    const cells = new Array<number>(6).fill(0);
    for (let i = 0; i < 60_000; i++) cells[random.integer(1, 6) - 1]! += 1;
    expect(
      chiSquare(
        cells,
        cells.map(() => 10_000),
      ),
    ).toBeLessThan(chiSquareLimit(5));
    expect(random.integer(-2, -2)).toBe(-2);
    expect([0.5, 0.9, 1.4].map((low) => random.integer(low, low + 0.6))).toEqual([1, 1, 2]);
  });

  test('pick: only and all of the items', () => {
    const random = testRandom(4);
    expect(new Set(Array.from({ length: 200 }, () => random.pick(['a', 'b', 'c'])))).toEqual(new Set(['a', 'b', 'c']));
  });

  test('impossible wishes say so', () => {
    expect(() => testRandom(1).pick([])).toThrow('the list is empty');
    expect(() => testRandom(1).integer(5, 4)).toThrow('random.integer(5, 4)');
    expect(() => testRandom(1).integer(NaN, 4)).toThrow(RangeError);
  });
});

describe('Poisson counts', () => {
  test.each([0, -1, NaN])('an expectation of %d is no event', (mean) => {
    expect(poissonCount(seededRandom(1), mean)).toBe(0);
  });

  // Both methods, and both sides of the change from one to the other at 10.
  test.each([0.001, 0.3, 2, 9.99, 10, 11, 40, 1000, 1e6])('mean and variance are both %d', (mean) => {
    const random = seededRandom(9, mean * 1000);
    const n = 20_000;
    const counts = draws(() => poissonCount(random, mean), n);
    const average = counts.reduce((sum, k) => sum + k, 0) / n;
    const variance = counts.reduce((sum, k) => sum + (k - mean) ** 2, 0) / n;
    expect(Math.abs(average - mean)).toBeLessThan(4 * Math.sqrt(mean / n));
    // Var of the squared deviation: μ₄ − σ⁴ = 2μ² + μ.
    expect(Math.abs(variance - mean)).toBeLessThan(4 * Math.sqrt((2 * mean ** 2 + mean) / n));
  });

  test.each([0.5, 5, 9.9, 10, 12, 30, 100])('the whole distribution is Poisson at %d', (mean) => {
    const n = 50_000;
    const random = seededRandom(11, mean * 10);
    const low = Math.max(0, Math.ceil(mean - 3 * Math.sqrt(mean)));
    const high = Math.ceil(mean + 3 * Math.sqrt(mean)) + 1;
    // Cells: everything up to `low`, then one by one, then everything from `high`.
    const observed = new Array<number>(high - low + 1).fill(0);
    for (let i = 0; i < n; i++) observed[Math.min(high, Math.max(low, poissonCount(random, mean))) - low]! += 1;
    const expected = new Array<number>(high - low + 1).fill(0);
    let probability = Math.exp(-mean);
    for (let k = 0; k < 400; k++) {
      expected[Math.min(high, Math.max(low, k)) - low]! += n * probability;
      probability *= mean / (k + 1);
    }
    expect(chiSquare(observed, expected)).toBeLessThan(chiSquareLimit(observed.length - 1));
  });
});
