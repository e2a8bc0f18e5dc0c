import { describe, expect, test } from 'vitest';
import { UsageError } from '../../kernel/errors.ts';
import { parseBase, resolveUrl } from './target-url.ts';

test.each([
  ['http://app.test', '/x', 'http://app.test', '/x'],
  ['http://app.test/', '/x', 'http://app.test', '/x'],
  ['http://app.test/api', '/x', 'http://app.test', '/api/x'],
  ['http://app.test/api/', 'x', 'http://app.test', '/api/x'],
  ['http://app.test/api', '', 'http://app.test', '/api'],
  ['http://app.test/api?old=1', '?a=1', 'http://app.test', '/api?a=1'],
  ['http://app.test', '', 'http://app.test', '/'],
  ['http://app.test', '?a=1', 'http://app.test', '/?a=1'],
  ['http://app.test', '/x#part', 'http://app.test', '/x'],
  ['http://APP.test:80', '/x', 'http://app.test', '/x'],
  ['https://app.test:443', '/x', 'https://app.test', '/x'],
  ['https://app.test:8443', '/x', 'https://app.test:8443', '/x'],
  ['http://app.test/api', 'http://other.test/y?u=/a', 'http://other.test', '/y?u=/a'],
  ['http://app.test', 'https://other.test?a=1#b', 'https://other.test', '/?a=1'],
  ['http://app.test', '/go?to=http://x.test/', 'http://app.test', '/go?to=http://x.test/'],
  ['http://app.test', '/a:b', 'http://app.test', '/a:b'],
  ['http://app.test', '//double', 'http://app.test', '//double'],
  ['http://127.1', '/', 'http://127.0.0.1', '/'],
  ['http://bücher.test', '/', 'http://xn--bcher-kva.test', '/'],
  ['unix:/run/app.sock', '/x', 'unix:/run/app.sock', '/x'],
  ['unix:/run/app.sock:/api', '/x', 'unix:/run/app.sock', '/api/x'],
])('%s with %j goes to %s, path %s', (base, path, href, expectedPath) => {
  const url = resolveUrl(parseBase(base), path);
  expect(url.origin.href).toBe(href);
  expect(url.path).toBe(expectedPath);
});

describe('origins', () => {
  test('IPv6: no brackets to connect with, brackets in the Host header', () => {
    expect(resolveUrl(undefined, 'http://[::1]:8080/').origin).toEqual({
      protocol: 'http:',
      host: '::1',
      port: 8080,
      hostHeader: '[::1]:8080',
      href: 'http://[::1]:8080',
    });
  });

  test('default ports do not show in the Host header', () => {
    expect(resolveUrl(undefined, 'https://app.test/').origin).toMatchObject({ port: 443, hostHeader: 'app.test' });
    expect(resolveUrl(undefined, 'http://app.test:443/').origin).toMatchObject({ hostHeader: 'app.test:443' });
  });

  test('a Unix socket is plain HTTP to localhost', () => {
    const { origin } = parseBase('unix:///run/app.sock');
    expect(origin).toMatchObject({ protocol: 'http:', host: 'localhost', socketPath: '/run/app.sock' });
  });

  test('user and password come off the URL', () => {
    const url = resolveUrl(undefined, 'http://us%40er:pw@app.test/x');
    expect(url.basic).toEqual({ user: 'us@er', password: 'pw' });
    expect(url.origin.hostHeader).toBe('app.test');
    expect(resolveUrl(parseBase('http://u:p@app.test'), '/x').basic).toEqual({ user: 'u', password: 'p' });
    expect(resolveUrl(undefined, 'http://app.test/x').basic).toBeUndefined();
  });
});

test.each([
  'ftp://app.test/',
  'http://',
  'http:///x',
  'app.test:80',
  'http://a b/',
  'unix:relative',
  '',
  'http://x:99999',
])('%j is no target', (text) => {
  expect(() => parseBase(text)).toThrow(UsageError);
});

test.each([
  ['http://user:secret@a b/', "'http://…@a b/' is not a URL"],
  ['http://user:12secret/34@app.test/', "'http://…@app.test/' is not a URL"],
  ['ftp://user:secret@app.test/', "'ftp://…@app.test/' is not an http:// or https:// URL"],
  ['user:secret@app.test/', "'user:…@app.test/' is not an absolute URL, and there is no target"],
])('what is wrong with %s is said without its password', (text, message) => {
  expect(() => resolveUrl(undefined, text)).toThrow(message);
});

test('a relative path without a target says what to do', () => {
  expect(() => resolveUrl(undefined, '/x')).toThrow("'/x' is not an absolute URL, and there is no target");
});
