import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { decodeBody } from './content-decoding.ts';

const text = Buffer.from('hello, '.repeat(100));
const limit = 10_000;

function decoded(bytes: Uint8Array, encoding: string, maxBytes = limit): string {
  const result = decodeBody(bytes, encoding, maxBytes);
  return result.ok ? Buffer.from(result.bytes).toString('utf8') : `${result.error.kind}: ${result.error.message}`;
}

test.each([
  ['gzip', gzipSync(text)],
  ['GZIP', gzipSync(text)],
  ['x-gzip', gzipSync(text)],
  ['deflate', deflateSync(text)],
  ['deflate', deflateRawSync(text)],
  ['br', brotliCompressSync(text)],
  ['identity', text],
  ['', text],
  ['gzip, br', brotliCompressSync(gzipSync(text))],
  ['br , identity,gzip', gzipSync(brotliCompressSync(text))],
  ['gzip', Buffer.concat([gzipSync(text.subarray(0, 300)), gzipSync(text.subarray(300))])],
])('%s', (encoding, bytes) => {
  expect(decoded(bytes, encoding)).toBe(text.toString());
});

test('no body is nothing to decode', () => {
  expect(decoded(new Uint8Array(0), 'gzip')).toBe('');
});

describe('what cannot be decoded', () => {
  test.each([
    ['gzip', gzipSync(text).subarray(0, -9), 'decode: the gzip body ends too early'],
    ['deflate', deflateSync(text).subarray(0, -9), 'decode: the deflate body ends too early'],
    ['br', brotliCompressSync(text).subarray(0, -3), 'decode: the br body ends too early'],
    ['gzip', text, 'decode: the gzip body is corrupt'],
    ['br', text, 'decode: the br body is corrupt'],
    ['zstd', text, "decode: the content encoding 'zstd' is not supported"],
    ['toString', text, "decode: the content encoding 'tostring' is not supported"],
    ['gzip, gzip, gzip, gzip, gzip, gzip', text, 'decode: the body has 6 content encodings'],
  ])('%s', (encoding, bytes, expected) => {
    expect(decoded(bytes, encoding)).toBe(expected);
  });

  test('a checksum that is wrong', () => {
    const bytes = gzipSync(text);
    bytes[bytes.length - 6]! ^= 1;
    expect(decoded(bytes, 'gzip')).toBe('decode: the gzip body is corrupt');
  });

  property.prop([fc.uint8Array({ maxLength: 200 }), fc.constantFrom('gzip', 'deflate', 'br')])(
    'rubbish is an error or bytes, never an exception',
    (bytes, encoding) => {
      const result = decodeBody(bytes, encoding, limit);
      if (!result.ok) expect(['decode', 'too-large']).toContain(result.error.kind);
      else expect(result.bytes.byteLength).toBeLessThanOrEqual(limit);
    },
  );
});

describe('bombs', () => {
  test.each([
    ['gzip', gzipSync(Buffer.alloc(1_000_000))],
    ['deflate', deflateSync(Buffer.alloc(1_000_000))],
    ['br', brotliCompressSync(Buffer.alloc(1_000_000))],
    ['gzip, gzip', gzipSync(gzipSync(Buffer.alloc(1_000_000)))],
  ])('%s', (encoding, bytes) => {
    expect(bytes.byteLength).toBeLessThan(limit);
    expect(decoded(bytes, encoding)).toBe(
      `too-large: the ${encoding.split(',')[0]} body decodes to more than ${limit} bytes`,
    );
  });

  test('exactly the limit is allowed', () => {
    expect(decoded(gzipSync(text), 'gzip', text.byteLength)).toBe(text.toString());
    expect(decoded(gzipSync(text), 'gzip', text.byteLength - 1)).toMatch(/^too-large/);
  });
});
