import { describe, expect, test } from 'vitest';
import { parseHead } from './response-head.ts';
import type { ParserLimits, ResponseHead } from './response-head.ts';

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));
const textOf = (lines: readonly string[]): string => ['HTTP/1.1 200 All right', ...lines, '', ''].join('\r\n');

function parse(lines: readonly string[]): ResponseHead {
  const bytes = bytesOf(textOf(lines));
  const head = parseHead(bytes, 0, bytes.length);
  if ('code' in head) throw new Error(head.message);
  return head;
}

function faultOf(text: string, limits?: ParserLimits): string | undefined {
  const bytes = bytesOf(text);
  const head = parseHead(bytes, 0, bytes.length, limits);
  return 'code' in head ? head.code : undefined;
}

describe('parseHead', () => {
  test('reads a head in the middle of a buffer and leaves the rest alone', () => {
    const text = textOf(['Content-Length: 3']);
    const head = parseHead(bytesOf(`xx${text}abc`), 2, text.length + 5);
    expect(head).toMatchObject({ status: 200, minorVersion: 1, reason: 'All right', contentLength: 3 });
  });

  test('returns faults and throws nothing', () => {
    expect(faultOf('HTTP/1.1 200 OK\r\nA : b\r\n\r\n')).toBe('space-before-colon');
    expect(faultOf('HTTP/1.1 200 OK\r\n')).toBe('truncated');
    expect(faultOf('')).toBe('truncated');
    expect(faultOf(textOf(['A: b']), { maxHeadBytes: 20, maxHeaders: 9 })).toBe('head-too-large');
    expect(faultOf(textOf(['A: b', 'C: d']), { maxHeadBytes: 200, maxHeaders: 1 })).toBe('too-many-headers');
  });

  test('the bytes are a copy: they outlive the buffer, and a Node Buffer is no exception', () => {
    const text = textOf(['A: b', 'C: \xe9']);
    const buffer = Buffer.from(text, 'latin1');
    const head = parseHead(buffer, 0, buffer.length) as ResponseHead;
    buffer.fill(0);
    expect(Buffer.from(head.bytes).toString('latin1')).toBe(text);
    expect(head.headers()).toEqual({ a: 'b', c: '\xe9' });
  });
});

describe('headers', () => {
  test('names in any case, repeated fields joined, cookies apart', () => {
    const head = parse(['X-A: 1', 'Set-Cookie: a=1', 'x-a: 2', 'set-cookie: b=2, c', 'X-Empty:']);
    expect(head.header('X-a')).toBe('1, 2');
    expect(head.header('x-empty')).toBe('');
    expect(head.header('x-b')).toBeUndefined();
    expect(head.setCookies()).toEqual(['a=1', 'b=2, c']);
    expect(head.headers()).toEqual({ 'x-a': '1, 2', 'set-cookie': 'a=1\nb=2, c', 'x-empty': '' });
    expect(Object.getPrototypeOf(head.headers())).toBeNull();
  });

  test('no headers at all', () => {
    const head = parse([]);
    expect({ ...head.headers() }).toEqual({});
    expect(head.setCookies()).toEqual([]);
    expect(head).toMatchObject({ contentLength: -1, chunked: false, hasSetCookie: false, location: undefined });
  });

  test('names of Object.prototype are not there unless sent', () => {
    expect(parse(['A: b']).header('constructor')).toBeUndefined();
    expect(parse(['Constructor: b']).header('constructor')).toBe('b');
  });
});

test.each([
  [[], ''],
  [['Content-Encoding: GZip'], 'gzip'],
  [['Content-Encoding: identity'], ''],
  [['Content-Encoding: deflate', 'Content-Encoding: br'], 'deflate, br'],
])('content coding of %j is "%s"', (lines, coding) => {
  expect(parse(lines).contentEncoding).toBe(coding);
});

test.each([
  ['timeout=5', 5],
  ['timeout=5, max=100', 5],
  ['max=100, Timeout=65', 65],
  ['timeout=0', 0],
  ['timeout=', -1],
  ['timeout=5s', -1],
  ['timeout=-1', -1],
  ['max=5', -1],
  ['', -1],
])('Keep-Alive: %s promises %d s', (value, seconds) => {
  expect(parse([`Keep-Alive: ${value}`]).keepAliveTimeoutSeconds).toBe(seconds);
});

test.each([
  [['Content-Length: 0'], true],
  [['Transfer-Encoding: chunked'], true],
  [['Content-Length: 0', 'Connection: close'], false],
  [['Content-Length: 0', 'Connection: Keep-Alive, CLOSE'], false],
  [[], false],
])('after an answer with %j the connection can be used again: %s', (lines, keepAlive) => {
  expect(parse(lines).keepAlive).toBe(keepAlive);
});

test('a place to go to', () => {
  expect(parse(['LOCATION:  /next?a=b ']).location).toBe('/next?a=b');
  expect(parse(['Location:']).location).toBe('');
});

test('fields whose names are as long as the telling ones are not taken for them', () => {
  const head = parse(['Content-Langth: 5', 'Sat-Cookie: a', 'Cannection: close', 'Lacation: b', 'Content-Length: 1']);
  expect(head).toMatchObject({ contentLength: 1, hasSetCookie: false, keepAlive: true, location: undefined });
});
