import { expect, test } from 'vitest';
import type { TestFileError } from '../../../kernel/errors.ts';
import { assertConnectOptions, assertEvent, assertFunction, assertSendable, assertText } from './misuse.ts';

function mistake(act: () => void): string {
  try {
    act();
  } catch (error) {
    const { code, message, hint } = error as TestFileError;
    expect(code).toBe('TEST_FILE');
    return hint === undefined ? message : `${message} — ${hint}`;
  }
  return '';
}

test.each([
  ['ws', { timeot: 1 }, "ws.connect has no option 'timeot' — did you mean 'timeout'?"],
  [
    'ws',
    { protocols: 'chat' },
    "protocols of ws.connect is 'chat', expected a list of texts — write protocols: ['chat']",
  ],
  ['ws', { protocols: [1] }, 'protocols of ws.connect is a list, expected a list of texts'],
  ['ws', { compress: { treshold: 1 } }, "compress of ws.connect has no option 'treshold' — did you mean 'threshold'?"],
  ['ws', { compress: 'yes' }, "compress of ws.connect is 'yes', expected true, false or { … }"],
  ...([0, -1, 1.5, NaN, Infinity] as const).map(
    (maxMessageBytes) =>
      [
        'ws',
        { maxMessageBytes },
        `maxMessageBytes of ws.connect is ${maxMessageBytes}, expected a whole number from 1 — give it in bytes`,
      ] as const,
  ),
  [
    'io',
    { maxMessageBytes: '1MB' },
    "maxMessageBytes of io.connect is '1MB', expected a whole number from 1 — give it in bytes",
  ],
  ['sse', { maxEventBytes: 0 }, 'maxEventBytes of sse.connect is 0, expected a whole number from 1 — give it in bytes'],
  ['ws', { maxMessageBytes: 1 }, ''],
  ['io', { namespce: '/a' }, "io.connect has no option 'namespce' — did you mean 'namespace'?"],
  ['io', { reconnect: { dely: 1 } }, "reconnect of io.connect has no option 'dely' — did you mean 'delay'?"],
  ['sse', { lastEventID: '1' }, "sse.connect has no option 'lastEventID' — did you mean 'lastEventId'?"],
  ['sse', { reconnect: { factor: 2 } }, "reconnect of sse.connect has no option 'factor' — there are delay, maxDelay"],
  ['ws', { path: { id: 1 }, query: { a: 1 }, timeout: '1s', name: 'x', protocols: ['a'], compress: true }, ''],
  ['io', { path: '/io/', namespace: '/a', auth: {}, reconnect: { attempts: 3 }, headers: {}, bearer: 'x' }, ''],
  ['sse', { path: {}, reconnect: true, maxEventBytes: 1, latencyFrom: () => 1, lastEventId: '1' }, ''],
] as const)('%s.connect with %j', (kind, options, told) => {
  expect(
    mistake(() => {
      assertConnectOptions(kind, options);
    }),
  ).toBe(told);
});

test.each<[() => void, string]>([
  [
    () => {
      assertConnectOptions('io', '/chat' as never);
    },
    "the options of io.connect are '/chat', expected { … }",
  ],
  [
    () => {
      assertEvent('mesage', ['message', 'close']);
    },
    "a WebSocket has no event 'mesage' — did you mean 'message'?",
  ],
  [
    () => {
      assertEvent('said', ['message', 'close']);
    },
    "a WebSocket has no event 'said' — there are message and close",
  ],
  [
    () => {
      assertSendable({});
    },
    'send was given an object, expected a text or bytes — sendJson sends a value as JSON',
  ],
  [
    () => {
      assertSendable(7);
    },
    'send was given 7, expected a text or bytes',
  ],
  [
    () => {
      assertSendable(Buffer.from('x'));
    },
    '',
  ],
  [
    () => {
      assertText("on's event", undefined);
    },
    "on's event is undefined, expected a text",
  ],
  [
    () => {
      assertFunction("next's predicate", 'said', 'write …');
    },
    "next's predicate is 'said', expected a function — write …",
  ],
])('%s', (act, told) => {
  expect(mistake(act)).toBe(told);
});
