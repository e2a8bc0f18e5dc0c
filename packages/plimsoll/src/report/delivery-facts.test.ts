import { describe, expect, test } from 'vitest';
import { sampleLatency } from '../../test/support/sample-result.ts';
import { deliveryResult } from '../judge/delivery.ts';
import type { DeliveryResult } from '../model/result.ts';
import { DeliveryTotals } from '../stats/delivery/delivery-totals.ts';
import { PlayedFanOut } from '../stats/delivery/ledger.fixture.ts';
import { deliveryLines } from './delivery-facts.ts';

const short = { mean: 12.1, p50: 10, p95: 40, p99: 90, max: 133 };
const at = (p50: number) => sampleLatency({ p50 });
const nothing = deliveryResult(new DeliveryTotals());

const some: DeliveryResult = {
  ...nothing,
  published: 1003,
  owed: 20_060,
  delivered: 20_060,
  received: 20_060,
  reach: 1,
  latency: sampleLatency(),
  perMessage: { first: at(4), p50: at(5), p99: at(6), last: at(6.5), skew: at(2.5) },
};

const room = (number: number, lost: number, leaked: number): DeliveryResult['rooms'][number] => {
  return { room: number, published: 100, owed: 400, delivered: 400 - lost, lost, leaked, latency: short };
};

function lines(part: Partial<DeliveryResult>): string[] {
  return deliveryLines({ ...nothing, ...part }, '–');
}

test('nobody published and nobody heard: not a line', () => {
  expect(deliveryLines(nothing, '–')).toEqual([]);
});

test('a healthy fan-out: what reached whom, and how late; nothing that did not happen', () => {
  const [reach, latency, skew, ...more] = deliveryLines(some, '–');
  expect(reach).toBe('1,003 messages, 20,060 of 20,060 deliveries (100%)');
  expect(latency).toBe('delivery in ms: mean 104, p50 102, p95 138, p99 187, max 252');
  expect(skew).toMatch(/^first 4\.00, last 6\.50, skew 2\.50 ms at the median message/);
  expect(more).toEqual([]);
});

test('one message is one message, and what is nowhere has no figures', () => {
  expect(deliveryLines({ ...nothing, published: 1, owed: 4, lost: 4, reach: 0 }, 'none')).toEqual([
    '1 message, 0 of 4 deliveries (0%), 4 lost',
  ]);
  expect(deliveryLines({ ...nothing, unpublished: 3 }, 'none')[0]).toBe(
    '0 messages, 3 could not be published, 0 of 0 deliveries (none)',
  );
});

test('each kind of trouble by its word', () => {
  const trouble = { lost: 1, duplicated: 2, reordered: 3, late: 4, leaked: 5, missed: 6, ambiguous: 7, unknown: 8 };
  const [line] = deliveryLines({ ...some, ...trouble, foreign: 1009 }, '–');
  expect(line).toMatch(
    /, 1 lost, 2 duplicated, 3 reordered, 4 late, 5 leaked, 6 missed, 7 ambiguous, 8 unknown, 1,009 events of others$/,
  );
});

test('what reached whom, and the rooms where it went wrong', () => {
  const fanOut = new PlayedFanOut().joined(0, 0).joined(1, 1);
  for (let n = 0; n < 20; n++) {
    const key = fanOut.publish(n >> 1, 1000 + 10 * n, { room: n % 2 });
    if (n !== 1) fanOut.arrive(n % 2, key, 1003 + 10 * n);
  }
  const told = deliveryLines(deliveryResult(fanOut.play(9000)), '–');
  expect(told[0]).toBe('20 messages, 19 of 20 deliveries (95%), 1 lost');
  expect(told.filter((line) => line.startsWith('room'))).toEqual([expect.stringMatching(/^room 1: 1 lost, mean 3/)]);
});

describe('rooms in which something went wrong', () => {
  const told = (rooms: DeliveryResult['rooms']): readonly string[] =>
    deliveryLines({ ...some, rooms }, '–').filter((line) => line.includes('room'));

  test('are told, the others not', () => {
    expect(told([room(3, 5, 0), room(1, 0, 2), room(0, 0, 0)])).toEqual([
      'room 3: 5 lost, mean 12.1 ms, max 133 ms',
      'room 1: 2 leaked, mean 12.1 ms, max 133 ms',
    ]);
  });
  test('are three at most', () => {
    const wrong = [9, 8, 7, 6, 5].map((lost) => room(lost, lost, 0));
    expect(told(wrong).map((line) => line.split(',')[0])).toEqual([
      'room 9: 9 lost',
      'room 8: 8 lost',
      'room 7: 7 lost',
      'and 2 more rooms',
    ]);
  });
  test('are not named where there is one', () => {
    expect(told([room(0, 5, 0)])).toEqual([]);
  });
  test('are named where only others publish and all leaks are of one room', () => {
    const ofOthers = { published: 0, owed: 0, delivered: 0 };
    const named = (number: number): string | undefined =>
      deliveryLines({ ...nothing, received: 2, leaked: 2, rooms: [{ ...room(number, 0, 2), ...ofOthers }] }, '–').at(
        -1,
      );
    expect(named(1)).toBe('room 1: 2 leaked');
    expect(named(-1)).toBe('room -1 (none of the test): 2 leaked');
  });
});

