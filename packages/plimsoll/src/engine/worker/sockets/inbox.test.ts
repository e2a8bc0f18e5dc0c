import { expect, test } from 'vitest';
import { Inbox } from './inbox.ts';

function waiting(inbox: Inbox<number>, wants: (message: number) => boolean): (number | string)[] {
  const told: (number | string)[] = [];
  inbox.wait({
    wants,
    take: (message) => told.push(message),
    fail: (error) => told.push(error?.message ?? 'nothing will come'),
  });
  return told;
}

test('what came before anybody asked is given in its order, and once', () => {
  const inbox = new Inbox<number>();
  for (const message of [1, 2, 3]) inbox.put(message, false);
  expect(inbox.find((message) => message > 1)).toBe(2);
  expect(inbox.find((message) => message > 1)).toBe(3);
  expect(inbox.find((message) => message > 1)).toBeUndefined();
  expect(inbox.find(() => true)).toBe(1);
});

test('of several who wait each gets the first that it wants, and a message goes to one of them', () => {
  const inbox = new Inbox<number>();
  const [even, any, other] = [
    waiting(inbox, (n) => n % 2 === 0),
    waiting(inbox, () => true),
    waiting(inbox, () => true),
  ];
  for (const message of [1, 2, 3, 4]) inbox.put(message, false);
  expect([even, any, other]).toEqual([[2], [1], [3]]);
  expect(inbox.find(() => true)).toBe(4);
});

test('what a handler has had is not kept, but still given to who waits, with the word that it was had', () => {
  const inbox = new Inbox<number>();
  const told = waiting(inbox, () => true);
  const had: boolean[] = [];
  inbox.wait({ wants: (n) => n === 1, take: (_, isHandled) => had.push(isHandled), fail: () => expect.unreachable() });
  inbox.put(1, true);
  inbox.put(1, true);
  expect(had).toEqual([true]);
  inbox.put(2, true);
  expect(told).toEqual([1]);
  expect(inbox.find(() => true)).toBeUndefined();
});

test('a thousand are kept: the oldest give way', () => {
  const inbox = new Inbox<number>();
  for (let message = 0; message < 1005; message++) inbox.put(message, false);
  expect(inbox.find(() => true)).toBe(5);
  expect(inbox.find((message) => message === 1004)).toBe(1004);
});

test('many more than a thousand: the latest thousand are there, in their order', () => {
  const inbox = new Inbox<number>();
  for (let message = 0; message < 4321; message++) inbox.put(message, false);
  const kept = Array.from({ length: 1000 }, () => inbox.find(() => true));
  expect(kept).toEqual(Array.from({ length: 1000 }, (_, at) => 3321 + at));
  expect(inbox.find(() => true)).toBeUndefined();
  inbox.put(1, false);
  expect(inbox.find(() => true)).toBe(1);
});

test('a predicate that throws ends its own wait alone, and the message goes to the next', () => {
  const inbox = new Inbox<number>();
  const broken = waiting(inbox, () => {
    throw new Error('in the predicate');
  });
  const sound = waiting(inbox, () => true);
  inbox.put(1, false);
  expect([broken, sound]).toEqual([['in the predicate'], [1]]);
});

test('at the end whoever waits is told, and what had come can still be had', () => {
  const inbox = new Inbox<number>();
  inbox.put(1, false);
  const told = waiting(inbox, (message) => message === 2);
  const forgotten = { wants: () => true, take: () => expect.unreachable(), fail: () => expect.unreachable() };
  inbox.wait(forgotten);
  inbox.forget(forgotten);
  inbox.failAll();
  expect(told).toEqual(['nothing will come']);
  expect(inbox.find(() => true)).toBe(1);
});
