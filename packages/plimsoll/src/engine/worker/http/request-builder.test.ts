import { describe, expect, onTestFinished, test } from 'vitest';
import { TargetNotAllowedError, TestFileError } from '../../../kernel/errors.ts';
import type { RequestOptions } from '../../../model/suite.ts';
import { redirectStep } from '../../../protocol/http1/redirect.ts';
import type { PreparedRequest } from './prepared-request.ts';
import { httpBench, type HttpOptions } from './settings.fixture.ts';

const allow = ['shop.test', 'other.test'];

function building(options: HttpOptions = {}) {
  const bench = httpBench({ target: 'http://shop.test/api', allow, ...options });
  onTestFinished(() => bench.close());
  const { builder, vu } = bench;
  return {
    ...bench,
    build: (method: string, path: string, request?: RequestOptions) =>
      builder.build(method, path, request, vu.cookies, vu.random),
  };
}

/** The head's lines by name, and the request line as ''. */
function headOf({ bytes }: PreparedRequest): Record<string, string> {
  const text = typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('latin1');
  const [line = '', ...fields] = text.slice(0, text.indexOf('\r\n\r\n')).split('\r\n');
  const pairs = fields.map((field) => {
    const colon = field.indexOf(': ');
    return [field.slice(0, colon), field.slice(colon + 2)] as const;
  });
  expect(new Set(pairs.map(([name]) => name)).size).toBe(pairs.length);
  return { '': line, ...Object.fromEntries(pairs) };
}

function bodyOf({ bytes }: PreparedRequest): string {
  const text = Buffer.from(bytes as string).toString('utf8');
  return text.slice(text.indexOf('\r\n\r\n') + 4);
}

describe('series are named by what the test wrote', () => {
  test.each<[string, string, string, RequestOptions?]>([
    ['GET /items/{id}', 'GET', '/items/{id}', { path: { id: 'a/b' } }],
    ['GET /items', 'GET', '/items?page=2&size=3'],
    ['GET /items', 'GET', '/items', { query: { page: 2 } }],
    ['GET /items', 'GET', 'items'],
    ['POST /items', 'POST', '/items', { json: {} }],
    ['sign in', 'POST', '/login', { name: 'sign in' }],
    ['GET /x', 'GET', 'http://shop.test/x'],
    ['GET /', 'GET', 'http://shop.test'],
    ['GET http://other.test/x', 'GET', 'http://other.test/x?y=1'],
    ['GET /x', 'GET', '/x#part'],
    ['GET http://other.test/x', 'GET', 'http://user:se@cret@other.test/x?y=1'],
    ['GET /x', 'GET', 'http://user:secret@shop.test/x'],
    ['GET http://other.test/{id}', 'GET', 'http://user:secret@other.test/{id}', { path: { id: 1 } }],
  ])("'%s'", (name, method, path, options) => {
    expect(building().build(method, path, options).series.name).toBe(name);
  });

  test('inside of a step they begin with its name, steps in steps too', () => {
    const { builder, vu } = building();
    const inner = builder.step('buy').step('pay');
    expect(inner.build('GET', '/a', undefined, vu.cookies, vu.random).series.name).toBe('buy > pay > GET /a');
    expect(builder.step('buy')).toBe(builder.step('buy'));
  });

  test('one name is one series, and a name that reads like a path is its own', () => {
    const { build } = building();
    expect(build('GET', '/items/{id}', { path: { id: 1 } }).series).toBe(
      build('GET', '/items/{id}', { path: { id: 2 } }).series,
    );
    expect(build('GET', '/a').series.name).toBe('GET /a');
    expect(build('GET', '/b', { name: '/a' }).series.name).toBe('/a');
  });

  test('5,000 paths of one test: 200 series and other', () => {
    const { build } = building();
    const names = new Set(Array.from({ length: 5000 }, (_, n) => build('GET', `/item-${n}`).series.name));
    expect(names.size).toBe(201);
    expect(names.has('other')).toBe(true);
  });
});

