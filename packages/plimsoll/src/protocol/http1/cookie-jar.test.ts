import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { parseCookieDate } from './cookie-date.ts';
import { CookieJar } from './cookie-jar.ts';

const nowMs = Date.UTC(2025, 0, 1);

function at(text: string) {
  const url = new URL(text);
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    path: url.pathname + url.search,
    secure: url.protocol === 'https:',
  };
}

function jarWith(from: string, ...lines: string[]): CookieJar {
  const jar = new CookieJar();
  for (const line of lines) jar.setFromHeader(line, at(from), nowMs);
  return jar;
}

/** Is a cookie set by one URL sent to another? */
test.each([
  ['http://app.test/', 'a=1', 'http://app.test/any', true],
  ['http://app.test/', 'a=1', 'http://api.app.test/', false],
  ['http://app.test/', 'a=1; Domain=app.test', 'http://api.app.test/', true],
  ['http://app.test/', 'a=1; domain=.APP.test', 'http://api.app.test/', true],
  ['http://api.app.test/', 'a=1; Domain=app.test', 'http://app.test/', true],
  ['http://app.test/', 'a=1; Domain=app.test', 'http://myapp.test/', false],
  ['http://app.test/', 'a=1; Domain=api.app.test', 'http://app.test/', false],
  ['http://app.test/', 'a=1; Domain=other.test', 'http://app.test/', false],
  ['http://app.test/', 'a=1; Domain=test', 'http://app.test/', false],
  ['http://localhost/', 'a=1; Domain=localhost', 'http://localhost/', true],
  ['http://127.0.0.1/', 'a=1; Domain=127.0.0.1', 'http://127.0.0.1/', true],
  ['http://127.0.0.1/', 'a=1; Domain=0.0.1', 'http://127.0.0.1/', false],
  ['http://[::1]/', 'a=1', 'http://[::1]/', true],
  ['http://app.test:81/', 'a=1', 'http://app.test:82/', true],
  ['http://app.test/x/y', 'a=1', 'http://app.test/x/z', true],
  ['http://app.test/x/y?q=/', 'a=1', 'http://app.test/x', true],
  ['http://app.test/x/y', 'a=1', 'http://app.test/', false],
  ['http://app.test/x', 'a=1', 'http://app.test/z', true],
  ['http://app.test/', 'a=1; Path=/foo', 'http://app.test/foo', true],
  ['http://app.test/', 'a=1; Path=/foo', 'http://app.test/foo?a', true],
  ['http://app.test/', 'a=1; Path=/foo', 'http://app.test/foo/bar', true],
  ['http://app.test/', 'a=1; Path=/foo', 'http://app.test/foobar', false],
  ['http://app.test/', 'a=1; Path=/foo/', 'http://app.test/foo', false],
  ['http://app.test/x/y', 'a=1; Path=relative', 'http://app.test/x', true],
  ['https://app.test/', 'a=1; Secure', 'https://app.test/', true],
  ['https://app.test/', 'a=1; Secure', 'http://app.test/', false],
  ['http://localhost/', 'a=1; Secure', 'http://localhost/', true],
  ['http://app.test/', 'a=1; Max-Age=0', 'http://app.test/', false],
  ['http://app.test/', 'a=1; Max-Age=-5', 'http://app.test/', false],
  ['http://app.test/', 'a=1; Max-Age=nonsense', 'http://app.test/', true],
  ['http://app.test/', 'a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT', 'http://app.test/', false],
  ['http://app.test/', 'a=1; Max-Age=9; Expires=Thu, 01 Jan 1970 00:00:00 GMT', 'http://app.test/', true],
  ['http://app.test/', 'a=1; Expires=rubbish', 'http://app.test/', true],
  ['http://app.test/', 'a=1; HttpOnly; SameSite=Strict; Unknown=x', 'http://app.test/', true],
  ['http://app.test/', '=1', 'http://app.test/', false],
  ['http://app.test/', 'novalue', 'http://app.test/', false],
  ['http://app.test/', 'a=\x01', 'http://app.test/', false],
  ['http://app.test/', 'a=1\r\nx: y', 'http://app.test/', false],
  ['http://app.test/', `a=${'x'.repeat(5000)}`, 'http://app.test/', false],
])('from %s, %j, to %s: %s', (from, line, to, sent) => {
  const header = jarWith(from, line).headerFor(at(to), nowMs);
  expect(header).toBe(sent ? 'a=1' : '');
});

