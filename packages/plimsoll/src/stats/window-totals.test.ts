import { expect, test } from 'vitest';
import { snapshotOf } from './snapshot.fixture.ts';
import { WindowTotals } from './window-totals.ts';

const filled = (longestSeconds: number, spans: readonly number[]) => {
  const windows = new WindowTotals(longestSeconds);
  for (const [second, spanMs] of spans.entries()) windows.add(second, spanMs, [snapshotOf({ second, spanMs })]);
  return (windowMs: number) => windows.latest(windowMs)?.map((each) => each.second);
};

test('there is no window before it is full', () => {
  const latest = filled(5, [1000, 1000, 1000]);
  expect(latest(1000)).toEqual([2]);
  expect(latest(3000)).toEqual([0, 1, 2]);
  expect(latest(4000)).toBeUndefined();
  expect(filled(5, [])(1000)).toBeUndefined();
});

test('a second is full although its timer came a little early', () => {
  expect(filled(3, [999.6, 1000.2, 999.1])(3000)).toEqual([0, 1, 2]);
});

test('the fraction at the end of a test is no window of its own', () => {
  const latest = filled(2, [1000, 1000, 1000, 200]);
  expect(latest(1000)).toEqual([2, 3]);
  expect(latest(2000)).toEqual([1, 2, 3]);
});

test('a snapshot that was late covers the seconds it spans', () => {
  expect(filled(3, [1000, 1000, 3000])(3000)).toEqual([2]);
});

test('a window of half a second is made of whole seconds', () => {
  expect(filled(1, [1000, 1000])(500)).toEqual([1]);
});

test('no more is kept than the longest window needs', () => {
  const windows = new WindowTotals(3);
  for (let second = 0; second < 10_000; second++) windows.add(second, 1000, []);
  expect(windows.latest(3000)!.map((each) => each.second)).toEqual([9997, 9998, 9999]);
  expect(windows.latest(4000)).toBeUndefined();
});
