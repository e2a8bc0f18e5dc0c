import { describe, expect, test } from 'vitest';
import type { SocketsResult, TestResult } from '../model/result.ts';
import { byPhase } from '../stats/socket-phases.ts';
import { socketFacts } from './socket-facts.ts';

function facts(sockets: Partial<SocketsResult>): string[] {
  const none = {
    opened: 0,
    refused: 0,
    unanswered: 0,
    open: 0,
    messagesIn: 0,
    messagesOut: 0,
    unclaimed: 0,
    bytesIn: 0,
    bytesOut: 0,
  };
  const refusals = { refusedIn: byPhase(() => 0), refusedStatus: {}, retryAfterMaxSeconds: null };
  return socketFacts({ sockets: { ...none, ...refusals, closed: {}, ...sockets } } as unknown as TestResult);
}

describe('what was opened is called by its name', () => {
  test.each([
    [{ opened: 3 }, ['3 WebSockets']],
    [{ opened: 3, eventStreams: 3 }, ['3 event streams']],
    [{ opened: 3, eventStreams: 1 }, ['2 WebSockets', '1 event stream']],
    [{ opened: 2, unanswered: 2 }, ['2 WebSockets', '2 unanswered']],
    [{ opened: 0, eventStreams: 0, refused: 2 }, ['0 event streams', '2 refused']],
    // The streams were all refused, the WebSockets not.
    [{ opened: 2, eventStreams: 0, refused: 1 }, ['2 WebSockets', '0 event streams', '1 refused']],
  ])('%j', (sockets, words) => {
    expect(facts(sockets).slice(0, -2)).toEqual(words);
  });
});

test('where attempts were refused; an event stream waits for an answer, not for an upgrade', () => {
  const refused = { refused: 3, refusedIn: { ...byPhase(() => 0), tcp: 1, upgrade: 2 }, refusedStatus: { 503: 2 } };
  const where = (word: string): string => `3 refused (1 at tcp, 2 at ${word}: 2 × 503, Retry-After up to 7s)`;
  expect(facts({ opened: 1, ...refused, retryAfterMaxSeconds: 7 })[1]).toBe(where('upgrade'));
  expect(facts({ opened: 1, eventStreams: 1, ...refused, retryAfterMaxSeconds: 7 })[1]).toBe(where('answer'));
});

test('messages, bytes, what nobody took and how they ended', () => {
  expect(
    facts({
      opened: 1,
      messagesIn: 1200,
      bytesIn: 5000,
      messagesOut: 1,
      bytesOut: 7,
      unclaimed: 9,
      closed: { 1006: 1 },
    }),
  ).toEqual([
    '1 WebSocket',
    '1,200 messages in (5.00 kB)',
    '1 message out (7 B)',
    '9 that nobody waited for',
    'closed: 1 × 1006',
  ]);
});

describe('what was compressed, where anything was', () => {
  const none = { messagesIn: 0, bytesIn: 0, inflatedBytesIn: 0, messagesOut: 0, bytesOut: 0, inflatedBytesOut: 0 };
  test.each([
    [undefined, []],
    [
      { messagesIn: 1200, bytesIn: 147_000, inflatedBytesIn: 1_070_000 },
      ['compressed: 1,200 messages in, 147 kB for 1.07 MB (13.7%)'],
    ],
    // Little gets more.
    [
      { messagesIn: 1, bytesIn: 1, messagesOut: 1, bytesOut: 3, inflatedBytesOut: 2 },
      ['compressed: 1 message in, 1 B for 0 B', 'compressed: 1 message out, 3 B for 2 B (150%)'],
    ],
  ])('%j', (some, words) => {
    const compressed = some === undefined ? {} : { compressed: { ...none, ...some } };
    expect(facts({ opened: 1, ...compressed }).slice(3)).toEqual(words);
  });
});

test.each([
  [0, []],
  [65_536, []],
  [1_250_000, ['up to 1.25 MB unsent on one socket']],
])('of what waited to be sent much alone is said: %i', (bufferedBytesMax, words) => {
  expect(facts({ opened: 1, bufferedBytesMax }).slice(3)).toEqual(words);
});

test('nothing where there were none', () => {
  expect(socketFacts({} as TestResult)).toEqual([]);
});
