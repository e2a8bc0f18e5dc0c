import { expect, test } from 'vitest';
import { DeliveryTally } from './delivery-tally.ts';
import { ForeignEvents } from './foreign-events.ts';
import { Memberships } from './memberships.ts';

test('a stream is of one subscriber, one room and one source: the same numbers in another are no duplicates', () => {
  const memberships = new Memberships(100);
  const tally = new DeliveryTally();
  const events = new ForeignEvents(memberships, tally);
  for (const subscriber of [1, 11])
    for (const room of [1, 11]) memberships.add({ subscriber, room, change: 'requested', atMs: 0 });
  const streams = [1, 11].flatMap((subscriber) =>
    [1, 11].flatMap((room) => ['', '1', '1/1', '11'].map((source) => ({ subscriber, room, source }))),
  );
  for (const sequence of [0, 2, 1]) for (const stream of streams) events.add({ ...stream, sequence, atMs: 1000 });
  expect(tally.counts).toMatchObject({ foreign: 48, reordered: 16, duplicated: 0, leaked: 0, received: 48 });
  for (const stream of streams) events.add({ ...stream, sequence: 1, atMs: 1001 });
  expect(tally.counts).toMatchObject({ foreign: 48, reordered: 16, duplicated: 16, leaked: 0, received: 64 });
});
