/** What is told of a message long after it has arrived: its publisher waits for an answer, or for a time-out. */
import { describe, expect, test } from 'vitest';
import { clean, PlayedFanOut } from './ledger.fixture.ts';
import { writeStamp } from './message-record.ts';

describe('a publishing that takes longer than the drain', () => {
  /** Four in the room, of whom the last gets nothing, and one outside, who does. */
  function slow(given: { id?: string; ok?: boolean; tookMs: number }): PlayedFanOut {
    const played = new PlayedFanOut(2).joined(0, 0).joined(1, 0).joined(2, 0).joined(3, 0).joined(4, 1);
    const key = played.publish(0, 1000, given);
    for (const subscriber of [0, 1, 2, 4]) played.arrive(subscriber, key, 1010 + subscriber);
    return played.arrive(0, key, 1020);
  }
  const all = { received: 5, heard: 5 };

  test.each<[string, { readonly id?: string }]>([
    ['by its stamp', {}],
    ["by the service's own id", { id: 'a' }],
  ])('is in the books as any other: %s', (_, named) => {
    const { counts, detail } = slow({ ...named, tookMs: 9000 }).play(14_000);
    const expected = { published: 1, owed: 4, delivered: 3, lost: 1, leaked: 1, duplicated: 1 };
    expect(counts).toMatchObject({ ...clean, ...expected, ...all });
    expect(detail.rooms).toMatchObject([{ room: 0, published: 1, owed: 4, leaked: 1 }]);
    expect(detail.sharedId).toBeUndefined();
  });

  test('and fails: what arrived all the same is ambiguous, and a leak a leak', () => {
    const { counts } = slow({ ok: false, tookMs: 9000 }).play(14_000);
    const expected = { published: 0, unpublished: 1, owed: 0, ambiguous: 3, ambiguousReceived: 3 };
    expect(counts).toMatchObject({ ...clean, ...expected, leaked: 1, duplicated: 1, ...all });
  });

  test.each([
    ['goes on when the test ends', (played: PlayedFanOut) => played],
    ['was in a worker that died', (played: PlayedFanOut) => played.lose(0, 4000)],
  ])('and %s: nobody is owed the message', (_, happens) => {
    const { counts } = happens(slow({ tookMs: 1e6 })).play(14_000);
    const expected = { published: 0, unpublished: 0, owed: 0, ambiguous: 3, ambiguousReceived: 3 };
    expect(counts).toMatchObject({ ...clean, ...expected, leaked: 1, duplicated: 1, ...all });
  });

  test('keeps nothing late: the drain is of the message, and not of its publisher', () => {
    const played = slow({ tookMs: 9000 });
    played.arrive(3, writeStamp('run', { room: 0, publisher: 0, sequence: 0 }), 3500);
    expect(played.play(14_000).counts).toMatchObject({ owed: 4, delivered: 3, lost: 1, late: 1, received: 6 });
  });

  test('is remembered for one more drain when its books are closed: a second copy is a copy, and not late', () => {
    const played = slow({ tookMs: 9000 });
    played.arrive(0, writeStamp('run', { room: 0, publisher: 0, sequence: 0 }), 11_900);
    expect(played.play(16_000).counts).toMatchObject({ owed: 4, delivered: 3, duplicated: 2, late: 0, received: 6 });
  });

  test('gives ids a minute: then what came under one is unknown, and who had the message nobody can say', () => {
    const { counts, detail } = slow({ id: 'a', tookMs: 70_000 }).play(75_000);
    expect(counts).toMatchObject({ ...clean, published: 1, owed: 0, ambiguous: 4, unknown: 5, ...all });
    expect(detail.sharedId).toBeUndefined();
  });

  test('does not keep what came before it, or under no id of this run', () => {
    const played = new PlayedFanOut().joined(0, 0);
    played.arrive(0, '#stray', 900).arrive(0, writeStamp('other', { room: 0, publisher: 0, sequence: 0 }), 1500);
    played.publish(0, 1000, { tookMs: 1e6 });
    const told: number[] = [];
    played.play(8000, 0, ({ unknown }) => told.push(unknown));
    // By the second; each a drain of 2 s and a look-back of 1 s after it came.
    expect(told).toEqual([0, 0, 0, 1, 1, 0, 0, 0, 0]);
  });
});
