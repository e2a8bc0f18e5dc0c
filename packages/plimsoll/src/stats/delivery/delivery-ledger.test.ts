import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clean, PlayedFanOut } from './ledger.fixture.ts';
import { writeStamp } from './message-record.ts';

describe('the books of a fan-out', () => {
  test('a healthy one: everybody owed has it, and nothing is reported', () => {
    const played = new PlayedFanOut(2);
    for (const subscriber of [0, 1, 2]) played.joined(subscriber, 0);
    for (let sequence = 0; sequence < 20; sequence++) {
      const key = played.publish(sequence, 1000 + sequence * 50);
      for (const subscriber of [0, 1, 2]) played.arrive(subscriber, key, 1000 + sequence * 50 + 5 + subscriber);
    }
    const { counts, detail, reach } = played.play(5000);
    expect(counts).toMatchObject({ published: 20, owed: 60, delivered: 60, received: 60, heard: 60, ...clean });
    expect([reach, detail.troubled, detail.incidents]).toEqual([1, 0, []]);
  });

  test('one that did not come is lost, for whom and which', () => {
    const played = new PlayedFanOut().joined(0, 0).joined(1, 0);
    for (let sequence = 0; sequence < 3; sequence++) {
      const key = played.publish(sequence, 1000 + sequence);
      played.arrive(0, key, 1010 + sequence);
      if (sequence !== 1) played.arrive(1, key, 1010 + sequence);
    }
    const { counts, detail } = played.play(5000);
    expect(counts).toMatchObject({ ...clean, owed: 6, delivered: 5, lost: 1 });
    expect(detail.incidents).toEqual([
      { kind: 'lost', subscriber: 1, room: 0, publisher: 0, sequence: 1, sentMs: 1001 },
    ]);
    expect(detail.subscribers).toMatchObject([{ subscriber: 1, lost: 1 }]);
  });

  test('two swapped are one out of order; one that comes twice is one duplicate', () => {
    const played = new PlayedFanOut().joined(0, 0);
    const keys = [0, 1, 2].map((sequence) => played.publish(sequence, 1000 + sequence));
    played.arrive(0, keys[0]!, 1010).arrive(0, keys[2]!, 1011).arrive(0, keys[1]!, 1012).arrive(0, keys[1]!, 1013);
    expect(played.play(5000).counts).toMatchObject({
      ...clean,
      delivered: 3,
      reordered: 1,
      duplicated: 1,
      received: 4,
    });
  });

  test.each([
    ['within the drain it is out of order', 2099, { reordered: 1, delivered: 2, late: 0, lost: 0 }],
    [
      'a moment behind it, before its books are closed, it is late',
      2101,
      { reordered: 0, delivered: 1, late: 1, lost: 1 },
    ],
    ['long behind it, it is late', 4500, { reordered: 0, delivered: 1, late: 1, lost: 1 }],
  ])('one that is overtaken: %s, and the one after it is in order', (_, atMs, expected) => {
    const played = new PlayedFanOut(1, { drainMs: 1000 }).joined(0, 0);
    const overtaken = played.publish(0, 1100);
    played.arrive(0, played.publish(1, 1200), 1210).arrive(0, overtaken, atMs);
    played.arrive(0, played.publish(2, 4600), 4610);
    const { counts } = played.play(8000);
    expect(counts).toMatchObject({ ...clean, ...expected, delivered: expected.delivered + 1, received: 3 });
  });

  test('order is of one publisher in one room: two of them may overtake each other', () => {
    const played = new PlayedFanOut().joined(0, 0);
    const first = played.publish(0, 1000, { publisher: 0 });
    const second = played.publish(0, 1001, { publisher: 1 });
    const third = played.publish(1, 1002, { publisher: 0 });
    played.arrive(0, second, 1010).arrive(0, first, 1011).arrive(0, third, 1012);
    expect(played.play(5000).counts).toMatchObject({ ...clean, delivered: 3 });
  });

  test('what reaches somebody who never joined, or has left, is a leak', () => {
    const played = new PlayedFanOut().joined(0, 0).joined(1, 1).joined(2, 0).change(2, 0, 'left', 1000);
    const key = played.publish(0, 2000);
    for (const subscriber of [0, 1, 2]) played.arrive(subscriber, key, 2010);
    const { counts, detail } = played.play(6000);
    expect(counts).toMatchObject({ ...clean, owed: 1, delivered: 1, leaked: 2, received: 3 });
    expect(detail.rooms).toMatchObject([{ room: 0, leaked: 2 }]);
  });

  test('what was published before somebody joined may be a replay: it is ambiguous, not a leak', () => {
    const played = new PlayedFanOut().joined(0, 0).joined(1, 0, 3000);
    const key = played.publish(0, 2000);
    played.arrive(0, key, 2010).arrive(1, key, 3010);
    expect(played.play(6000).counts).toMatchObject({ ...clean, ambiguous: 1, ambiguousReceived: 1, delivered: 1 });
  });

  test('behind the drain a delivery is late, and was lost', () => {
    const played = new PlayedFanOut(1, { drainMs: 1000 }).joined(0, 0);
    played.arrive(0, played.publish(0, 1000), 4500);
    expect(played.play(8000).counts).toMatchObject({ ...clean, owed: 1, lost: 1, late: 1, received: 1 });
  });

  test('a moment behind the drain it is late as well, though nothing is settled yet', () => {
    const played = new PlayedFanOut(1, { drainMs: 1000 }).joined(0, 0);
    played.arrive(0, played.publish(0, 1000), 1999).arrive(0, played.publish(1, 1100), 2101);
    expect(played.play(8000).counts).toMatchObject({ ...clean, owed: 2, delivered: 1, lost: 1, late: 1, received: 2 });
  });

  test.each([
    ['a moment', 2101],
    ['long', 4500],
  ])('%s behind the drain a leak is a leak', (_, atMs) => {
    const played = new PlayedFanOut(1, { drainMs: 1000 }).joined(0, 0).joined(1, 1);
    played.joined(2, 0).change(2, 0, 'left', 500).joined(3, 0, 1800);
    const key = played.publish(0, 1100);
    for (const subscriber of [0, 1, 2, 3]) played.arrive(subscriber, key, atMs);
    const { counts, detail } = played.play(8000);
    // The last one joined behind the publishing: what it gets may be a replay.
    expect(counts).toMatchObject({ ...clean, owed: 1, lost: 1, late: 2, leaked: 2, received: 4 });
    expect(detail.rooms).toMatchObject([{ room: 0, leaked: 2 }]);
  });

  test('a drain that the end cuts short calls nothing lost', () => {
    const played = new PlayedFanOut().joined(0, 0);
    played.publish(0, 4000);
    expect(played.play(5000).counts).toMatchObject({ ...clean, owed: 0, ambiguous: 1 });
  });

  test('ids of the service: known once the publisher has told of them, in another worker and later', () => {
    const played = new PlayedFanOut(2).joined(1, 0);
    for (const [sequence, id] of ['a', 'b', 'c'].entries()) {
      const atMs = 1950 + sequence * 20;
      played.arrive(1, played.publish(sequence, atMs, { id, tookMs: 100 }), atMs + 15);
    }
    const { counts, times } = played.play(6000);
    expect(counts).toMatchObject({ ...clean, owed: 3, delivered: 3 });
    expect(times.latency.mean).toBeCloseTo(15_000, -2);
  });

  test('what comes again behind the drain is a duplicate; for whom it is the first, it is late', () => {
    const played = new PlayedFanOut(1, { drainMs: 1000 }).joined(0, 0).joined(1, 0);
    const key = played.publish(3, 1000, { room: 0, publisher: 2, id: 'a' });
    played.arrive(0, key, 1010).arrive(0, key, 2800).arrive(1, key, 2800).arrive(1, key, 2900);
    const { counts, detail } = played.play(8000);
    expect(counts).toMatchObject({ ...clean, owed: 2, delivered: 1, lost: 1, late: 1, duplicated: 2, received: 4 });
    expect(detail.incidents.find(({ kind }) => kind === 'late')).toEqual({
      kind: 'late',
      subscriber: 1,
      room: 0,
      publisher: 2,
      sequence: 3,
      sentMs: 1000,
    });
  });

  test('one that was late before its books were closed is a duplicate when it comes again', () => {
    const played = new PlayedFanOut(1, { drainMs: 1000 }).joined(0, 0);
    const key = played.publish(0, 1500);
    played.arrive(0, key, 2700).arrive(0, key, 3400);
    expect(played.play(8000).counts).toMatchObject({ ...clean, owed: 1, lost: 1, late: 1, duplicated: 1, received: 2 });
  });

  test('a whole drain later nobody remembers who had it: it is late', () => {
    const played = new PlayedFanOut(1, { drainMs: 1000 }).joined(0, 0);
    const key = played.publish(0, 1000);
    played.arrive(0, key, 1010).arrive(0, key, 6500);
    expect(played.play(9000).counts).toMatchObject({ ...clean, owed: 1, delivered: 1, late: 1, received: 2 });
  });

  test('what names no message is unknown however late it comes', () => {
    const played = new PlayedFanOut(1, { drainMs: 1000 }).joined(0, 0);
    played.arrive(0, '#stray', 1000).arrive(0, '#stray', 4500);
    expect(played.play(8000).counts).toMatchObject({ ...clean, unknown: 2, received: 2 });
  });

  test('what names no message is unknown each time that it comes, and duplicates nothing', () => {
    const played = new PlayedFanOut(1, { drainMs: 1000 }).joined(0, 0);
    const stamp = writeStamp('other', { room: 0, publisher: 0, sequence: 0 });
    for (const key of ['#stray', stamp]) played.arrive(0, key, 1000).arrive(0, key, 1001).arrive(0, key, 4500);
    const { counts, detail } = played.play(8000);
    expect(counts).toMatchObject({ ...clean, unknown: 6, received: 6, heard: 6 });
    expect(detail.incidents).toEqual([]);
  });

  test('what came twice before its publisher had told of it is a duplicate all the same', () => {
    const played = new PlayedFanOut(2).joined(1, 0);
    const id = played.publish(0, 1000, { id: 'a', tookMs: 1500 });
    played.arrive(1, id, 1010).arrive(1, id, 1011).arrive(1, id, 2800);
    expect(played.play(8000).counts).toMatchObject({ ...clean, owed: 1, delivered: 1, duplicated: 2, received: 3 });
  });

  test('an acknowledgement that is taken for an id loses nothing: the stamp still names the message', () => {
    const played = new PlayedFanOut(2).joined(0, 0).joined(1, 0);
    for (let sequence = 0; sequence < 5; sequence++) {
      const sentMs = 1000 + sequence * 800;
      played.publish(sequence, sentMs, { id: 'ok', tookMs: 5 });
      const key = writeStamp('run', { room: 0, publisher: 0, sequence });
      played.arrive(0, key, sentMs + 3);
      if (sequence !== 3) played.arrive(1, key, sentMs + 4);
    }
    const { counts, detail } = played.play(9000);
    expect(counts).toMatchObject({ ...clean, published: 5, owed: 10, delivered: 9, lost: 1, received: 9 });
    expect(detail.sharedId).toBe('ok');
  });

  test('by id and by stamp it is one message', () => {
    const played = new PlayedFanOut().joined(0, 0).joined(1, 0);
    const id = played.publish(0, 1000, { id: 'a', tookMs: 50 });
    const stamp = writeStamp('run', { room: 0, publisher: 0, sequence: 0 });
    played.arrive(0, id, 1010).arrive(1, stamp, 1010).arrive(0, stamp, 1020);
    const { counts, detail } = played.play(6000);
    expect(counts).toMatchObject({ ...clean, owed: 2, delivered: 2, duplicated: 1, received: 3 });
    expect(detail.sharedId).toBeUndefined();
  });

  test('a publisher that is told the id long after the event is not too late, as long as the drain goes on', () => {
    const played = new PlayedFanOut().joined(0, 0).joined(1, 0);
    const id = played.publish(0, 1000, { id: 'a', tookMs: 2200 });
    played.arrive(0, id, 1010).arrive(1, id, 1020).arrive(1, id, 1030);
    expect(played.play(6000).counts).toMatchObject({ ...clean, owed: 2, delivered: 2, duplicated: 1, received: 3 });
  });

  test('where a service gives an id twice, nobody can say what of it arrived: nothing is lost', () => {
    const played = new PlayedFanOut().joined(0, 0);
    for (const [sequence, id] of ['a', 'b', 'b', 'c', 'b'].entries()) {
      const sentMs = 1000 + sequence * 10;
      played.arrive(0, played.publish(sequence, sentMs, { id }), sentMs + 5);
    }
    const { counts, detail } = played.play(6000);
    expect(counts).toMatchObject({ ...clean, owed: 2, delivered: 2, ambiguous: 3, unknown: 3, received: 5 });
    expect(detail.sharedId).toBe('b');
  });

  test('an id that is given again when the first message is settled', () => {
    const played = new PlayedFanOut(1, { drainMs: 1000 }).joined(0, 0);
    played.arrive(0, played.publish(0, 1000, { id: 'b' }), 1005);
    played.arrive(0, played.publish(1, 5000, { id: 'b' }), 5005);
    const { counts, detail } = played.play(9000);
    expect(counts).toMatchObject({ ...clean, owed: 1, delivered: 1, ambiguous: 1, unknown: 1, received: 2 });
    expect(detail.sharedId).toBe('b');
  });

  test('a message that could not be published is owed to nobody, and one of another run is unknown', () => {
    const played = new PlayedFanOut().joined(0, 0);
    const failed = played.publish(0, 1000, { ok: false });
    played.arrive(0, failed, 1010).arrive(0, writeStamp('other', { room: 0, publisher: 0, sequence: 0 }), 1020);
    expect(played.play(6000).counts).toMatchObject({
      ...clean,
      published: 0,
      unpublished: 1,
      owed: 0,
      ambiguous: 1,
      ambiguousReceived: 1,
      unknown: 1,
      received: 2,
    });
  });

  test('events of others: order, duplicates and leaks, but no reach', () => {
    const played = new PlayedFanOut().joined(0, 0).joined(1, 1);
    for (const [at, sequence] of [5, 7, 6, 6].entries()) played.foreign(0, 0, 'optimiser', sequence, 1000 + at);
    played.foreign(1, 0, 'optimiser', 5, 1005);
    const { counts, reach } = played.play(5000);
    expect(counts).toMatchObject({
      ...clean,
      foreign: 3,
      reordered: 1,
      duplicated: 1,
      leaked: 1,
      received: 5,
      heard: 5,
    });
    expect(reach).toBeNull();
  });

  test('a storm: who was away, what it missed, and how long until half, 95 % and all were back', () => {
    const played = new PlayedFanOut();
    for (let subscriber = 0; subscriber < 20; subscriber++) played.joined(subscriber, 0);
    // All go at 2 s; subscriber s is back after 100 · (s + 1) ms, but for the last, which never is.
    for (let subscriber = 0; subscriber < 20; subscriber++) {
      played.change(subscriber, 0, 'cut', 2000);
      if (subscriber === 19) continue;
      const backMs = 2000 + 100 * (subscriber + 1);
      played
        .returned(subscriber, 'attempt', backMs - 10)
        .joined(subscriber, 0, backMs)
        .returned(subscriber, 'back', backMs);
    }
    played.publish(0, 2050);
    const { counts, detail } = played.play(8000);
    expect(counts).toMatchObject({ owed: 0, missed: 20 });
    expect(detail.recovery).toEqual({
      gone: 20,
      back: 19,
      attempts: 19,
      peakAttemptsPerSecond: 10,
      p50Ms: expect.closeTo(1000, 0) as number,
      p95Ms: expect.closeTo(1900, 0) as number,
      allMs: null,
      mostMissed: 1,
    });
  });

  test('who was not let in is counted, until it is; who was away and was not let in misses what is said', () => {
    const played = new PlayedFanOut();
    played.change(0, 0, 'requested', 0).change(0, 0, 'unjoined', 1000);
    played.change(1, 0, 'requested', 0).change(1, 0, 'unjoined', 1000).joined(1, 0, 2000);
    played.joined(2, 0).change(2, 0, 'lost', 2000).change(2, 0, 'requested', 2500).change(2, 0, 'unjoined', 2600);
    // Under way when it was over: one for long, one just now.
    played.change(3, 0, 'requested', 0).change(3, 0, 'left', 7000);
    played.change(4, 0, 'requested', 6950).change(4, 0, 'left', 7000);
    const key = played.publish(0, 4000);
    played.arrive(1, key, 4010);
    const { counts, detail } = played.play(8000);
    expect(detail.unjoined).toBe(3);
    expect(counts).toMatchObject({ ...clean, owed: 1, delivered: 1, missed: 1, ambiguous: 1 });
  });

  test('of each message: first, median and last, and the part of the skew that is our own', () => {
    const played = new PlayedFanOut();
    for (let subscriber = 0; subscriber < 101; subscriber++) played.joined(subscriber, 0);
    const key = played.publish(0, 1000);
    for (let subscriber = 0; subscriber < 101; subscriber++) played.arrive(subscriber, key, 1010 + subscriber);
    const totals = played.play(5000, 50);
    expect(totals.times.first.maxUs).toBe(10_000);
    expect(totals.times.p50.maxUs).toBe(60_000);
    expect(totals.times.p99.maxUs).toBe(109_000);
    expect(totals.times.last.maxUs).toBe(110_000);
    // 100 gaps of 50 µs in a skew of 100 ms.
    expect(totals.observerShare).toBeCloseTo(0.05, 6);
  });
});

