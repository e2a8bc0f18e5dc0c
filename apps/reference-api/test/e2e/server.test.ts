/** The built server, as it is started, asked and stopped. */
import { createHmac } from 'node:crypto';
import { Agent, get as httpGet } from 'node:http';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Session, SessionPage } from '../../src/domain/session.ts';
import { temporaryFolder } from '../support/private-server.ts';
import { startApi, type ApiOptions, type RunningApi } from '../support/running-api.ts';

const secret = 'a secret of thirty-two characters';
const sessionsPath = '/optimization/sessions';
const criteriaPath = '/config/optimization-criteria';

const start = (options: Omit<ApiOptions, 'later'> = {}): Promise<RunningApi> =>
  startApi({ ...options, later: onTestFinished });

describe('one service', () => {
  let api: RunningApi;
  const cleanUps: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    const env = { AUTH_SECRET: secret, TOKEN_TTL_SECONDS: '1234' };
    api = await startApi({ args: ['--rate-limits', 'off'], env, later: (cleanUp) => cleanUps.push(cleanUp) });
  });
  afterAll(async () => {
    for (const cleanUp of cleanUps) await cleanUp();
  });

  test('a token opens what its role may, and 401 and 403 are told apart', async () => {
    expect((await api.ask('/dashboard/stats')).status).toBe(401);
    expect((await api.as('viewer', '/dashboard/stats')).status).toBe(200);
    const json = { model_id: 'model-001', technique: 'pruning' };
    expect((await api.as('viewer', sessionsPath, { json })).status).toBe(403);
    expect((await api.as('operator', sessionsPath, { json })).status).toBe(201);
    const criteria = (await api.as('viewer', criteriaPath)).body;
    expect((await api.as('operator', criteriaPath, { method: 'PUT', json: criteria })).status).toBe(403);
    expect((await api.as('admin', criteriaPath, { method: 'PUT', json: criteria })).status).toBe(200);
  });

  test('a token ends when the answer says', async () => {
    const json = { username: 'viewer', password: 'plimsoll' };
    const { body } = await api.ask<{ access_token: string; expires_in: number }>('/auth/token', { json });
    const claims = Buffer.from(body.access_token.split('.')[1]!, 'base64url').toString();
    const { exp, iat } = JSON.parse(claims) as { exp: number; iat: number };
    expect([body.expires_in, exp - iat]).toEqual([1234, 1234]);
    expect(Math.abs(iat * 1000 - Date.now())).toBeLessThan(60_000);
  });

  test('a wrong password and a name that nobody has are the same 401', async () => {
    const wrong = await api.ask('/auth/token', { json: { username: 'admin', password: 'no' } });
    const nobody = await api.ask('/auth/token', { json: { username: 'nobody', password: 'no' } });
    expect([wrong.status, nobody.status]).toEqual([401, 401]);
    expect(wrong.body['message']).toBe(nobody.body['message']);
  });

  test.each([
    ['of another secret', () => forge({ alg: 'HS256' }, 'another secret of the same length')],
    ['without a signature', () => forge({ alg: 'none' }, secret).replace(/[^.]*$/, '')],
    ['of another algorithm', () => forge({ alg: 'HS512' }, secret)],
    ['with a role that there is not', () => forge({ alg: 'HS256' }, secret, { role: 'root' })],
    ['that has expired', () => forge({ alg: 'HS256' }, secret, { exp: 1 })],
    ['that is none', () => 'x'],
  ])('a token %s is refused', async (_, token) => {
    const answer = await api.ask('/dashboard/stats', { token: token() });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  test('our own forgery with the right secret passes: the others fail for their own fault', async () => {
    expect((await api.ask('/dashboard/stats', { token: forge({ alg: 'HS256' }, secret) })).status).toBe(200);
  });

  test('every failure has one shape, and the request id finds it again', async () => {
    const answer = await api.as('viewer', `${sessionsPath}?limit=0`, { headers: { 'x-request-id': 'mine.1' } });
    expect(answer.status).toBe(400);
    expect(answer.headers.get('x-request-id')).toBe('mine.1');
    expect(answer.body).toEqual({
      error: 'bad_request',
      message: 'the querystring is not valid',
      details: [{ field: 'limit', message: 'must be >= 1' }],
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      request_id: 'mine.1',
    });
    const odd = await api.ask('/nowhere', { headers: { 'x-request-id': 'a b' } });
    expect(odd).toMatchObject({ status: 404, body: { error: 'not_found' } });
    expect(odd.headers.get('x-request-id')).not.toBe('a b');
  });

  test.each(['0x10', '1e1', '%2010', '10%20', '1.0', '+5', ''])('limit=%s is no whole number', async (limit) => {
    expect(await api.as('viewer', `${sessionsPath}?limit=${limit}`)).toMatchObject({
      status: 400,
      body: { details: [{ field: 'limit', message: 'must be integer' }] },
    });
  });

  test('a query that is not valid UTF-8 is refused with its name, not read as something else', async () => {
    for (const query of ['limit=5&model_id=%ff', 'model_id=%E0%A4%A', 'model_id=%zz']) {
      expect(await api.as('viewer', `${sessionsPath}?${query}`)).toMatchObject({
        status: 400,
        body: { details: [{ field: 'model_id', message: 'is not valid UTF-8' }] },
      });
    }
  });

  test('broken JSON and a key that reaches into prototypes are told apart', async () => {
    const put = async (body: string): Promise<unknown> => {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${await api.token()}` };
      const response = await fetch(api.url + criteriaPath, { method: 'PUT', headers, body });
      return [response.status, ((await response.json()) as { message: string }).message];
    };
    expect(await put('{"name":')).toEqual([400, 'the body is no valid JSON']);
    const reaches = [400, 'the body holds a key that reaches into prototypes'];
    expect(await put('{"__proto__":{"a":1}}')).toEqual(reaches);
    expect(await put('{"constructor":{"prototype":1}}')).toEqual(reaches);
  });

  test('cancelling takes no body', async () => {
    const { body } = await api.as<Session>('operator', sessionsPath, {
      json: { model_id: 'model-002', technique: 'pruning' },
    });
    const path = `${sessionsPath}/${body.id}/cancel`;
    expect(await api.as('operator', path, { json: { reason: 'none' } })).toMatchObject({
      status: 400,
      body: { details: [{ field: 'reason', message: 'is not known here' }] },
    });
    expect((await api.as('operator', path, { json: [1] })).status).toBe(400);
    expect((await api.as('operator', path, { json: {} })).status).toBe(200);
  });

  test('a wrong method is told with the right ones', async () => {
    const answer = await api.ask(criteriaPath, { method: 'DELETE' });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')?.split(', ').toSorted()).toEqual(['GET', 'HEAD', 'PUT']);
  });

  test('a page of another origin reads nothing', async () => {
    const answer = await api.ask('/health', { headers: { origin: 'https://evil.example' } });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('a session is started, seen in the list, and cancelled', async () => {
    const json = { model_id: 'model-002', technique: 'distillation' };
    const started = await api.as<Session>('operator', sessionsPath, { json });
    expect(started.status).toBe(201);
    const at = started.headers.get('location')!;
    expect((await api.as<Session>('viewer', at)).body).toMatchObject({ id: started.body.id, status: 'running' });
    const page = await api.as<SessionPage>('viewer', `${sessionsPath}?model_id=model-002&limit=1`);
    expect(page.body.sessions[0]?.id).toBe(started.body.id);
    const cancelled = await api.as<Session>('operator', `${at}/cancel`, { method: 'POST' });
    expect(cancelled.body).toMatchObject({ status: 'cancelled' });
    expect((await api.as('operator', `${at}/cancel`, { method: 'POST' })).status).toBe(409);
    expect((await api.as('operator', `${sessionsPath}/none/cancel`, { method: 'POST' })).status).toBe(404);
    const unknown = await api.as('operator', sessionsPath, { json: { ...json, model_id: 'none' } });
    expect(unknown).toMatchObject({ status: 404, body: { details: [{ field: 'model_id' }] } });
  });

  test('the dashboard sees a session as soon as it is started', async () => {
    const read = async (): Promise<number> =>
      Number((await api.as('viewer', '/dashboard/stats')).body['total_sessions']);
    const before = await read();
    await api.as('operator', sessionsPath, { json: { model_id: 'model-003', technique: 'pruning' } });
    expect(await read()).toBe(before + 1);
  });

  test('the simulated optimiser brings a session to its end', { timeout: 60_000 }, async () => {
    const json = { model_id: 'model-004', technique: 'pruning' };
    const { body } = await api.as<Session>('operator', sessionsPath, { json });
    await expect
      .poll(async () => (await api.as<Session>('viewer', `${sessionsPath}/${body.id}`)).body.status, {
        timeout: 40_000,
        interval: 500,
      })
      .toMatch(/completed|failed/);
  });

  test('criteria that contradict themselves are a conflict, with the field', async () => {
    const { body } = await api.as<Record<string, object>>('admin', criteriaPath);
    const json = { ...body, constraints: { ...body['constraints'], max_size_mb: 999_999 } };
    expect(await api.as('admin', criteriaPath, { method: 'PUT', json })).toMatchObject({
      status: 409,
      body: { error: 'conflict', details: [{ field: 'constraints.max_size_mb' }] },
    });
  });

  test('a hundred updates at once never mix, and each is read back by the next GET', async () => {
    const { body } = await api.as('admin', criteriaPath);
    const of = (name: string): object => ({ ...body, name, enabled_techniques: ['pruning'] });
    const names = Array.from({ length: 100 }, (_, at) => `update ${at} ${'x'.repeat(at % 40)}`);
    await Promise.all(names.map((name) => api.as('admin', criteriaPath, { method: 'PUT', json: of(name) })));
    const last = await api.as<{ name: string }>('viewer', criteriaPath);
    expect(names).toContain(last.body.name);
    expect(last.body).toEqual(of(last.body.name));
    for (const name of ['one', 'two', 'three']) {
      await api.as('admin', criteriaPath, { method: 'PUT', json: of(name) });
      expect((await api.as('viewer', criteriaPath)).body).toEqual(of(name));
    }
  });

  test('the documents are OpenAPI 3.1 and name every route', async () => {
    const { body } = await api.ask<{ openapi: string; paths: object }>('/docs/json');
    expect(body.openapi).toBe('3.1.0');
    expect(Object.keys(body.paths).toSorted()).toEqual(
      [
        '/auth/token',
        criteriaPath,
        '/dashboard/stats',
        '/health',
        '/metrics',
        sessionsPath,
        `${sessionsPath}/{id}`,
        `${sessionsPath}/{id}/cancel`,
        '/ready',
      ].toSorted(),
    );
  });

  test('the documents name the parameters that a route takes, and no others', async () => {
    interface Operation {
      readonly parameters?: readonly { readonly name: string; readonly schema: { readonly type?: string } }[];
    }
    const { body } = await api.ask<{ paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> }>(
      '/docs/json',
    );
    const operations = Object.entries(body.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { parameters = [] }]) => ({ of: `${method} ${path}`, parameters })),
    );
    const all = operations.flatMap(({ parameters }) => parameters);
    // The page cannot show a parameter whose schema is none.
    expect(all.filter(({ schema }) => typeof schema.type !== 'string')).toEqual([]);
    const taken = operations.filter(({ parameters }) => parameters.length > 0);
    expect(Object.fromEntries(taken.map(({ of, parameters }) => [of, parameters.map(({ name }) => name)]))).toEqual({
      [`get ${sessionsPath}`]: ['status', 'model_id', 'start_date', 'end_date', 'skip', 'limit'],
      [`get ${sessionsPath}/{id}`]: ['id'],
      [`post ${sessionsPath}/{id}/cancel`]: ['id'],
    });
  });

  test('metrics tell routes, cache and refusals', async () => {
    await api.as('viewer', '/dashboard/stats');
    const { body } = await api.ask<string>('/metrics');
    expect(body).toMatch(
      /http_request_duration_seconds_count\{method="GET",route="\/dashboard\/stats",status="200"\} \d+/,
    );
    // Of what comes from a cache most is below the millisecond: buckets there tell its quantiles.
    for (const bound of ['0.0001', '0.00025', '0.0005', '0.001'])
      expect(body).toContain(
        `http_request_duration_seconds_bucket{le="${bound}",method="GET",route="/dashboard/stats"`,
      );
    expect(body).toContain('dependency_up{dependency="database"} 1\n');
    expect(body).toMatch(/cache_hits_total\{topic="sessions"\} [1-9]/);
    expect(body).toMatch(/rate_limited_total\{limit="dashboard"\} 0/);
    expect(body).toMatch(/event_loop_delay_seconds\{quantile="0.99"\}/);
  });
});

test('limits count by user and minute, and say so', async () => {
  const api = await start();
  const put = await api.as('admin', criteriaPath, { method: 'PUT', json: (await api.as('viewer', criteriaPath)).body });
  expect(put.headers.get('ratelimit-policy')).toBe('"config_write";q=10;w=60');
  expect(put.headers.get('ratelimit')).toMatch(/^"config_write";r=9;t=(60|59)$/);
  for (let left = 8; left >= 0; left--) await api.as('admin', criteriaPath, { method: 'PUT', json: put.body });
  const refused = await api.as('admin', criteriaPath, { method: 'PUT', json: put.body });
  expect(refused).toMatchObject({ status: 429, body: { error: 'rate_limited' } });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(refused.headers.get('ratelimit-policy')).toBe('"config_write";q=10;w=60');
  expect(refused.headers.get('ratelimit')).toMatch(/^"config_write";r=0;t=\d+$/);
  expect((await api.as('admin', criteriaPath)).status).toBe(200);
  const { body } = await api.ask<string>('/metrics');
  expect(body).toContain('rate_limited_total{limit="config_write"} 1\n');
  expect(body).toContain('rate_limited_total{limit="config_read"} 0\n');
});

test('attempts to sign in are counted by name, and by address across names', async () => {
  const api = await start();
  const signIn = (username: string, from: string) =>
    api.ask('/auth/token', { json: { username, password: 'no' }, headers: { 'x-forwarded-for': from } });
  const statuses: number[] = [];
  // One name from many addresses.
  for (let at = 0; at < 11; at++) statuses.push((await signIn('admin', `192.0.2.${at}`)).status);
  expect(statuses).toEqual([...Array<number>(10).fill(401), 429]);
  const other = await signIn('viewer', '192.0.2.1');
  expect(other.status).toBe(401);
  // Many names from one address.
  let last = other;
  for (let at = 0; at < 61; at++) last = await signIn(`user-${at}`, '198.51.100.1');
  expect(last).toMatchObject({ status: 429, body: { error: 'rate_limited' } });
  expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
  // However many come at once, few are hashed.
  const burst = await Promise.all(Array.from({ length: 20 }, (_, at) => signIn(`burst-${at}`, `203.0.113.${at}`)));
  expect(burst.map(({ status }) => status)).toContain(429);
});

test('naive and optimised answer the same', async () => {
  const folder = temporaryFolder('both');
  const answers: unknown[] = [];
  for (const profile of ['naive', 'optimised']) {
    const api = await start({ folder: folder.path, args: ['--profile', profile] });
    const { computed_at: _, ...stats } = (await api.as('viewer', '/dashboard/stats')).body;
    const list = await api.as('viewer', `${sessionsPath}?status=failed&model_id=model-005&limit=100`);
    answers.push([stats, list.body, (await api.as('viewer', criteriaPath)).body]);
    await api.stop();
  }
  folder.remove();
  expect(answers[0]).toEqual(answers[1]);
});

test(
  'killed in the middle of updates, what is left is the last one answered or the one under way, whole',
  { timeout: 60_000 },
  async () => {
    const folder = temporaryFolder('killed');
    let left: { readonly name: string } | undefined;
    for (let round = 0; round < 5; round++) {
      const api = await start({ folder: folder.path, args: ['--rate-limits', 'off'], env: { SEED_SESSIONS: '1' } });
      const found = (await api.as<{ name: string }>('viewer', criteriaPath)).body;
      if (left !== undefined) expect(found).toEqual(left);
      const nameOf = (at: number): string => `round ${round} update ${at}`;
      let answered = 0;
      const writing = (async () => {
        for (; ; answered++) {
          const json = { ...found, name: nameOf(answered) };
          expect((await api.as('admin', criteriaPath, { method: 'PUT', json })).status).toBe(200);
        }
      })().catch((error: unknown) => (error instanceof TypeError ? 'cut off' : error));
      await expect.poll(() => answered, { timeout: 10_000 }).toBeGreaterThan(3 * round);
      await api.stop('SIGKILL');
      expect(await writing).toBe('cut off');
      const text = readFileSync(join(folder.path, '.reference-api/optimization-criteria.json'), 'utf8');
      left = JSON.parse(text) as { name: string };
      expect([nameOf(answered - 1), nameOf(answered)]).toContain(left.name);
      expect(left).toEqual({ ...found, name: left.name });
    }
    folder.remove();
  },
);

test('SIGTERM under load loses no request, and the end comes in time', { timeout: 60_000 }, async () => {
  const api = await start({ args: ['--rate-limits', 'off', '--profile', 'naive'] });
  const token = await api.token();
  const outcomes = { whole: 0, told: 0, lost: [] as string[] };
  /** Asks over one connection until it is told to go. A new connection after that would be for whoever listens then. */
  const user = async (): Promise<void> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let told = false; !told;) {
      try {
        const { status, closes } = await get(`${api.url}/dashboard/stats`, token, agent);
        if (status !== 200) outcomes.lost.push(`status ${status}`);
        outcomes.whole++;
        told = closes;
      } catch (error) {
        outcomes.lost.push(String(error));
        return;
      }
    }
    outcomes.told++;
    agent.destroy();
  };
  const users = Array.from({ length: 20 }, user);
  await expect.poll(() => outcomes.whole, { timeout: 20_000 }).toBeGreaterThan(100);
  const beganMs = performance.now();
  expect(await api.stop('SIGTERM')).toBe(0);
  expect(performance.now() - beganMs).toBeLessThan(10_000);
  await Promise.all(users);
  expect(outcomes.lost).toEqual([]);
  expect(outcomes.told).toBe(20);
});

function get(url: string, token: string, agent: Agent): Promise<{ status: number | undefined; closes: boolean }> {
  return new Promise((resolve, reject) => {
    const request = httpGet(url, { agent, headers: { authorization: `Bearer ${token}` } }, (response) => {
      response.once('error', reject).resume();
      response.once('end', () => {
        resolve({ status: response.statusCode, closes: response.headers.connection === 'close' });
      });
    });
    request.once('error', reject);
  });
}

/** A token made by hand. */
function forge(header: object, key: string, claims: object = {}): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) + 600;
  const text = `${encode({ typ: 'JWT', ...header })}.${encode({ sub: 'admin', role: 'admin', exp, ...claims })}`;
  const algorithm = (header as { alg: string }).alg === 'HS512' ? 'sha512' : 'sha256';
  return `${text}.${createHmac(algorithm, key).update(text).digest('base64url')}`;
}