describe('what is sent', () => {
  test('a plain request is made once, and again when there are cookies', () => {
    const { build, vu, settings } = building();
    const first = build('GET', '/a');
    expect(build('GET', '/a')).toBe(first);
    expect(build('HEAD', '/a')).not.toBe(first);
    vu.cookies.set(settings.base, '/', 'user', '7');
    expect(headOf(build('GET', '/a'))).toMatchObject({ '': 'GET /api/a HTTP/1.1', cookie: 'user=7' });
    vu.cookies.clear();
    expect(build('GET', '/a')).toBe(first);
  });

  test('path values and query are encoded', () => {
    const { build } = building();
    const request = build('GET', '/items/{id}', { path: { id: 'a/ö' }, query: { q: 'x y', tag: ['1', '2'] } });
    expect(headOf(request)['']).toBe('GET /api/items/a%2F%C3%B6?q=x%20y&tag=1&tag=2 HTTP/1.1');
    expect(request.url).toBe('http://shop.test/api/items/a%2F%C3%B6?q=x%20y&tag=1&tag=2');
  });

  test('bodies: type, length in bytes, and one write with the head', () => {
    const { build } = building();
    const json = build('POST', '/a', { json: { name: 'Zoë' } });
    expect(headOf(json)).toMatchObject({ 'content-type': 'application/json', 'content-length': '15' });
    expect(bodyOf(json)).toBe('{"name":"Zoë"}');
    expect(json.byteLength).toBe(Buffer.from(json.bytes as string).length);
    expect(bodyOf(build('POST', '/a', { json: null }))).toBe('null');
    expect(headOf(build('POST', '/a'))).toMatchObject({ 'content-length': '0' });
    expect(bodyOf(build('POST', '/a', { form: { a: '1 2', b: true } }))).toMatch(/^a=1(\+|%20)2&b=true$/);
    const raw = build('PUT', '/a', { body: Uint8Array.of(0xff, 0), headers: { 'Content-Type': 'x/y' } });
    expect(headOf(raw)).toMatchObject({ 'content-type': 'x/y', 'content-length': '2' });
    expect(Buffer.from(raw.bytes as Uint8Array).subarray(-2)).toEqual(Buffer.of(0xff, 0));
  });

  test('a streamed body is left for later', () => {
    const { build } = building();
    const request = build('POST', '/a', { body: [Uint8Array.of(1)] });
    expect(headOf(request)).toMatchObject({ 'transfer-encoding': 'chunked' });
    expect(request.stream).toMatchObject({ byteLength: -1 });
  });

  test("the test's own mistakes are thrown where they are written", () => {
    const { build } = building();
    expect(() => build('GET', '/a', { headers: { 'x-a': 'b\r\nc: d' } })).toThrow(TestFileError);
    expect(() => build('GET', '/{id}', { path: {} })).toThrow(TestFileError);
    expect(() => build('POST', '/a', { json: {}, form: {} })).toThrow(TestFileError);
    expect(() => build('GET', 'http://elsewhere.test/')).toThrow(TargetNotAllowedError);
  });
});

describe('credentials', () => {
  const authorization = (request: PreparedRequest) => headOf(request)['authorization'];

  test('the default token goes to the target only', () => {
    const { build } = building({ http: { bearer: 't0' } });
    expect(authorization(build('GET', '/a'))).toBe('Bearer t0');
    expect(authorization(build('GET', 'http://shop.test/a'))).toBe('Bearer t0');
    expect(authorization(build('GET', 'http://other.test/a'))).toBeUndefined();
    expect(authorization(build('GET', 'http://shop.test:8080/a'))).toBeUndefined();
    expect(authorization(build('GET', '/a', { bearer: 't1' }))).toBe('Bearer t1');
    expect(authorization(build('GET', 'http://other.test/a', { bearer: 't1' }))).toBe('Bearer t1');
  });

  test('so do the default password and default headers that are credentials', () => {
    const basic = building({ http: { basic: { user: 'u', password: 'p' } } });
    expect(authorization(basic.build('GET', '/a'))).toBe(`Basic ${btoa('u:p')}`);
    expect(authorization(basic.build('GET', 'http://other.test/a'))).toBeUndefined();
    const { build } = building({ http: { headers: { Authorization: 'Key k', Cookie: 'a=1', 'X-Trace': 'on' } } });
    expect(headOf(build('GET', '/a'))).toMatchObject({ authorization: 'Key k', cookie: 'a=1', 'x-trace': 'on' });
    const elsewhere = headOf(build('GET', 'http://other.test/a'));
    expect(elsewhere).toMatchObject({ 'x-trace': 'on' });
    expect(elsewhere).not.toHaveProperty('authorization');
    expect(elsewhere).not.toHaveProperty('cookie');
  });

  test("a request's own replace the default ones", () => {
    const { build } = building({ http: { bearer: 't0' } });
    expect(authorization(build('GET', '/a', { basic: { user: 'u', password: 'ö' } }))).toBe('Basic dTrDtg==');
    expect(authorization(build('GET', '/a', { headers: { authorization: 'Mine' } }))).toBe('Mine');
    expect(authorization(build('GET', 'http://u:p@shop.test/a'))).toBe(`Basic ${btoa('u:p')}`);
  });
});

