import { describe, expect, test } from 'vitest';
import { deliveryResult } from '../judge/delivery.ts';
import type { DeliveryResult } from '../model/result.ts';
import { DeliveryTotals } from '../stats/delivery/delivery-totals.ts';
import { PlayedFanOut } from '../stats/delivery/ledger.fixture.ts';
import { deliveryLines } from './delivery-facts.ts';

const nothing = deliveryResult(new DeliveryTotals());

function lines(part: Partial<DeliveryResult>): string[] {
  return deliveryLines({ ...nothing, ...part }, '–');
}

test('nothing published and nothing come is not worth a line', () => {
  expect(lines({})).toEqual([]);
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
});