describe('the header', () => {
  test('longer paths first, then older cookies', () => {
    const jar = jarWith('http://app.test/', 'a=1', 'b=2; Path=/x/y', 'c=3; Path=/x', 'd=4; Path=/x/y', 'e=5');
    expect(jar.headerFor(at('http://app.test/x/y'), nowMs)).toBe('b=2; d=4; c=3; a=1; e=5');
  });

  test('a new value takes the place of the old one', () => {
    const jar = jarWith('http://app.test/', 'a=1', 'b=2', 'a=3');
    expect(jar.headerFor(at('http://app.test/'), nowMs)).toBe('a=3; b=2');
  });

  test('values are kept as they are, equals signs and quotes included', () => {
    const jar = jarWith('http://app.test/', 'a = "x=y==" ; Path=/');
    expect(jar.headerFor(at('http://app.test/'), nowMs)).toBe('a="x=y=="');
  });

  property.prop([fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })])(
    'never breaks a line',
    (name, value) => {
      const jar = jarWith('http://app.test/', `${name}=${value}`);
      expect(jar.headerFor(at('http://app.test/'), nowMs)).toMatch(/^[\t\x20-\x7e\x80-\xff]*$/);
    },
  );
});

describe('the end of a cookie', () => {
  test('comes with time', () => {
    const jar = jarWith('http://app.test/', 'a=1; Max-Age=10');
    expect(jar.headerFor(at('http://app.test/'), nowMs + 9999)).toBe('a=1');
    expect(jar.headerFor(at('http://app.test/'), nowMs + 10_000)).toBe('');
  });

  test('comes when the server sets it in the past: the jar is empty again', () => {
    const jar = jarWith('http://app.test/', 'a=1');
    expect(jar.isEmpty).toBe(false);
    jar.setFromHeader('a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT', at('http://app.test/'), nowMs);
    expect(jar.isEmpty).toBe(true);
  });

  test('comes when there are too many: expired ones first', () => {
    const jar = new CookieJar();
    jar.setFromHeader('old=1; Max-Age=1', at('http://app.test/'), nowMs);
    for (let i = 0; i < 179; i++) jar.setFromHeader(`c${i}=1`, at('http://app.test/'), nowMs);
    expect(jar.size).toBe(180);
    jar.setFromHeader('new=1', at('http://app.test/'), nowMs + 2000);
    const header = jar.headerFor(at('http://app.test/'), nowMs + 2000);
    expect(jar.size).toBe(180);
    expect(header).toMatch(/c178=1; new=1$/);
    for (let i = 0; i < 1000; i++) jar.setFromHeader(`d${i}=1`, at('http://app.test/'), nowMs);
    expect(jar.size).toBe(180);
  });
});

test.each([
  ['Wed, 09 Jun 2021 10:18:14 GMT', '2021-06-09T10:18:14.000Z'],
  ['Wednesday, 09-Jun-21 10:18:14 GMT', '2021-06-09T10:18:14.000Z'],
  ['Wed Jun  9 10:18:14 2021', '2021-06-09T10:18:14.000Z'],
  ['9 june 99 1:2:3', '1999-06-09T01:02:03.000Z'],
  ['Thu, 01 Jan 1970 00:00:00 GMT', '1970-01-01T00:00:00.000Z'],
  ['Fri, 31 Dec 9999 23:59:59 GMT', '9999-12-31T23:59:59.000Z'],
  ['Wed, 31 Feb 2021 10:18:14 GMT', undefined],
  ['Wed, 09 Jun 2021 24:00:00 GMT', undefined],
  ['Wed, 09 Jun 1500 10:18:14 GMT', undefined],
  ['Wed, 09 Jun 2021', undefined],
  ['', undefined],
])('the date %j is %s', (text, expected) => {
  const ms = parseCookieDate(text);
  expect(ms === undefined ? undefined : new Date(ms).toISOString()).toBe(expected);
});
