import { describe, expect, test } from 'vitest';
import { redirectStep } from './redirect.ts';
import type { RedirectSource, RedirectedRequest } from './redirect.ts';
import { resolveUrl } from './target-url.ts';

const headers = {
  Authorization: 'Bearer x',
  cookie: 'a=1',
  'Content-Type': 'text/plain',
  'x-id': '7',
  Host: 'virtual.test',
};

function source(method: string, url = 'http://app.test/a/b?c=d', bodyStreamed = false): RedirectSource {
  return { method, target: resolveUrl(undefined, url), headers, bodyStreamed };
}

function follow(from: RedirectSource, status: number, location: string): RedirectedRequest {
  const step = redirectStep(from, status, location, 0, 5);
  if (step.next !== 'follow') throw new Error(step.next === 'fail' ? step.error.message : step.next);
  return step.request;
}

/** As in the fetch standard, HTTP-redirect fetch, step 12. */
test.each([
  ['GET', 301, 'GET', true],
  ['POST', 301, 'GET', false],
  ['PUT', 301, 'PUT', true],
  ['POST', 302, 'GET', false],
  ['DELETE', 302, 'DELETE', true],
  ['HEAD', 302, 'HEAD', true],
  ['POST', 303, 'GET', false],
  ['PUT', 303, 'GET', false],
  ['HEAD', 303, 'HEAD', false],
  ['POST', 307, 'POST', true],
  ['POST', 308, 'POST', true],
])('%s and %i: %s, body kept: %s', (method, status, expected, keepsBody) => {
  const request = follow(source(method), status, '/next');
  expect(request).toMatchObject({ method: expected, keepsBody, crossOrigin: false });
  expect('Content-Type' in request.headers).toBe(keepsBody);
  expect(request.headers).toMatchObject({ Authorization: 'Bearer x', 'x-id': '7' });
});

test.each([
  ['/x', 'http://app.test', '/x'],
  ['x', 'http://app.test', '/a/x'],
  ['../x?y#z', 'http://app.test', '/x?y'],
  ['?q=1', 'http://app.test', '/a/b?q=1'],
  ['//other.test/x', 'http://other.test', '/x'],
  ['https://other.test:8443', 'https://other.test:8443', '/'],
  ['http://APP.test:80/x', 'http://app.test', '/x'],
  ['/caf\xc3\xa9', 'http://app.test', '/caf%C3%A9'],
])('Location %j leads to %s%s', (location, origin, path) => {
  const { target } = follow(source('GET'), 302, location);
  expect(target.origin.href).toBe(origin);
  expect(target.path).toBe(path);
});

describe('credentials', () => {
  test.each(['http://other.test/', 'https://app.test/', 'http://app.test:81/', 'http://api.app.test/'])(
    'do not go to %s',
    (location) => {
      const request = follow(source('GET'), 302, location);
      expect(request.crossOrigin).toBe(true);
      expect(request.headers).toEqual({ 'Content-Type': 'text/plain', 'x-id': '7' });
      expect(request.target.basic).toBeUndefined();
    },
  );

  test('of the URL stay within the origin', () => {
    const from = source('GET', 'http://user:pw@app.test/');
    expect(follow(from, 302, '/x').target.basic).toEqual({ user: 'user', password: 'pw' });
    expect(follow(from, 302, 'http://other.test/').target.basic).toBeUndefined();
  });
});

test('a Unix socket stays the socket', () => {
  const { target, crossOrigin } = follow(source('GET', 'unix:/run/app.sock:/a'), 302, '/b');
  expect(target.origin.socketPath).toBe('/run/app.sock');
  expect(target.path).toBe('/b');
  expect(crossOrigin).toBe(false);
});

describe('no redirect', () => {
  test.each([
    [200, '/x', 5],
    [304, '/x', 5],
    [300, '/x', 5],
    [302, undefined, 5],
    [302, '', 5],
    [302, '/x', 0],
  ])('status %i, Location %j, at most %i', (status, location, most) => {
    expect(redirectStep(source('GET'), status, location, 0, most)).toEqual({ next: 'stay' });
  });
});

describe('failures', () => {
  test('too many', () => {
    expect(redirectStep(source('GET'), 302, '/x', 4, 5).next).toBe('follow');
    expect(redirectStep(source('GET'), 302, '/x', 5, 5)).toEqual({
      next: 'fail',
      error: { kind: 'redirect', message: 'more than 5 redirects in a row', code: '' },
    });
  });

  test.each(['ftp://app.test/', 'http://', 'http://a b/', 'javascript:alert(1)'])('Location %j', (location) => {
    expect(redirectStep(source('GET'), 302, location, 0, 5)).toMatchObject({
      next: 'fail',
      error: { kind: 'redirect' },
    });
  });

  test('the password in a Location that is no URL is not told', () => {
    expect(redirectStep(source('GET'), 302, 'ftp://user:secret@app.test/', 0, 5)).toMatchObject({
      error: { message: 'the redirect leads to "ftp://…@app.test/", which is no URL' },
    });
  });

  test('a streamed body cannot be sent again', () => {
    const streamed = source('POST', 'http://app.test/', true);
    expect(redirectStep(streamed, 307, '/x', 0, 5).next).toBe('fail');
    expect(redirectStep(streamed, 303, '/x', 0, 5).next).toBe('follow');
  });
});