describe('events of others', () => {
  test('are told without messages that nobody published', () => {
    const told = new PlayedFanOut().joined(0, 0).foreign(0, 0, 'job', 1, 2000).foreign(0, 0, 'job', 2, 2010).play(5000);
    expect(deliveryLines(deliveryResult(told), '–')).toEqual(['2 events of others']);
  });

  test('that all leak are told, and by their rooms', () => {
    const fanOut = new PlayedFanOut().joined(0, 0).joined(1, 1);
    for (let n = 0; n < 3; n++) fanOut.foreign(0, 1, 'job', n, 2000 + n).foreign(1, 0, 'job', n, 2000 + n);
    expect(deliveryLines(deliveryResult(fanOut.play(5000)), '–')).toEqual([
      '6 leaked',
      'room 0: 3 leaked',
      'room 1: 3 leaked',
    ]);
  });
});

describe('rooms that nobody is in', () => {
  const rooms = (empty: readonly number[]): DeliveryResult['rooms'] =>
    [0, ...empty].map((room) => {
      const heard = room === 0 ? 4 : 0;
      const latency = { mean: 1, p50: 1, p95: 1, p99: 1, max: 1 };
      return { room, published: 4, owed: heard, delivered: heard, lost: 0, leaked: 0, latency };
    });
  const told = (empty: readonly number[]): string | undefined =>
    lines({ published: 8, owed: 4, received: 4, rooms: rooms(empty) }).at(1);

  test.each([
    [[], undefined],
    [[3], 'nobody was owed what was published to room 3'],
    [[1, 2, 3, 4, 5], 'nobody was owed what was published to rooms 1, 2, 3 and 2 more'],
  ])('%j', (empty, line) => {
    expect(told(empty)).toBe(line);
  });
});

describe("this machine's part of a skew", () => {
  test.each([
    [1, 0.05, 'all', '(1.00 ms of it may be'],
    [4, 0.4, 'nobody', '(4.00 ms of it may be'],
    [12, 1.2, 'nobody', '(all of it may be'],
  ] as const)('%d ms of 10', (drain, share, skewOf, text) => {
    const perMessage = { ...nothing.perMessage, skew: { ...nothing.perMessage.skew, p50: 10 } };
    const told = lines({ published: 1, delivered: 1, perMessage, observer: { drain, share, skewOf } })[2];
    expect(told).toContain(`skew 10.0 ms at the median message ${text} this machine's own`);
  });
});

describe('connections that went', () => {
  const recovery = { gone: 12, back: 0, attempts: 0, peakAttemptsPerSecond: 0, mostMissed: 8 };
  const times = { p50Ms: null, p95Ms: null, allMs: null };

  test('for good', () => {
    const told = '12 connections went, and no attempt to come back was made; at most 8 messages missed by one';
    expect(lines({ recovery: { ...recovery, ...times } })).toEqual([told]);
  });

  test('and came back, as far as they did', () => {
    const some = {
      ...recovery,
      back: 11,
      attempts: 14,
      peakAttemptsPerSecond: 9,
      p50Ms: 1000,
      p95Ms: null,
      allMs: null,
    };
    expect(lines({ recovery: some })).toEqual([
      '12 connections went, 11 came back; half after 1.00 s, 95 % after –, all after –; ' +
        '14 attempts, at most 9 a second; at most 8 messages missed by one',
    ]);
  });

  test('and all came back, also where nobody published', () => {
    const recovery = {
      gone: 60,
      back: 60,
      attempts: 1061,
      peakAttemptsPerSecond: 53,
      p50Ms: 1268,
      p95Ms: 1500,
      allMs: 12_345,
      mostMissed: 8,
    };
    const line =
      '60 connections went, 60 came back; half after 1.27 s, 95 % after 1.50 s, all after 12.35 s; 1,061 attempts, at most 53 a second; at most 8 messages missed by one';
    expect(deliveryLines({ ...some, recovery }, '–').at(-1)).toBe(line);
    expect(deliveryLines({ ...nothing, recovery }, '–')).toEqual([line]);
  });
});
