import { expect, test } from 'vitest';
import { snapshotOf } from './snapshot.fixture.ts';
import { startsAfter, WorkerClocks, type SnapshotTime } from './worker-clocks.ts';

function timesOf(spansMs: readonly number[], worker = 0, clocks = new WorkerClocks()): SnapshotTime[] {
  return spansMs.map((spanMs) => clocks.advance(snapshotOf({ worker, spanMs })));
}

test('timers that fire a few ms late add up to nothing', () => {
  const late = timesOf([1002, 1001, 997, 1003, 998, 40]).map(({ lateMs }) => Math.round(lateMs));
  expect(late).toEqual([2, 3, 0, 3, 1, 0]);
});

test('an event loop that stood still from 2.9 s to 5.9 s was 2.9 s late with its third second', () => {
  const times = timesOf([1000, 1000, 3900, 100, 1000]);
  expect(times.map(({ lateMs }) => lateMs)).toEqual([0, 0, 2900, 0, 0]);
  expect(times.map(({ startMs }) => startMs)).toEqual([0, 1000, 2000, 5900, 6000]);
});

test('standing still in the last second shows too', () => {
  expect(timesOf([1000, 3200]).at(-1)?.lateMs).toBe(2200);
});

test('rounding makes no second late, and none begin early', () => {
  const times = timesOf([999.999_999_9, 1000, 1000]);
  expect(times.every(({ lateMs }) => lateMs < 1)).toBe(true);
  expect(times.map(({ startMs }) => startsAfter(startMs, 1000))).toEqual([false, true, true]);
});

test('each worker has its own clock; the furthest tells how much has passed', () => {
  const clocks = new WorkerClocks();
  expect(clocks.elapsedMs).toBe(0);
  timesOf([1000, 1000], 0, clocks);
  expect(timesOf([1000], 1, clocks)).toEqual([{ startMs: 0, lateMs: 0 }]);
  expect(clocks.elapsedMs).toBe(2000);
});
