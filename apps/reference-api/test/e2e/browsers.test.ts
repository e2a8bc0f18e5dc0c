/** What pages in browsers get: those of allowed origins, those of others, and the documents. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApi, type Answer, type RunningApi } from '../support/running-api.ts';

const friend = 'https://app.example.com';
const other = 'https://second.example.com';
const stranger = 'https://evil.example.com';
const statsPath = '/dashboard/stats';

let api: RunningApi;
const cleanUps: (() => Promise<void>)[] = [];
beforeAll(async () => {
  const env = { CORS_ORIGINS: `${friend},${other}`, SEED_SESSIONS: '1' };
  api = await startApi({ env, later: (cleanUp) => cleanUps.push(cleanUp) });
});
afterAll(async () => {
  for (const cleanUp of cleanUps) await cleanUp();
});

describe('a page of another origin', () => {
  const from = (origin: string, more: Record<string, string> = {}): Record<string, string> => ({ origin, ...more });
  const corsOf = ({ headers }: Answer<unknown>): object =>
    Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-')));

  const paths = [
    ['an answer', '/health', 200],
    ['a refusal by a hook', statsPath, 401],
    ['a path that there is not', '/nowhere', 404],
    ['a URL that is too long', `/health?${'x'.repeat(2048)}`, 400],
    ['a URL that is refused before any hook', '/optimization/sessions/%zz', 400],
  ] as const;

  test.each(paths)('%s is read by an allowed one, and by no other', async (_, path, status) => {
    for (const origin of [friend, other]) {
      const answer = await api.ask(path, { headers: from(origin) });
      expect(answer.status).toBe(status);
      expect(corsOf(answer)).toEqual({
        'access-control-allow-origin': origin,
        'access-control-expose-headers': 'location, retry-after, ratelimit, ratelimit-policy, x-request-id, x-instance',
      });
      expect(answer.headers.get('vary')).toBe('origin');
    }
    for (const headers of [from(stranger), {}]) {
      const answer = await api.ask(path, { headers });
      expect(answer.status).toBe(status);
      expect(corsOf(answer)).toEqual({});
      expect(answer.headers.get('vary')).toBe('origin');
    }
  });

  const asksFirst = {
    'access-control-request-method': 'PUT',
    'access-control-request-headers': 'authorization,content-type',
  };

  test('asks first, and an allowed one is told what it may send', async () => {
    const answer = await api.ask(statsPath, { method: 'OPTIONS', headers: from(friend, asksFirst) });
    expect(answer.status).toBe(204);
    expect(corsOf(answer)).toMatchObject({
      'access-control-allow-origin': friend,
      'access-control-allow-methods': 'GET, POST, PUT',
      'access-control-allow-headers': 'authorization,content-type',
      'access-control-max-age': '600',
    });
    expect(answer.headers.get('vary')).toBe('origin, access-control-request-headers');
  });

  test('any other OPTIONS is a method that the path does not know, with the one shape', async () => {
    for (const headers of [from(stranger, asksFirst), from(friend), {}]) {
      const answer = await api.ask(statsPath, { method: 'OPTIONS', headers });
      expect(answer).toMatchObject({ status: 405, body: { error: 'method_not_allowed' } });
      expect(answer.headers.get('allow')).toBe('GET, HEAD');
      expect(answer.headers.get('access-control-allow-methods')).toBeNull();
    }
    expect((await api.ask('/nowhere', { method: 'OPTIONS' })).status).toBe(404);
  });
});

test('the page of the documents gets each of its own scripts and styles', async () => {
  const page = await api.ask<string>('/docs/');
  expect(page.status).toBe(200);
  // On plain http its own scripts would be asked for by https.
  expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
  expect(page.headers.get('content-security-policy')).not.toContain('upgrade-insecure-requests');
  const files = [...page.body.matchAll(/<(?:script|link)[^>]*? (?:src|href)="([^"]+)"/g)].map(([, path]) => path!);
  expect(files.length).toBeGreaterThan(3);
  for (const file of files) {
    const { pathname, origin } = new URL(file, `${api.url}/docs/`);
    expect(origin).toBe(api.url);
    expect([pathname, (await api.ask(pathname)).status]).toEqual([pathname, 200]);
  }
});
