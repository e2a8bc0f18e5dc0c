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

test('nothing where there were none', () => {
  expect(socketFacts({} as TestResult)).toEqual([]);
});
