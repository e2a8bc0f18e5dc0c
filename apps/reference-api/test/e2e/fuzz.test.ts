/**
 * 20,000 requests that the documents do not allow, made from the documents themselves: none is answered with 5xx, none
 * takes longer than a second, every refusal has the one shape, and every answer is as the documents say. PostgreSQL, which refuses texts that SQLite keeps, gets
 * fewer of them.
 */
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import fc from 'fast-check';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildApp } from '../../src/app.ts';
import { MemoryCache } from '../../src/cache/memory-cache.ts';
import { FileCriteriaStore } from '../../src/criteria/file-criteria-store.ts';
import { openStores } from '../../src/data/open-stores.ts';
import { settingsFor, type Where } from '../../src/data/stores.contract.ts';
import { profiles } from '../../src/settings.ts';
import { postgresBinary, startPostgres } from '../support/private-postgres.ts';
import { isMissing, temporaryFolder } from '../support/private-server.ts';
import { rememberingLog } from '../support/quiet-log.ts';
import { MemoryRateLimiter } from '../../src/rate-limit/memory-rate-limiter.ts';

const requests = { SQLite: 20_000, PostgreSQL: 4000 } as const;
const portion = 500;
const slowMs = 1000;
const secret = 'a secret of thirty-two characters';

interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'path';
}
interface Documented {
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}
interface Operation {
  readonly responses: Readonly<Record<string, Documented>>;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema: { readonly properties?: object } }> };
}
interface Route {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}
interface Call {
  /** As the documents name it: 'GET /optimization/sessions/{id}'. */
  readonly operation: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly payload?: string | Buffer;
}

type Answer = Awaited<ReturnType<FastifyInstance['inject']>>;

interface Fuzzed {
  readonly app: FastifyInstance;
  readonly token: string;
  readonly routes: readonly Route[];
  /** What is wrong with an answer by the documents; undefined where nothing is. */
  readonly mistakeIn: (call: Call, answer: Answer) => string | undefined;
}

async function start(where: Where, sessions: number): Promise<Fuzzed> {
  const stores = await openStores(settingsFor(where, 'optimised', sessions), rememberingLog());
  const settings = {
    instance: 'fuzz',
    switches: profiles.optimised,
    secret,
    tokenTtlSeconds: 3600,
    optimiserStepMs: 500,
    rateLimits: false,
    trustedProxies: ['loopback'],
    corsOrigins: [],
  };
  const log = pino({ level: 'silent' });
  const criteriaStore = where.databaseUrl === undefined ? await criteriaFile() : stores.criteria;
  const parts = { settings, stores, cache: new MemoryCache(), criteriaStore, log };
  const app = await buildApp({ ...parts, rateLimiter: new MemoryRateLimiter() });
  app.addHook('onClose', () => stores.close());
  await app.ready();
  const { paths } = app.swagger() as unknown as { paths: Record<string, Record<string, Operation>> };
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
  const token = app.issueToken({ name: 'admin', role: 'admin' });
  return { app, token, routes, mistakeIn: checkerOf(routes) };
}

const folder = temporaryFolder('fuzz');

/** As the embedded API keeps them. */
async function criteriaFile(): Promise<FileCriteriaStore> {
  const store = new FileCriteriaStore(join(folder.path, 'criteria.json'), { naive: false });
  await store.prepare();
  return store;
}

/** Every answer must be one that the documents name for its status, and look as they say. */
function checkerOf(routes: readonly Route[]): Fuzzed['mistakeIn'] {
  const ajv = new Ajv({ strict: false, allErrors: true });
  const checks = new Map<string, ValidateFunction | undefined>(
    routes.flatMap(({ method, path, operation }) =>
      Object.entries(operation.responses).map(([status, { content = {} }]) => {
        const schema = content['application/json']?.schema;
        return [`${method} ${path} ${status}`, schema === undefined ? undefined : ajv.compile(schema)] as const;
      }),
    ),
  );
  return ({ operation }, answer) => {
    const key = `${operation} ${answer.statusCode}`;
    if (!checks.has(key)) return 'the documents do not name this status';
    const check = checks.get(key);
    return check === undefined || check(answer.json()) ? undefined : ajv.errorsText(check.errors);
  };
}

let embedded: Fuzzed;
beforeAll(async () => {
  embedded = await start({ databaseUrl: undefined, databaseFile: ':memory:' }, 20_000);
});
afterAll(async () => {
  await embedded.app.close();
  folder.remove();
});

const injections = [
  "' OR '1'='1",
  "'; DROP TABLE sessions; --",
  '" OR 1=1 --',
  '1 UNION SELECT password_hash FROM users',
  '\\',
  '%00',
  '../../etc/passwd',
  '${7*7}',
  '\u0000',
  '\ud800',
  '𝒳'.repeat(50),
  '-1',
  '1e309',
  '0x10',
  'NaN',
  '9'.repeat(400),
  'true',
  'null',
  '2026-02-30',
  '9999-12-31T23:59:59Z',
  '0000-00-00',
  '+020000-01-01',
];
const anyText = fc.oneof(
  fc.constantFrom(...injections),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.integer().map(String),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.constantFrom('running', 'completed', 'model-001', 'pruning'),
);

