import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { editDistance, nearest } from './nearest.ts';

test.each([
  ['kitten', 'sitting', 3],
  ['rate', 'raet', 1],
  ['', 'abc', 3],
])('from %s to %s it takes %i edits', (left, right, distance) => expect(editDistance(left, right)).toBe(distance));

test('a slip of the finger is understood, another word is not', () => {
  const flags = ['--vus', '--rate', '--duration', '--iterations'];
  expect(nearest('--durtaion', flags)).toBe('--duration');
  expect(nearest('--RATE', flags)).toBe('--rate');
  expect(nearest('--color', flags)).toBeUndefined();
});

property.prop([fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 })])(
  'the distance is symmetric, and zero for equal words alone',
  (left, right) => {
    expect(editDistance(left, right)).toBe(editDistance(right, left));
    expect(editDistance(left, right) === 0).toBe(left === right);
  },
);
