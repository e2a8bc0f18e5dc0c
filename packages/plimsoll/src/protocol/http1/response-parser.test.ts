import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runParser, toBytes } from '../../../test/conformance/outcome.ts';
import type { OurOutcome } from '../../../test/conformance/outcome.ts';
import { realisticResponses } from '../../../test/conformance/realistic-responses.ts';
import { responseCases } from '../../../test/conformance/response-cases.ts';
import type { ResponseCase } from '../../../test/conformance/response-case.ts';
import { ResponseParser } from './response-parser.ts';
import type { BodySink } from './response-parser.ts';

const noSink: BodySink = { onBody: () => undefined };

/** Everything a case says, and nothing it does not say. */
function expectOutcome(one: ResponseCase, outcome: OurOutcome): void {
  expect(outcome).toMatchObject({
    verdict: one.verdict,
    fault: one.verdict === 'incomplete' && one.text !== '' ? 'truncated' : one.fault,
    ...(one.status !== undefined && { status: one.status }),
    ...(one.body !== undefined && { body: one.body }),
    ...(one.rest !== undefined && { consumed: one.text.length - one.rest.length }),
    ...(one.keepAlive !== undefined && { keepAlive: one.keepAlive }),
    ...(one.fault !== 'too-many-informational' && { informational: one.informational ?? [] }),
  });
  if (one.trailers) expect({ ...outcome.trailers }).toEqual(one.trailers);
  for (const [name, value] of Object.entries(one.headers ?? {})) expect(outcome.head?.header(name)).toBe(value);
}

describe('every hand-written answer', () => {
  test.each(responseCases)('$name', (one) => expectOutcome(one, runParser(one.method, toBytes(one.text), [])));

  test.each(responseCases.filter(({ text }) => text.length < 10_000))('$name, byte by byte', (one) => {
    const splits = Array.from({ length: one.text.length }, (_, index) => index);
    expectOutcome(one, runParser(one.method, toBytes(one.text), splits));
  });
});

const answers = [...realisticResponses, ...responseCases];

test('any splitting of the bytes gives the same outcome', () => {
  const splitAnswer = fc
    .nat(answers.length - 1)
    .chain((index) =>
      fc.tuple(fc.constant(answers[index]!), fc.uniqueArray(fc.nat(answers[index]!.text.length), { maxLength: 8 })),
    );
  fc.assert(
    fc.property(splitAnswer, ([{ method, text }, places]) => {
      const splits = places.sort((a, b) => a - b);
      const { head: wholeHead, ...whole } = runParser(method, toBytes(text), []);
      const { head: splitHead, ...split } = runParser(method, toBytes(text), splits);
      expect(split).toEqual(whole);
      expect(splitHead?.bytes).toEqual(wholeHead?.bytes);
    }),
    { seed: 9112, numRuns: 3000 },
  );
});

test('any bytes at all end in an outcome, and no more bytes are consumed than there are', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (noise, behindHead) => {
      const start = behindHead
        ? toBytes('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
        : toBytes('HTTP/1.1 ');
      const bytes = new Uint8Array([...start, ...noise]);
      const outcome = runParser('GET', bytes, []);
      expect(outcome.consumed).toBeGreaterThanOrEqual(start.length);
      expect(outcome.consumed).toBeLessThanOrEqual(bytes.length);
      expect(['complete', 'incomplete', 'error']).toContain(outcome.verdict);
    }),
    { seed: 9112, numRuns: 1000 },
  );
});

test('the states follow each other: idle, head, body, done', () => {
  const parser = new ResponseParser(noSink);
  const seen = [parser.state];
  for (const piece of ['H', 'TTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n', 'o', 'k']) {
    const bytes = toBytes(piece);
    parser.execute(bytes, 0, bytes.length);
    seen.push(parser.state);
  }
  expect(seen).toEqual(['idle', 'head', 'body', 'body', 'done']);
});

test('a close before the first byte is no fault', () => {
  const parser = new ResponseParser(noSink);
  parser.finish();
  expect(parser.state).toBe('idle');
  expect(parser.fault).toBeUndefined();
});

test('a close after the answer is no fault', () => {
  const parser = new ResponseParser(noSink);
  const bytes = toBytes('HTTP/1.1 204 No Content\r\n\r\n');
  parser.execute(bytes, 0, bytes.length);
  parser.finish();
  expect(parser.state).toBe('done');
});

test('after an end or a fault nothing is consumed until the next start', () => {
  const parser = new ResponseParser(noSink);
  for (const text of ['HTTP/1.1 204 N\r\n\r\n', 'nonsense', 'HTTP/1.1 101 S\r\n\r\n']) {
    parser.start('GET');
    const bytes = toBytes(text);
    parser.execute(bytes, 0, bytes.length);
    const { state } = parser;
    expect(parser.execute(bytes, 0, bytes.length)).toBe(0);
    expect(parser.state).toBe(state);
  }
});

test('one parser reads one answer after another, and nothing of the last is left', () => {
  const bodies: string[] = [];
  const parser = new ResponseParser({
    onBody: (buffer, start, end) => bodies.push(Buffer.from(buffer.subarray(start, end)).toString()),
  });
  const first = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-T: 1\r\n\r\n';
  const bytes = toBytes(`${first}HTTP/1.0 404 Not Found\r\nContent-Length: 1\r\n\r\nb`);
  parser.start('GET');
  const consumed = parser.execute(bytes, 0, bytes.length);
  expect(consumed).toBe(first.length);
  expect(parser.trailers).toEqual({ 'x-t': '1' });
  const before = parser.head!;
  parser.start('GET');
  expect(parser.head).toBeUndefined();
  expect(parser.execute(bytes, consumed, bytes.length)).toBe(bytes.length - consumed);
  expect(parser.trailers).toBeUndefined();
  expect(parser.head).toMatchObject({ status: 404, minorVersion: 0, chunked: false, contentLength: 1 });
  expect(before).toMatchObject({ status: 200, minorVersion: 1, chunked: true, contentLength: -1 });
  expect(bodies).toEqual(['a', 'b']);
});

test('limits of the caller hold, to the byte and to the line', () => {
  const text = 'HTTP/1.1 204 N\r\nA: b\r\nC: d\r\n\r\n';
  const bytes = toBytes(text);
  const verdict = (maxHeadBytes: number, maxHeaders: number): string => {
    const parser = new ResponseParser(noSink, { maxHeadBytes, maxHeaders });
    parser.execute(bytes, 0, bytes.length);
    return parser.fault?.code ?? parser.state;
  };
  expect(verdict(text.length, 2)).toBe('done');
  expect(verdict(text.length - 1, 2)).toBe('head-too-large');
  expect(verdict(text.length, 1)).toBe('too-many-headers');
});

test('a 1xx is handed over with its headers, and the final head is another', () => {
  const links: (string | undefined)[] = [];
  const parser = new ResponseParser({ ...noSink, onInformational: (head) => links.push(head.header('link')) });
  const bytes = toBytes('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 N\r\n\r\n');
  parser.execute(bytes, 0, bytes.length);
  expect(links).toEqual(['</a>']);
  expect(parser.head?.header('link')).toBeUndefined();
});
