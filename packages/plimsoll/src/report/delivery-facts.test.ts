import { describe, expect, test } from 'vitest';
import { noLatency, sampleLatency } from '../../test/support/sample-result.ts';
import type { DeliveryResult } from '../model/result.ts';
import { deliveryLines } from './delivery-facts.ts';

const short = { mean: 12.1, p50: 10, p95: 40, p99: 90, max: 133 };
const at = (p50: number) => sampleLatency({ p50 });

const nothing: DeliveryResult = {
  published: 0,
  unpublished: 0,
  owed: 0,
  delivered: 0,
  lost: 0,
  duplicated: 0,
  reordered: 0,
  late: 0,
  ambiguous: 0,
  unjoined: 0,
  ambiguousReceived: 0,
  leaked: 0,
  unknown: 0,
  foreign: 0,
  missed: 0,
  received: 0,
  reach: null,
  latency: noLatency,
  perMessage: { first: noLatency, p50: noLatency, p99: noLatency, last: noLatency, skew: noLatency },
  observer: { drain: null, share: null, skewOf: 'nobody' },
  rooms: [],
  moreRooms: 0,
  subscribers: [],
  troubled: 0,
  incidents: [],
  histogram: '',
};

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
  const lines = deliveryLines({ ...nothing, published: 1, owed: 4, lost: 4, reach: 0 }, 'none');
  expect(lines).toEqual(['1 message, 0 of 4 deliveries (0%), 4 lost']);
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

describe('rooms in which something went wrong', () => {
  const lines = (rooms: DeliveryResult['rooms']): readonly string[] =>
    deliveryLines({ ...some, rooms }, '–').filter((line) => line.includes('room'));

  test('are told, the others not', () => {
    expect(lines([room(3, 5, 0), room(1, 0, 2), room(0, 0, 0)])).toEqual([
      'room 3: 5 lost, mean 12.1 ms, max 133 ms',
      'room 1: 2 leaked, mean 12.1 ms, max 133 ms',
    ]);
  });
  test('are three at most', () => {
    const wrong = [9, 8, 7, 6, 5].map((lost) => room(lost, lost, 0));
    expect(lines(wrong).map((line) => line.split(',')[0])).toEqual([
      'room 9: 9 lost',
      'room 8: 8 lost',
      'room 7: 7 lost',
      'and 2 more rooms',
    ]);
  });
  test('are not named where there is one', () => {
    expect(lines([room(0, 5, 0)])).toEqual([]);
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

test('how connections that went came back', () => {
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
  // Also where nobody published.
  expect(deliveryLines({ ...nothing, recovery }, '–')).toEqual([line]);
});