describe('redirects', () => {
  const following = (options: HttpOptions = {}) => {
    const bench = building(options);
    return {
      ...bench,
      follow: (from: PreparedRequest, status: number, location: string): PreparedRequest => {
        const source = { ...from, bodyStreamed: from.stream !== undefined };
        const step = redirectStep(source, status, location, 0, 5);
        if (step.next !== 'follow') throw new Error(`${step.next} instead of follow`);
        return bench.builder.redirected(from, step.request, bench.vu.cookies);
      },
    };
  };

  test('within the origin credentials, body and its type go along', () => {
    const { build, follow } = following();
    const sent = build('POST', '/a', { json: { a: 1 }, bearer: 'own', headers: { 'x-a': '1' } });
    const again = follow(sent, 307, '/b');
    expect(headOf(again)).toEqual({ ...headOf(sent), '': 'POST /b HTTP/1.1' });
    expect(bodyOf(again)).toBe('{"a":1}');
    expect(again.series).toBe(sent.series);
    expect(headOf(follow(build('GET', 'http://u:p@shop.test/a'), 302, '/b'))['authorization']).toBe(
      `Basic ${btoa('u:p')}`,
    );
    expect(headOf(follow(build('GET', '/a', { basic: { user: 'u', password: 'p' } }), 302, 'b'))['authorization']).toBe(
      `Basic ${btoa('u:p')}`,
    );
  });

  test('a 303 asks with GET and leaves the body and its type behind', () => {
    const { build, follow } = following({ http: { bearer: 't0' } });
    const next = headOf(follow(build('POST', '/a', { json: { a: 1 } }), 303, '/b'));
    expect(next).toMatchObject({ '': 'GET /b HTTP/1.1', authorization: 'Bearer t0' });
    expect(next).not.toHaveProperty('content-type');
    expect(next).not.toHaveProperty('content-length');
  });

  test.each<[string, HttpOptions['http'], RequestOptions?]>([
    ['a default token', { bearer: 't0' }],
    ['a default password', { basic: { user: 'u', password: 'p' } }],
    ['a default header', { headers: { authorization: 'Key k' } }],
    ['a token of its own', {}, { bearer: 't1' }],
    ['a password of its own', {}, { basic: { user: 'u', password: 'p' } }],
    ['a header of its own', {}, { headers: { authorization: 'Key k' } }],
  ])('to another origin %s stays behind, also when it redirects again, even back', (_, http, options) => {
    const { build, follow } = following({ ...(http && { http }) });
    const home = build('GET', '/a', options);
    expect(headOf(home)).toHaveProperty('authorization');
    const away = follow(home, 302, 'http://other.test/b');
    const farther = follow(away, 302, '/c');
    const back = follow(farther, 302, 'http://shop.test/d');
    for (const request of [away, farther, back]) expect(headOf(request)).not.toHaveProperty('authorization');
    expect(headOf(farther)).toMatchObject({ '': 'GET /c HTTP/1.1', host: 'other.test' });
  });

  test('cookies follow the host they were set by', () => {
    const { build, follow, vu, settings } = following();
    vu.cookies.set(settings.base, '/', 'user', '7');
    const away = follow(build('GET', '/a'), 302, 'http://other.test/b');
    expect(headOf(away)).not.toHaveProperty('cookie');
    expect(headOf(follow(away, 302, 'http://shop.test/c'))).toMatchObject({ cookie: 'user=7' });
  });

  test('the guard holds for them too', () => {
    const { build, follow } = following();
    expect(() => follow(build('GET', '/a'), 302, 'http://elsewhere.test/')).toThrow(TargetNotAllowedError);
  });
});
