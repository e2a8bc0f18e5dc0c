/** Chunked bodies: sizes, extensions, data, trailers. RFC 9112, section 7.1. */
import { maxChunkLineBytes } from '../../../src/protocol/http1/response-parser.ts';
import { broken, chunked, cut, whole } from '../response-case.ts';
import type { ResponseCase } from '../response-case.ts';

const last = '0\r\n\r\n';
const trailers = (count: number): string => Array.from({ length: count }, (_, n) => `X-${n}: ${n}\r\n`).join('');
const extension = 'chunk-extension-grammar';

export const chunkCases: readonly ResponseCase[] = [
  whole('one chunk', chunked(`5\r\nhello\r\n${last}`), { body: 'hello', keepAlive: true }),
  whole('several chunks', chunked(`1\r\na\r\n2\r\nbc\r\n${last}`), { body: 'abc' }),
  whole('no chunk but the last', chunked(last), { body: '' }),
  whole('hexadecimal, lower case', chunked(`a\r\n0123456789\r\n${last}`), { body: '0123456789' }),
  whole('hexadecimal, upper case', chunked(`A\r\n0123456789\r\n${last}`), { body: '0123456789' }),
  whole('two digits', chunked(`1a\r\n${'x'.repeat(26)}\r\n${last}`), { body: 'x'.repeat(26) }),
  whole('leading zeros', chunked(`0005\r\nhello\r\n00\r\n\r\n`), { body: 'hello' }),
  whole('twenty leading zeros', chunked(`${'0'.repeat(20)}5\r\nhello\r\n${last}`), { body: 'hello' }),
  whole('line breaks inside the data', chunked(`4\r\n\r\n\r\n\r\n${last}`), { body: '\r\n\r\n' }),
  whole('data that looks like a last chunk', chunked(`5\r\n0\r\n\r\n\r\n${last}`), { body: '0\r\n\r\n' }),
  whole('bytes behind the body are left', chunked(`${last}HTTP/1.1`), { body: '', rest: 'HTTP/1.1' }),
  whole('a long chunk', chunked(`11170\r\n${'x'.repeat(70_000)}\r\n${last}`), { body: 'x'.repeat(70_000) }),

  whole('an extension', chunked(`5;a=b\r\nhello\r\n${last}`), { body: 'hello' }),
  whole('an extension without a value', chunked(`5;a\r\nhello\r\n${last}`), { body: 'hello' }),
  whole('several extensions', chunked(`5;a=b;c;d=e\r\nhello\r\n${last}`), { body: 'hello' }),
  whole('a quoted extension', chunked(`5;a="b c;d"\r\nhello\r\n${last}`), { body: 'hello' }),
  whole('an escaped quote in an extension', chunked(`5;a="b\\"c"\r\nhello\r\n${last}`), { body: 'hello' }),
  whole('an extension of the last chunk', chunked(`5\r\nhello\r\n0;a=b\r\n\r\n`), { body: 'hello' }),
  whole('a space after the semicolon', chunked(`5; a=b\r\nhello\r\n${last}`), { body: 'hello', differs: extension }),
  whole('blanks around the equals sign', chunked(`5;a = b\r\nhello\r\n${last}`), {
    body: 'hello',
    differs: extension,
  }),
  whole('an empty extension', chunked(`5;\r\nhello\r\n${last}`), { body: 'hello', differs: extension }),
  whole('an extension that is no token', chunked(`5;(a)\r\nhello\r\n${last}`), { body: 'hello', differs: extension }),
  whole('an extension as long as the limit', chunked(`5;${'a'.repeat(maxChunkLineBytes - 2)}\r\nhello\r\n${last}`), {
    body: 'hello',
  }),
  broken(
    'an extension beyond the limit',
    chunked(`5;${'a'.repeat(maxChunkLineBytes - 1)}\r\nhello\r\n${last}`),
    'chunk-line-too-large',
    { differs: 'limits' },
  ),
  broken('zeros beyond the limit', chunked('0'.repeat(maxChunkLineBytes + 1)), 'chunk-line-too-large', {
    differs: 'limits',
  }),
  broken('NUL in an extension', chunked(`5;a\0\r\nhello\r\n${last}`), 'bad-chunk-extension'),
  broken('DEL in a quoted extension', chunked(`5;a="\x7f"\r\nhello\r\n${last}`), 'bad-chunk-extension', {
    differs: 'del-in-chunk-extension',
  }),
  broken('a bare LF after an extension', chunked(`5;a\nhello\r\n${last}`), 'bad-chunk-extension'),
  broken('a bare CR in an extension', chunked(`5;a\rb\r\nhello\r\n${last}`), 'bare-cr'),

  broken('no size', chunked(`\r\nhello\r\n${last}`), 'bad-chunk-size'),
  broken('no size but an extension', chunked(`;a=b\r\nhello\r\n${last}`), 'bad-chunk-size'),
  broken('a negative size', chunked(`-5\r\nhello\r\n${last}`), 'bad-chunk-size'),
  broken('a size with plus', chunked(`+5\r\nhello\r\n${last}`), 'bad-chunk-size'),
  broken('a size with 0x', chunked(`0x5\r\nhello\r\n${last}`), 'bad-chunk-size'),
  broken('a size that is no number', chunked(`g\r\nhello\r\n${last}`), 'bad-chunk-size'),
  broken('a space before the size', chunked(` 5\r\nhello\r\n${last}`), 'bad-chunk-size'),
  broken('a space after the size', chunked(`5 \r\nhello\r\n${last}`), 'bad-chunk-size'),
  broken('a space before an extension', chunked(`5 ;a=b\r\nhello\r\n${last}`), 'bad-chunk-size'),
  broken('a tab after the size', chunked(`5\t\r\nhello\r\n${last}`), 'bad-chunk-size'),
  broken('an underscore in the size', chunked(`1_0\r\nhello\r\n${last}`), 'bad-chunk-size'),
  broken('a bare LF after the size', chunked(`5\nhello\r\n${last}`), 'bad-chunk-size'),
  broken('a bare CR after the size', chunked(`5\rhello\r\n${last}`), 'bare-cr'),
  broken('a size of 2^64', chunked(`10000000000000000\r\nhello`), 'bad-chunk-size'),
  broken('a size of twenty digits', chunked(`${'f'.repeat(20)}\r\nhello`), 'bad-chunk-size'),
  broken('a size of 2^53', chunked(`20000000000000\r\nhello`), 'bad-chunk-size', { differs: 'beyond-safe-integers' }),
  broken('a size of 2^64 - 1', chunked(`ffffffffffffffff\r\nhello`), 'bad-chunk-size', {
    differs: 'beyond-safe-integers',
  }),
  cut('a size of 2^53 - 1', chunked(`1fffffffffffff\r\nhello`), { body: 'hello' }),
  broken('a chunk longer than its size', chunked(`4\r\nhello\r\n${last}`), 'bad-chunk-end', { body: 'hell' }),
  broken('a chunk shorter than its size', chunked(`7\r\nhello\r\n${last}`), 'bad-chunk-end', { body: 'hello\r\n' }),
  broken('no line break after the data', chunked(`5\r\nhello${last}`), 'bad-chunk-end'),
  broken('a bare LF after the data', chunked(`5\r\nhello\n${last}`), 'bad-chunk-end'),
  broken('a bare CR after the data', chunked(`5\r\nhello\r${last}`), 'bad-chunk-end'),
  broken('two line breaks after the data', chunked(`5\r\nhello\r\n\r\n${last}`), 'bad-chunk-size'),

  cut('no chunk at all', chunked('')),
  cut('half a size line', chunked('5')),
  cut('CR of a size line', chunked('5\r')),
  cut('half an extension', chunked('5;a')),
  cut('half a chunk', chunked('5\r\nhel'), { body: 'hel' }),
  cut('data without its line break', chunked('5\r\nhello'), { body: 'hello' }),
  cut('data with half a line break', chunked('5\r\nhello\r'), { body: 'hello' }),
  cut('no last chunk', chunked('5\r\nhello\r\n'), { body: 'hello' }),
  cut('half a last chunk', chunked('5\r\nhello\r\n0'), { body: 'hello' }),
  cut('no blank line after the last chunk', chunked('5\r\nhello\r\n0\r\n'), { body: 'hello' }),
  cut('half a blank line after the last chunk', chunked('5\r\nhello\r\n0\r\n\r'), { body: 'hello' }),

  whole('a trailer', chunked(`5\r\nhello\r\n0\r\nX-Sum: 5d41\r\n\r\n`), {
    body: 'hello',
    trailers: { 'x-sum': '5d41' },
  }),
  whole('several trailers', chunked(`0\r\nA: b\r\nA: c\r\nD:\r\n\r\n`), { trailers: { a: 'b, c', d: '' } }),
  whole('a trailer, and bytes behind it', chunked(`0\r\nA: b\r\n\r\nX`), { trailers: { a: 'b' }, rest: 'X' }),
  whole('framing in a trailer has no effect', chunked(`0\r\nConnection: close\r\n\r\n`), {
    keepAlive: true,
    trailers: { connection: 'close' },
  }),
  whole('a length in a trailer has no effect', chunked(`0\r\nContent-Length: 5\r\n\r\nhello`), {
    rest: 'hello',
    differs: 'length-in-trailers',
  }),
  whole('a coding in a trailer has no effect', chunked(`0\r\nTransfer-Encoding: gzip\r\n\r\nhello`), {
    rest: 'hello',
  }),
  cut('half a trailer', chunked('0\r\nX-S')),
  cut('a trailer without a blank line', chunked('0\r\nX-Sum: 1\r\n')),
  broken('a folded trailer', chunked('0\r\nA: b\r\n c\r\n\r\n'), 'folded-header'),
  broken('a trailer without a colon', chunked('0\r\nhello\r\n\r\n'), 'bad-header-name'),
  broken('a space before the colon of a trailer', chunked('0\r\nA : b\r\n\r\n'), 'space-before-colon'),
  broken('NUL in a trailer', chunked('0\r\nA: \0\r\n\r\n'), 'bad-header-value'),
  broken('a bare LF after a trailer', chunked('0\r\nA: b\n\r\n'), 'bare-lf'),
  broken('a bare LF after the last chunk', chunked('0\n\r\n'), 'bad-chunk-size'),
  broken('more data after the last chunk', chunked('0\r\nhello\r\n'), 'bad-header-name'),
  broken('too many trailers', chunked(`0\r\n${trailers(2001)}\r\n`), 'too-many-trailers', { differs: 'limits' }),
  broken('trailers too large', chunked(`0\r\nA: ${'b'.repeat(70_000)}\r\n\r\n`), 'trailers-too-large', {
    differs: 'limits',
  }),
];
