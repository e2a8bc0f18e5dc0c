import { expect, test } from 'vitest';
import { Histogram } from '../histogram.ts';
import { RecoveryBook } from './recovery-book.ts';

/** Subscriber s goes at 0 and is back after so many ms, if at all. */
function bookOf(backMs: readonly (number | undefined)[]): RecoveryBook {
  const book = new RecoveryBook();
  for (const subscriber of backMs.keys()) book.add({ subscriber, what: 'gone', atMs: 0 });
  for (const [subscriber, atMs] of backMs.entries()) {
    if (atMs === undefined) continue;
    book.add({ subscriber, what: 'attempt', atMs: atMs - 10 });
    book.add({ subscriber, what: 'back', atMs });
  }
  return book;
}

test('nobody went: there is nothing to say', () => {
  expect(new RecoveryBook().result(0, 0)).toBeUndefined();
});

test('the time until half of those gone were back is to 0.1 %, and that of the last one is exact', () => {
  const backMs = Array.from({ length: 100 }, (_, at) => 1000.123 + 50 * at);
  const { p50Ms, p95Ms, allMs } = bookOf(backMs).result(0, 9000)!;
  expect(Math.abs(p50Ms! / backMs[49]! - 1)).toBeLessThan(0.001);
  expect(Math.abs(p95Ms! / backMs[94]! - 1)).toBeLessThan(0.001);
  expect(allMs).toBe(backMs[99]);
});

test('shares are of those gone, not of those that came back', () => {
  const result = bookOf([...Array.from({ length: 6 }, () => 500), ...Array<undefined>(4)]).result(0, 9000);
  expect(result).toMatchObject({ gone: 10, back: 6, attempts: 6, p50Ms: 500, p95Ms: null, allMs: null });
});

test('who was cut and lost went once', () => {
  const book = new RecoveryBook();
  book.add({ subscriber: 3, what: 'gone', atMs: 100 });
  book.add({ subscriber: 3, what: 'gone', atMs: 101 });
  book.add({ subscriber: 3, what: 'back', atMs: 400 });
  expect(book.result(0, 1000)).toMatchObject({ gone: 1, back: 1, allMs: 300 });
});

test('how long each was away is told once', () => {
  const book = bookOf([500, undefined, 700]);
  const told = new Histogram();
  told.add(book.takeTimes());
  expect([told.count, told.minUs, told.maxUs]).toEqual([2, 500_000, 700_000]);
  book.add({ subscriber: 1, what: 'back', atMs: 900 });
  const after = new Histogram();
  after.add(book.takeTimes());
  expect([after.count, after.maxUs]).toEqual([1, 900_000]);
});

test('who is away for longer than a histogram can tell is still the last', () => {
  expect(bookOf([3_600_000]).result(0, 3_600_000)).toMatchObject({ allMs: 3_600_000 });
});
