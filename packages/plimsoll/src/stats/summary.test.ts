import { describe, expect, test } from 'vitest';
import { Histogram } from './histogram.ts';
import { percentileSupport, summarise } from './summary.ts';

function upTo(n: number): Histogram {
  const histogram = new Histogram();
  for (let us = 1; us <= n; us++) histogram.record(us);
  return histogram;
}

test('1 to 1,000 µs, in ms', () => {
  expect(summarise(upTo(1000))).toEqual({
    count: 1000,
    mean: 0.5005,
    sd: 0.288675,
    min: 0.001,
    p50: 0.5,
    p90: 0.9,
    p95: 0.95,
    p99: 0.99,
    p999: 0.999,
    p9999: null,
    max: 1,
    approximate: ['p999'],
    clamped: 0,
  });
});

test('of nothing nothing is said', () => {
  const nothing = {
    mean: null,
    sd: null,
    min: null,
    p50: null,
    p90: null,
    p95: null,
    p99: null,
    p999: null,
    p9999: null,
  };
  expect(summarise(new Histogram())).toEqual({ count: 0, ...nothing, max: null, approximate: [], clamped: 0 });
});

test('one sample has a mean and a maximum, but no median', () => {
  const { mean, sd, min, p50, max, approximate } = summarise(upTo(1));
  expect({ mean, sd, min, p50, max, approximate }).toEqual({
    mean: 0.001,
    sd: 0,
    min: 0.001,
    p50: null,
    max: 0.001,
    approximate: [],
  });
});

test('clamped values are passed on', () => {
  const histogram = new Histogram();
  histogram.record(Infinity);
  expect(summarise(histogram)).toMatchObject({ clamped: 1, max: 2_147_483.647 });
});

describe('n(1 − p): from 10 plain, from 1 approximate, below withheld', () => {
  // Exactly 10 and exactly 1 beyond: floating point alone would say 9.999999999999998 for 100 samples at p90.
  test.each([
    ['p50', 20, 2],
    ['p90', 100, 10],
    ['p95', 200, 20],
    ['p99', 1000, 100],
    ['p999', 10_000, 1000],
    ['p9999', 100_000, 10_000],
  ] as const)('%s needs %i and %i samples', (name, plain, approximate) => {
    expect(percentileSupport(name, plain)).toBe('plain');
    expect(percentileSupport(name, plain - 1)).toBe('approximate');
    expect(percentileSupport(name, approximate)).toBe('approximate');
    expect(percentileSupport(name, approximate - 1)).toBe('withheld');
  });

  test('approximate ones are shown and named, withheld ones are null', () => {
    const { p50, p90, p95, p99, approximate } = summarise(upTo(60));
    expect({ p50, p90, p95, p99, approximate }).toEqual({
      p50: 0.03,
      p90: 0.054,
      p95: 0.057,
      p99: null,
      approximate: ['p90', 'p95'],
    });
  });
});
