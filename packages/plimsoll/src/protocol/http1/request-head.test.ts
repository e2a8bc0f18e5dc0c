import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { TestFileError } from '../../kernel/errors.ts';
import { HeadTemplate, headerOf } from './request-head.ts';

const plain = new HeadTemplate('app.test', [{ accept: '*/*' }, { 'X-Team': 'blue' }]);

test('the whole head of a GET', () => {
  expect(plain.render({ method: 'GET', path: '/a?b=1' })).toBe(
    'GET /a?b=1 HTTP/1.1\r\nhost: app.test\r\naccept: */*\r\nx-team: blue\r\n\r\n',
  );
});

test('own headers follow the fixed ones, and replace them whatever their case', () => {
  const head = plain.render({ method: 'GET', path: '/', headers: { Accept: 'text/html', 'x-id': '1' } });
  expect(head).toBe('GET / HTTP/1.1\r\nhost: app.test\r\naccept: text/html\r\nx-team: blue\r\nx-id: 1\r\n\r\n');
});

test('a host header replaces ours, and there is only one', () => {
  const head = plain.render({ method: 'GET', path: '/', headers: { Host: 'virtual.test' } });
  expect(head.match(/^host: .*$/gim)).toEqual(['host: virtual.test']);
});

test('authorization: the request over the template, an own header over both', () => {
  const template = new HeadTemplate('app.test', [{ authorization: 'Bearer default' }]);
  const of = (head: string) => head.match(/^authorization: (.*)$/gim);
  expect(of(template.render({ method: 'GET', path: '/', authorization: 'Basic own' }))).toEqual([
    'authorization: Basic own',
  ]);
  const headers = { Authorization: 'Custom' };
  expect(of(template.render({ method: 'GET', path: '/', authorization: 'Basic own', headers }))).toEqual([
    'authorization: Custom',
  ]);
});

test('cookies and content type give way to own headers', () => {
  const request = { method: 'POST', path: '/', cookie: 'a=1', contentType: 'application/json', bodyBytes: 2 };
  expect(plain.render(request)).toMatch(
    /x-team: blue\r\ncookie: a=1\r\ncontent-type: application\/json\r\ncontent-length: 2\r\n\r\n$/,
  );
  const own = plain.render({ ...request, headers: { Cookie: 'b=2', 'Content-Type': 'text/x' } });
  expect(own.match(/^(cookie|content-type): .*$/gim)).toEqual(['cookie: b=2', 'content-type: text/x']);
});

test('an absolute-form request line for a plain proxy', () => {
  const template = new HeadTemplate('app.test:81', [], 'http://app.test:81');
  expect(template.render({ method: 'GET', path: '/a' })).toBe(
    'GET http://app.test:81/a HTTP/1.1\r\nhost: app.test:81\r\n\r\n',
  );
});

describe('where the body ends', () => {
  test.each([
    ['GET', undefined, ''],
    ['DELETE', undefined, ''],
    ['POST', undefined, 'content-length: 0\r\n'],
    ['PUT', 0, 'content-length: 0\r\n'],
    ['GET', 5, 'content-length: 5\r\n'],
    ['PATCH', -1, 'transfer-encoding: chunked\r\n'],
  ])('%s with a body of %s bytes', (method, bodyBytes, line) => {
    const head = new HeadTemplate('a', []).render({ method, path: '/', bodyBytes });
    expect(head).toBe(`${method} / HTTP/1.1\r\nhost: a\r\n${line}\r\n`);
  });

  test('a test cannot have a say in it', () => {
    const head = plain.render({ method: 'POST', path: '/', headers: { 'Content-Length': '99' }, bodyBytes: 5 });
    expect(head.match(/^content-length: .*$/gim)).toEqual(['content-length: 5']);
    const chunked = { 'Transfer-Encoding': 'chunked' };
    expect(() => plain.render({ method: 'POST', path: '/', headers: chunked, bodyBytes: 5 })).toThrow(TestFileError);
    expect(() => new HeadTemplate('a', [chunked])).toThrow(TestFileError);
  });
});

describe('nothing can be smuggled', () => {
  test.each([
    [{ 'x-a': 'b\r\nx-evil: 1' }, /could end the line/],
    [{ 'x-a': 'b\n' }, /could end the line/],
    [{ 'x-a': 'b\0c' }, /could end the line/],
    [{ 'x-a': 'snow ☃' }, /is not Latin-1/],
    [{ 'x a': 'b' }, /is not a name of a header/],
    [{ 'x:': 'b' }, /is not a name of a header/],
    [{ 'x\r\ny': 'b' }, /is not a name of a header/],
    [{ '': 'b' }, /is not a name of a header/],
    [{ 'x-a': undefined as never }, /the header x-a has no value/],
  ])('headers %j', (headers, message) => {
    expect(() => plain.render({ method: 'GET', path: '/', headers })).toThrow(message);
    expect(() => new HeadTemplate('a', [headers])).toThrow(message);
  });

  test.each(['GET /', 'G\r\n', '', 'CONNECT'])('method %j', (method) => {
    expect(() => plain.render({ method, path: '/' })).toThrow(TestFileError);
  });

  test('content types and authorizations', () => {
    expect(() => plain.render({ method: 'POST', path: '/', contentType: 'a\r\nb: c', bodyBytes: 1 })).toThrow(
      TestFileError,
    );
    expect(() => plain.render({ method: 'GET', path: '/', authorization: 'Bearer a\nb' })).toThrow(TestFileError);
  });

  property.prop([
    fc.dictionary(fc.string({ unit: 'binary', maxLength: 6 }), fc.string({ unit: 'binary', maxLength: 8 }), {
      maxKeys: 4,
    }),
    fc.string({ unit: 'binary', maxLength: 10 }),
  ])('whatever is written, every line is one that was meant', (headers, path) => {
    let head: string;
    try {
      head = plain.render({ method: 'GET', path: `/${path}`, headers });
    } catch (error) {
      expect(error).toBeInstanceOf(TestFileError);
      return;
    }
    const names = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
    const lines = head.split('\r\n');
    expect(lines.slice(-2)).toEqual(['', '']);
    const fixed = ['host', 'accept', 'x-team'].filter((name) => !names.has(name));
    const written = [...names].filter((name) => name !== 'content-length');
    expect(lines).toHaveLength(1 + fixed.length + written.length + 2);
    expect(lines.join('')).toMatch(/^[\t\x20-\x7e\x80-\xff]*$/);
  });
});

test('white space around values goes, Latin-1 stays', () => {
  const head = plain.render({ method: 'GET', path: '/', headers: { 'x-a': '  é\t' } });
  expect(head).toContain('x-a: é\r\n');
});

test('headerOf finds a header in any case', () => {
  expect(headerOf({ 'Content-Length': '5' }, 'content-length')).toBe('5');
  expect(headerOf({ 'content-length': '6' }, 'content-length')).toBe('6');
  expect(headerOf({ 'content-type': 'x' }, 'content-length')).toBeUndefined();
});
