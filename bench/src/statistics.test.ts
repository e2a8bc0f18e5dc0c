import { expect, test } from 'vitest';
import { median, ratioOf, rotated, spread } from './statistics.ts';

test('the median is the middle value, whatever the order, and the mean of two middle ones', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([100, 2, 4, 1])).toBe(3);
  expect(median([7])).toBe(7);
  expect(median([])).toBeNaN();
});

test('one run that the machine spoiled moves the maximum and not the median', () => {
  expect(spread([12, 11, 13, 90, 12])).toEqual({ median: 12, min: 11, max: 90 });
});

test('a ratio is that of the medians, with the least and the greatest of one round', () => {
  // Rounds: 10/10, 12/8, 14/20; medians 12 and 10.
  expect(ratioOf([10, 12, 14], [10, 8, 20])).toEqual({ median: 1.2, min: 0.7, max: 1.5 });
});

test('in as many rounds as there are contenders each of them is first once, and none is left out', () => {
  const rounds = [0, 1, 2, 3].map((round) => rotated(['a', 'b', 'c'], round));
  expect(rounds.map(([first]) => first)).toEqual(['a', 'b', 'c', 'a']);
  for (const order of rounds) expect([...order].sort()).toEqual(['a', 'b', 'c']);
  expect(rotated([], 3)).toEqual([]);
});
