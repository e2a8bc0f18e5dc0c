import { expect, test } from 'vitest';
import { Histogram } from './histogram.ts';
import { whileUnchanged } from './while-unchanged.ts';

/** Tells the maximum, and how often it was asked to. */
function counting(): { readonly maxOf: (histogram: Histogram) => number; readonly worked: () => number } {
  let times = 0;
  const maxOf = whileUnchanged((histogram) => {
    times++;
    return histogram.maxUs;
  });
  return { maxOf, worked: () => times };
}

function holding(...values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const us of values) histogram.record(us);
  return histogram;
}

test('works out once what has not changed', () => {
  const { maxOf, worked } = counting();
  const histogram = holding(5, 7);
  expect([maxOf(histogram), maxOf(histogram), worked()]).toEqual([7, 7, 1]);
});

test.each<readonly [string, (histogram: Histogram) => void]>([
  ['recorded', (histogram) => histogram.record(9)],
  ['added', (histogram) => histogram.add(holding(9).toDelta())],
  ['merged', (histogram) => histogram.merge(holding(9))],
  ['added as a counter', (histogram) => histogram.addCounter(9, 1, { sumUs: 9, minUs: 9, maxUs: 9, clamped: 0 })],
])('works it out again for what was %s', (_, change) => {
  const { maxOf, worked } = counting();
  const histogram = holding(5, 7);
  maxOf(histogram);
  change(histogram);
  expect([maxOf(histogram), maxOf(histogram), worked()]).toEqual([9, 9, 2]);
});

test('does not take a histogram for the one before its reset because it holds as many', () => {
  const { maxOf } = counting();
  const histogram = holding(5, 7);
  maxOf(histogram);
  histogram.takeDelta();
  histogram.record(1);
  histogram.record(2);
  expect(maxOf(histogram)).toBe(2);
});

test('keeps two histograms apart', () => {
  const { maxOf } = counting();
  expect([maxOf(holding(5)), maxOf(holding(8))]).toEqual([5, 8]);
});
