/** Where the body ends: Content-Length, Transfer-Encoding, close, and answers that have none. RFC 9112, section 6. */
import { broken, cut, head, whole } from '../response-case.ts';
import type { ResponseCase } from '../response-case.ts';

const ok = 'HTTP/1.1 200 OK';
const length = (value: string, body = '', ...more: string[]): string =>
  head(ok, `Content-Length: ${value}`, ...more) + body;
const coding = (value: string, body = '', ...more: string[]): string =>
  head(ok, `Transfer-Encoding: ${value}`, ...more) + body;
const hello = '5\r\nhello\r\n0\r\n\r\n';

export const bodyLengthCases: readonly ResponseCase[] = [
  whole('a length and its body', length('5', 'hello'), { body: 'hello', keepAlive: true }),
  whole('length 0', length('0'), { body: '', keepAlive: true }),
  whole('leading zeros', length('0005', 'hello'), { body: 'hello' }),
  whole('blanks before the length, spaces after it', length(' \t5  ', 'hello'), { body: 'hello' }),
  whole('a tab after the length', length('5 \t', 'hello'), { body: 'hello', differs: 'tab-after-value' }),
  whole('the name in odd case', head(ok, 'cOnTeNt-LeNgTh: 5') + 'hello', { body: 'hello' }),
  whole('a body of any bytes', length('6', '\0\r\n\r\n\xff'), { body: '\0\r\n\r\n\xff' }),
  whole('bytes behind the body are left', length('5', 'helloHTTP/1.1 200 OK'), {
    body: 'hello',
    rest: 'HTTP/1.1 200 OK',
  }),
  whole('a large body', length('100000', 'x'.repeat(100_000)), { body: 'x'.repeat(100_000) }),
  cut('a body too short', length('5', 'hell'), { status: 200, body: 'hell' }),
  cut('no body at all', length('5'), { status: 200 }),
  cut('a length of petabytes', length('9007199254740991', 'hello'), { body: 'hello' }),

  broken('an empty length', length(''), 'bad-content-length'),
  broken('an empty length and nothing more', `${ok}\r\nContent-Length:\r\n`, 'bad-content-length', {
    differs: 'empty-length-at-the-end',
  }),
  cut('a bad length and nothing more', `${ok}\r\nContent-Length: x`, { differs: 'unfinished-line' }),
  broken('a negative length', length('-5', 'hello'), 'bad-content-length'),
  broken('a length with plus', length('+5', 'hello'), 'bad-content-length'),
  broken('a hexadecimal length', length('0x5', 'hello'), 'bad-content-length'),
  broken('a fraction', length('5.0', 'hello'), 'bad-content-length'),
  broken('a length with a unit', length('5 bytes', 'hello'), 'bad-content-length'),
  broken('a space inside the length', length('1 5', 'hello'), 'bad-content-length'),
  broken('a word as length', length('five', 'hello'), 'bad-content-length'),
  broken('a quoted length', length('"5"', 'hello'), 'bad-content-length'),
  broken('a list of equal lengths', length('5, 5', 'hello'), 'bad-content-length'),
  broken('a list of different lengths', length('5, 6', 'hello'), 'bad-content-length'),
  broken('a length and a comma', length('5,', 'hello'), 'bad-content-length'),
  broken('two lengths that differ', length('5', 'hello', 'Content-Length: 6'), 'conflicting-length'),
  broken('two lengths that agree', length('5', 'hello', 'Content-Length: 5'), 'conflicting-length'),
  broken('two lengths of 0', length('0', '', 'content-length: 0'), 'conflicting-length'),
  broken('a length of 2^53', length('9007199254740992'), 'bad-content-length', { differs: 'beyond-safe-integers' }),
  broken('a length of 2^64 - 1', length('18446744073709551615'), 'bad-content-length', {
    differs: 'beyond-safe-integers',
  }),
  broken('a length of 2^64', length('18446744073709551616'), 'bad-content-length'),
  broken('a length of forty digits', length('1'.repeat(40)), 'bad-content-length'),

  whole('chunked', coding('chunked', hello), { body: 'hello', keepAlive: true }),
  whole('chunked in capitals', coding('CHUNKED', hello), { body: 'hello' }),
  whole('blanks before chunked, spaces after it', coding(' \tchunked  ', hello), { body: 'hello' }),
  whole('a tab after chunked', coding('chunked\t', hello), { body: 'hello', differs: 'tab-after-value' }),
  whole('a comma after chunked', coding('chunked,', hello), { body: 'hello', differs: 'comma-after-chunked' }),
  whole('holes before chunked', coding(', ,chunked', hello), { body: 'hello' }),
  whole('chunked after gzip', coding('gzip, chunked', hello), { body: 'hello', keepAlive: true }),
  whole('chunked after gzip on two lines', coding('gzip', hello, 'Transfer-Encoding: chunked'), { body: 'hello' }),
  whole('gzip alone ends with the connection', coding('gzip', 'abc'), { body: 'abc', keepAlive: false }),
  whole('identity ends with the connection', coding('identity', 'abc'), { body: 'abc', keepAlive: false }),
  whole('chunked before gzip ends with the connection', coding('chunked, gzip', 'abc'), {
    body: 'abc',
    keepAlive: false,
  }),
  whole('chunked before gzip on two lines', coding('chunked', hello, 'Transfer-Encoding: gzip'), {
    body: hello,
    keepAlive: false,
  }),
  whole('a coding that ends like chunked', coding('xchunked', hello), { body: hello }),
  whole('a coding that starts like chunked', coding('chunkedx', hello), { body: hello }),
  whole('a coding with a parameter', coding('x;q=1', 'abc'), { body: 'abc' }),

  broken('length, then coding', length('5', hello, 'Transfer-Encoding: chunked'), 'length-and-transfer-encoding'),
  broken('coding, then length', coding('chunked', hello, 'Content-Length: 5'), 'length-and-transfer-encoding'),
  broken('coding gzip, then length', coding('gzip', 'hello', 'Content-Length: 5'), 'length-and-transfer-encoding'),
  broken('length 0, then coding', length('0', hello, 'Transfer-Encoding: chunked'), 'length-and-transfer-encoding'),
  broken('chunked twice in a list', coding('chunked, chunked', hello), 'bad-transfer-encoding', {
    differs: 'malformed-transfer-encoding',
  }),
  broken(
    'chunked twice on two lines',
    coding('chunked', hello, 'Transfer-Encoding: chunked'),
    'bad-transfer-encoding',
    {
      differs: 'malformed-transfer-encoding',
    },
  ),
  broken('an empty coding', coding('', hello), 'bad-transfer-encoding', { differs: 'malformed-transfer-encoding' }),
  broken('only a comma', coding(',', hello), 'bad-transfer-encoding', { differs: 'malformed-transfer-encoding' }),
  broken('two words', coding('chunked foo', hello), 'bad-transfer-encoding', {
    differs: 'malformed-transfer-encoding',
  }),
  broken('chunked with a parameter', coding('chunked;a=b', hello), 'bad-transfer-encoding', {
    differs: 'malformed-transfer-encoding',
  }),
  broken('a quoted coding', coding('"chunked"', hello), 'bad-transfer-encoding', {
    differs: 'malformed-transfer-encoding',
  }),
  broken(
    'chunked in HTTP/1.0',
    head('HTTP/1.0 200 OK', 'Transfer-Encoding: chunked') + hello,
    'transfer-encoding-in-http-1.0',
    { differs: 'transfer-encoding-in-http-1.0' },
  ),

  whole('no length: until the connection closes', head(ok) + 'all of this', { body: 'all of this', keepAlive: false }),
  whole('no length and nothing before the close', head(ok), { body: '', keepAlive: false }),
  whole('HTTP/1.0 until close', head('HTTP/1.0 200 OK', 'Connection: keep-alive') + 'abc', {
    body: 'abc',
    keepAlive: false,
  }),

  whole('HEAD with a length has no body', length('5'), { method: 'HEAD', body: '', keepAlive: true }),
  whole('HEAD with chunked has no body', coding('chunked'), { method: 'HEAD', body: '', keepAlive: true }),
  whole('HEAD without framing has no body', head(ok), { method: 'HEAD', body: '', keepAlive: true }),
  whole('HEAD: a body that comes all the same is left', length('5', 'hello'), { method: 'HEAD', rest: 'hello' }),
  broken('HEAD: lengths must still agree', length('5', '', 'Content-Length: 6'), 'conflicting-length', {
    method: 'HEAD',
  }),
  whole('204 has no body', head('HTTP/1.1 204 No Content'), { status: 204, body: '', keepAlive: true }),
  whole('204 with a length has no body', head('HTTP/1.1 204 No Content', 'Content-Length: 5') + 'hello', {
    status: 204,
    body: '',
    rest: 'hello',
  }),
  whole('204 with chunked has no body', head('HTTP/1.1 204 No Content', 'Transfer-Encoding: chunked') + hello, {
    status: 204,
    body: '',
    rest: hello,
  }),
  whole('304 with a length has no body', head('HTTP/1.1 304 Not Modified', 'Content-Length: 5'), {
    status: 304,
    body: '',
    keepAlive: true,
  }),
  whole('304 without framing has no body', head('HTTP/1.1 304 Not Modified') + 'x', {
    status: 304,
    body: '',
    rest: 'x',
  }),
  whole('205 may have a body', head('HTTP/1.1 205 Reset Content', 'Content-Length: 2') + 'ok', {
    status: 205,
    body: 'ok',
  }),
];