const deepJson = fc.integer({ min: 1, max: 8000 }).map((depth) => '['.repeat(depth) + ']'.repeat(depth));
const prototypeKeys = fc.constantFrom(
  '{"__proto__":{"admin":true}}',
  '{"constructor":{"prototype":{"admin":true}}}',
  '{"name":{"__proto__":1}}',
);

function bodyFor({ requestBody }: Operation): fc.Arbitrary<string | Buffer> {
  const fields = Object.keys(Object.values(requestBody?.content ?? {})[0]?.schema.properties ?? {});
  const names =
    fields.length > 0 ? fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...fields) }, fc.string()) : fc.string();
  const value = fc.oneof(anyText, fc.jsonValue({ maxDepth: 3 }));
  return fc.oneof(
    { weight: 6, arbitrary: fc.dictionary(names, value, { maxKeys: 8 }).map((body) => JSON.stringify(body)) },
    { weight: 2, arbitrary: fc.json() },
    { weight: 1, arbitrary: deepJson },
    { weight: 1, arbitrary: prototypeKeys },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
    { weight: 1, arbitrary: fc.constant(`{"name":"${'x'.repeat(70_000)}"}`) },
    { weight: 1, arbitrary: fc.constant('') },
  );
}

function queryFor({ parameters = [] }: Operation): fc.Arbitrary<string> {
  const known = parameters.filter((each) => each.in === 'query').map(({ name }) => name);
  const name = known.length > 0 ? fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...known) }, anyText) : anyText;
  const pair = fc.tuple(name, anyText).map(([key, value]) => `${encode(key)}=${encode(value)}`);
  const raw = fc.constantFrom('%', '%zz', '&&&', '=', 'limit', 'limit=1&limit=2', 'a[b]=c', '%E0%A4%A');
  return fc.oneof({ weight: 8, arbitrary: fc.array(pair, { maxLength: 5 }).map((pairs) => pairs.join('&')) }, raw);
}

/** Lone surrogates have no encoding. */
function encode(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\u{fffd}'));
}

function calls({ routes, token }: Fuzzed): fc.Arbitrary<Call> {
  return fc.constantFrom(...routes).chain(({ method, path, operation }) => {
    const url = fc
      .tuple(anyText, queryFor(operation))
      .map(
        ([id, query]) =>
          `${path.replace(/\{\w+\}/g, encode(id).slice(0, 150) || '-')}${query === '' ? '' : `?${query}`}`,
      );
    const type = fc.constantFrom(
      'application/json',
      'application/json',
      'application/json',
      'text/plain',
      'application/xml',
    );
    const authorised = fc.constantFrom(true, true, true, true, false);
    const body = method === 'GET' ? fc.constant(undefined) : bodyFor(operation);
    return fc.tuple(url, type, authorised, body).map(([target, contentType, isAuthorised, payload]) => ({
      operation: `${method} ${path}`,
      method,
      url: target,
      headers: {
        ...(payload !== undefined && { 'content-type': contentType }),
        ...(isAuthorised && { authorization: `Bearer ${token}` }),
      },
      ...(payload !== undefined && { payload }),
    }));
  });
}

describe('the documents', () => {
  test('name parameters and bodies, so that there is something to get wrong', () => {
    const parameters = embedded.routes.flatMap(({ operation }) => operation.parameters ?? []);
    expect(parameters.map(({ name }) => name)).toEqual(expect.arrayContaining(['status', 'limit', 'id', 'start_date']));
    expect(embedded.routes.filter(({ operation }) => operation.requestBody !== undefined)).toHaveLength(4);
  });

  test('promise what a route may answer, and nothing that it never does', () => {
    const promised = (path: string): readonly string[] =>
      embedded.routes
        .filter((route) => route.path === path)
        .flatMap(({ operation }) => Object.keys(operation.responses));
    expect(promised('/auth/token')).toEqual(['200', '400', '401', '413', '415', '429', '500', '503']);
    expect(promised('/dashboard/stats')).toEqual(['200', '400', '401', '403', '429', '500', '503']);
    expect(promised('/health')).toEqual(['200', '400', '500']);
  });
});

