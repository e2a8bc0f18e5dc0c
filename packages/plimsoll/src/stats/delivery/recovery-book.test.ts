import { expect, test } from 'vitest';
import { RecoveryBook } from './recovery-book.ts';

/** Of one subscriber that was cut at 0 and tries to come back. */
function peakOf(attemptsMs: readonly number[]): number {
  const book = new RecoveryBook();
  book.change({ subscriber: 0, room: 0, change: 'cut', atMs: 0 });
  for (const atMs of attemptsMs) book.add({ subscriber: 0, what: 'attempt', atMs });
  return book.result(0)!.peakAttemptsPerSecond;
}

test.each<[string, readonly number[], number]>([
  ['no attempt', [], 0],
  ["a burst across a second's edge", [1900, 1950, 1999, 2000, 2050, 2100], 6],
  ['the same, told by one worker after the other', [2000, 2050, 2100, 1900, 1950, 1999], 6],
  ['a second later is another second', [500, 1500, 2500], 1],
  ['just less than a second later is the same', [500, 1499.9], 2],
])('the most attempts in any second: %s', (_, attemptsMs, most) => {
  expect(peakOf(attemptsMs)).toBe(most);
});

test('it may be asked again and again while attempts go on', () => {
  const book = new RecoveryBook();
  book.change({ subscriber: 0, room: 0, change: 'lost', atMs: 0 });
  for (const [atMs, peak] of [
    [5900, 1],
    [5100, 2],
    [7000, 2],
    [5950, 3],
  ] as const) {
    book.add({ subscriber: 0, what: 'attempt', atMs });
    expect(book.result(0)).toMatchObject({ peakAttemptsPerSecond: peak });
  }
});