test('who is in a room now: joined, and neither left nor gone', () => {
  const played = new PlayedFanOut().joined(0, 0).joined(0, 1).joined(1, 0).joined(2, 0).joined(3, 0);
  played.change(4, 0, 'requested', 100).change(1, 0, 'lost', 200).change(2, 0, 'cut', 200).change(3, 0, 'left', 200);
  expect(played.play(1000).detail.present).toBe(1);
  expect(played.joined(2, 0, 300).play(1000).detail.present).toBe(2);
});

test('an event of others of a room that is none of the test is a leak', () => {
  const played = new PlayedFanOut().joined(0, 0);
  const { counts, detail } = played.foreign(0, -1, 'job', 1, 2000).play(5000);
  expect(counts).toMatchObject({ leaked: 1, foreign: 0, received: 1 });
  expect(detail.rooms).toMatchObject([{ room: -1, leaked: 1 }]);
});

test('an event of others that leaks is a leak of its room', () => {
  const played = new PlayedFanOut().joined(0, 0);
  const { counts, detail } = played.foreign(0, 1, 'job', 1, 2000).play(5000);
  expect(counts).toMatchObject({ leaked: 1, foreign: 0, received: 1 });
  expect(detail.rooms).toMatchObject([{ room: 1, leaked: 1 }]);
});