test('what is asked rightly is answered as the documents say', async () => {
  const sessions = '/optimization/sessions';
  const criteria = '/config/optimization-criteria';
  const headers = { authorization: `Bearer ${embedded.token}` };
  const outcome = async (operation: string, status: number, url: string, payload?: object): Promise<Answer> => {
    const [method = ''] = operation.split(' ');
    const call = { operation, method, url, headers, ...(payload && { payload: JSON.stringify(payload) }) };
    if (payload) Object.assign(call, { headers: { ...headers, 'content-type': 'application/json' } });
    const { answer } = await ask(embedded.app, call);
    expect([operation, answer.statusCode, embedded.mistakeIn(call, answer)]).toEqual([operation, status, undefined]);
    return answer;
  };
  for (const path of ['/health', '/ready', '/metrics', '/dashboard/stats', sessions]) {
    await outcome(`GET ${path}`, 200, path);
  }
  const started = await outcome(`POST ${sessions}`, 201, sessions, { model_id: 'model-001', technique: 'pruning' });
  const { id } = started.json<{ id: string }>();
  await outcome(`GET ${sessions}/{id}`, 200, `${sessions}/${id}`);
  await outcome(`POST ${sessions}/{id}/cancel`, 200, `${sessions}/${id}/cancel`);
  await outcome(`POST ${sessions}/{id}/cancel`, 409, `${sessions}/${id}/cancel`);
  const found = await outcome(`GET ${criteria}`, 200, criteria);
  await outcome(`PUT ${criteria}`, 200, criteria, found.json<object>());
  await outcome('POST /auth/token', 200, '/auth/token', { username: 'viewer', password: 'plimsoll' });
});

async function ask(app: FastifyInstance, call: Call): Promise<{ answer: Answer; tookMs: number }> {
  const beganMs = performance.now();
  const { operation: _, ...request } = call;
  const answer = await app.inject({ ...request, method: call.method as 'GET' });
  return { answer, tookMs: performance.now() - beganMs };
}

async function fuzz(fuzzed: Fuzzed, count: number): Promise<void> {
  const seen: Record<string, number> = {};
  for (let from = 0; from < count; from += portion) {
    for (const call of fc.sample(calls(fuzzed), { numRuns: portion, seed: 48_700 + from })) {
      let { answer, tookMs } = await ask(fuzzed.app, call);
      // A machine that was busy elsewhere is not; a slow path is slow each time.
      for (let again = 0; again < 2 && tookMs >= slowMs; again++) ({ answer, tookMs } = await ask(fuzzed.app, call));
      const what = `${call.method} ${call.url} ${String(call.payload).slice(0, 200)} → ${answer.statusCode}`;
      expect(answer.statusCode, `${what}: ${answer.body.slice(0, 300)}`).toBeLessThan(500);
      expect(tookMs, what).toBeLessThan(slowMs);
      if (answer.statusCode >= 400) expectOneShape(answer.json(), what);
      expect(fuzzed.mistakeIn(call, answer), what).toBeUndefined();
      if (answer.statusCode === 400) expectPlacesNamed(answer.json(), what);
      seen[answer.statusCode] = (seen[answer.statusCode] ?? 0) + 1;
    }
  }
  // What was meant to be met was met.
  for (const status of [200, 400, 401, 404, 413, 415]) expect(seen[status], `status ${status}`).toBeGreaterThan(10);
}

test(`SQLite: ${requests.SQLite} wrong requests`, { timeout: 240_000 }, () => fuzz(embedded, requests.SQLite));

describe.skipIf(isMissing('postgres', postgresBinary))('PostgreSQL', () => {
  let fuzzed: Fuzzed;
  let remove: () => Promise<void>;
  beforeAll(async () => {
    const postgres = await startPostgres();
    remove = () => postgres.remove();
    fuzzed = await start({ databaseUrl: postgres.url, databaseFile: '' }, 20_000);
  }, 60_000);
  afterAll(async () => {
    await fuzzed.app.close();
    await remove();
  });

  test(`${requests.PostgreSQL} wrong requests`, { timeout: 120_000 }, () => fuzz(fuzzed, requests.PostgreSQL));

  test('a NUL in any string is refused with the field named', async () => {
    const { app, token } = fuzzed;
    const headers = { authorization: `Bearer ${token}` };
    const sessions = '/optimization/sessions';
    const answers = [
      await app.inject({ url: `${sessions}?model_id=%00`, headers }),
      await app.inject({ method: 'POST', url: sessions, headers, payload: { model_id: 'a\0', technique: 'pruning' } }),
      await app.inject({ method: 'POST', url: '/auth/token', payload: { username: 'a\0', password: 'b' } }),
    ];
    const details = (field: string): object[] => [{ field, message: 'must not hold control characters' }];
    expect(answers.map((each) => [each.statusCode, each.json<{ details: object }>().details])).toEqual([
      [400, details('model_id')],
      [400, details('model_id')],
      [400, details('username')],
    ]);
  });
});

function expectOneShape(body: unknown, what: string): void {
  expect(Object.keys(body as object).toSorted(), what).toEqual([
    'details',
    'error',
    'message',
    'request_id',
    'timestamp',
  ]);
  expect(JSON.stringify(body), what).not.toMatch(/\.ts:|node_modules|at \w+ \(/);
}

function expectPlacesNamed(
  { details }: { readonly details: readonly { readonly field: string }[] },
  what: string,
): void {
  expect(details.length, what).toBeGreaterThan(0);
  for (const { field } of details) expect(field, what).not.toBe('');
}
