import { expect, test } from 'vitest';
import { requestText, type HandshakeRequest } from './handshake.ts';

const plain: HandshakeRequest = {
  path: '/live?room=1',
  hostHeader: 'example.test:8080',
  headers: { 'x-team': 'blue' },
  cookie: 'a=1',
  protocols: ['chat'],
  deflate: { serverNoContextTakeover: true },
};

const linesOf = (request: HandshakeRequest, key = 'the key'): string[] => requestText(request, key).split('\r\n');

test('each line stands once, the key included, and an empty one ends them', () => {
  expect(linesOf(plain)).toEqual([
    'GET /live?room=1 HTTP/1.1',
    'host: example.test:8080',
    'x-team: blue',
    'upgrade: websocket',
    'connection: Upgrade',
    'sec-websocket-version: 13',
    'sec-websocket-protocol: chat',
    'sec-websocket-extensions: permessage-deflate; client_max_window_bits; server_no_context_takeover',
    'cookie: a=1',
    'sec-websocket-key: the key',
    '',
    '',
  ]);
});

test('who asks alike sends another key, and nothing else that is other', () => {
  const first = requestText(plain, 'one');
  expect(requestText({ ...plain, headers: { ...plain.headers }, protocols: ['chat'] }, 'two')).toBe(
    first.replace(': one\r\n', ': two\r\n'),
  );
});

test.each<[string, Partial<HandshakeRequest>, string, string]>([
  ['path', { path: '/live?room=2' }, 'GET /live?room=1 HTTP/1.1', 'GET /live?room=2 HTTP/1.1'],
  ['host', { hostHeader: 'example.test' }, 'host: example.test:8080', 'host: example.test'],
  ['value of a header', { headers: { 'x-team': 'red' } }, 'x-team: blue', 'x-team: red'],
  ['name of a header', { headers: { 'x-crew': 'blue' } }, 'x-team: blue', 'x-crew: blue'],
  ['cookie', { cookie: 'a=2' }, 'cookie: a=1', 'cookie: a=2'],
  ['subprotocol', { protocols: ['news'] }, 'sec-websocket-protocol: chat', 'sec-websocket-protocol: news'],
  [
    'offer',
    { deflate: {} },
    'sec-websocket-extensions: permessage-deflate; client_max_window_bits; server_no_context_takeover',
    'sec-websocket-extensions: permessage-deflate; client_max_window_bits',
  ],
])('after a request with another %s it is its own that is sent', (_, other, before, after) => {
  const expected = linesOf(plain).map((line) => (line === before ? after : line));
  expect(linesOf({ ...plain, ...other })).toEqual(expected);
  expect(linesOf(plain)).toContain(before);
});

test('a test that writes another value into its own list of subprotocols or headers sends that one', () => {
  const [protocols, headers] = [['chat'], { 'x-team': 'blue' }];
  const own = { ...plain, protocols, headers };
  expect(linesOf(own)).toContain('sec-websocket-protocol: chat');
  protocols[0] = 'news';
  expect(linesOf(own)).toContain('sec-websocket-protocol: news');
  headers['x-team'] = 'red';
  expect(linesOf(own)).toContain('x-team: red');
  protocols.push('news');
  expect(() => requestText(own, 'k')).toThrow('named twice');
});

test.each<[string, Partial<HandshakeRequest>, string]>([
  ['a header more', { headers: { 'x-team': 'blue', 'x-crew': 'a' } }, 'x-crew: a'],
  ['a subprotocol more', { protocols: ['chat', 'news'] }, 'sec-websocket-protocol: chat, news'],
])('%s is sent', (_, other, line) => {
  expect(linesOf(plain)).not.toContain(line);
  expect(linesOf({ ...plain, ...other })).toContain(line);
});

test('without an offer nothing is offered', () => {
  expect(requestText(plain, 'k')).toContain('sec-websocket-extensions');
  expect(requestText({ ...plain, deflate: undefined }, 'k')).not.toContain('sec-websocket-extensions');
});