describe('whatever is planted is found, however it is split over workers, and however long publishing takes', () => {
  const fault = fc.constantFrom('none', 'none', 'none', 'drop', 'twice', 'leak' as const);
  const plan = fc.record({
    workers: fc.integer({ min: 1, max: 4 }),
    tookMs: fc.constantFrom(1, 500, 3000, 15_000),
    hasIds: fc.boolean(),
    faults: fc.array(fc.array(fault, { minLength: 6, maxLength: 6 }), { minLength: 1, maxLength: 30 }),
  });

  test('drops, duplicates and leaks, each counted exactly', () => {
    fc.assert(
      fc.property(plan, ({ workers, tookMs, hasIds, faults }) => {
        const played = new PlayedFanOut(workers);
        // Six subscribers in two rooms.
        for (let subscriber = 0; subscriber < 6; subscriber++) played.joined(subscriber, subscriber % 2);
        const planted = { owed: 0, delivered: 0, lost: 0, duplicated: 0, leaked: 0 };
        for (const [n, row] of faults.entries()) {
          const room = n % 2;
          const named = hasIds ? { id: `m${n}` } : {};
          const key = played.publish(Math.floor(n / 2), 1000 + n * 10, { room, tookMs, ...named });
          for (const [subscriber, planned] of row.entries()) {
            const isIn = subscriber % 2 === room;
            const atMs = 1003 + n * 10 + subscriber / 10;
            if (isIn) planted.owed++;
            if (isIn && planned === 'drop') planted.lost++;
            if (isIn && planned !== 'drop') {
              planted.delivered++;
              played.arrive(subscriber, key, atMs);
            }
            if (isIn && planned === 'twice') {
              planted.duplicated++;
              played.arrive(subscriber, key, atMs + 0.01);
            }
            if (!isIn && planned === 'leak') {
              planted.leaked++;
              played.arrive(subscriber, key, atMs);
            }
          }
        }
        const { counts } = played.play(5000 + tookMs);
        expect(counts).toMatchObject({ ...clean, ...planted });
        expect(counts.received).toBe(planted.delivered + planted.duplicated + planted.leaked);
        expect(counts.heard).toBe(counts.received);
      }),
      { numRuns: 200 },
    );
  });
});
