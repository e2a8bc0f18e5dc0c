/** What the built server refuses: the place is named in `details`. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultCriteria } from '../../src/domain/criteria.ts';
import { startApi, type RunningApi } from '../support/running-api.ts';

const criteriaPath = '/config/optimization-criteria';

let api: RunningApi;
const cleanUps: (() => Promise<void>)[] = [];
beforeAll(async () => {
  const env = { SEED_SESSIONS: '1', LOG_LEVEL: 'info' };
  api = await startApi({ args: ['--rate-limits', 'off'], env, later: (cleanUp) => cleanUps.push(cleanUp) });
});
afterAll(async () => {
  for (const cleanUp of cleanUps) await cleanUp();
});

interface Refused {
  readonly message: string;
  readonly request_id: string;
  readonly details: readonly { readonly field: string; readonly message: string }[];
}

describe('criteria with one thing wrong are 400, and it is named', () => {
  const sections = ['constraints', 'hardware', 'limits'] as const;
  const paths = sections.flatMap((section) =>
    Object.keys(defaultCriteria[section]).map((key) => [section, key] as const),
  );

  async function fieldsOf(section: (typeof sections)[number], change: object): Promise<readonly string[]> {
    const json = { ...defaultCriteria, [section]: { ...defaultCriteria[section], ...change } };
    const { status, body } = await api.as<Refused>('admin', criteriaPath, { method: 'PUT', json });
    expect(status).toBe(400);
    return body.details.map(({ field }) => field);
  }

  test('there are nine places to get wrong, and without a mistake it is 200', async () => {
    expect(paths).toHaveLength(9);
    expect((await api.as('admin', criteriaPath, { method: 'PUT', json: defaultCriteria })).status).toBe(200);
  });

  test.each(paths)('%s.%s', async (section, key) => {
    // None of them is an object, and what is wrong in two ways is told twice.
    expect(new Set(await fieldsOf(section, { [key]: {} }))).toEqual(new Set([`${section}.${key}`]));
    expect(await fieldsOf(section, { [key]: undefined })).toEqual([`${section}.${key}`]);
  });

  test.each(sections)('%s with a key that nobody knows', async (section) => {
    expect(await fieldsOf(section, { colour: 'red' })).toEqual([`${section}.colour`]);
  });
});

describe('what is refused as a whole is named, too', () => {
  const put = async (body: string | Uint8Array<ArrayBuffer>): Promise<unknown> => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${await api.token()}` };
    const response = await fetch(api.url + criteriaPath, { method: 'PUT', headers, body });
    return [response.status, ((await response.json()) as Refused).details];
  };

  test('a body that is not valid UTF-8', async () => {
    const quoted = new Uint8Array([0x22, 0xff, 0x22]);
    expect(await put(quoted)).toEqual([400, [{ field: 'body', message: 'is not valid UTF-8' }]]);
  });

  test.each(['{"name":', '[]', '7', ''])('the body %j', async (body) => {
    expect(await put(body)).toEqual([400, [{ field: 'body', message: expect.any(String) as string }]]);
  });

  test.each([
    ['{"__proto__":{"a":1}}', '__proto__'],
    ['{"name":{"constructor":{"prototype":1}}}', 'name.constructor.prototype'],
    ['{"name":[0,{"__proto__":1}]}', 'name.1.__proto__'],
  ])('the body %s', async (body, field) => {
    const message = 'must not be there: it reaches into prototypes';
    expect(await put(body)).toEqual([400, [{ field, message }]]);
  });

  test.each(['/health', '/ready', '/metrics'])('what %s does not know', async (path) => {
    const { status, body } = await api.ask<Refused>(`${path}?verbose=1`);
    expect([status, body.details]).toEqual([400, [{ field: 'verbose', message: 'is not known here' }]]);
  });

  test('a password in the URL', async () => {
    const json = { username: 'viewer', password: 'plimsoll' };
    const { status, body } = await api.ask<Refused>('/auth/token?password=plimsoll', { json });
    expect([status, body.details]).toEqual([400, [{ field: 'password', message: 'is not known here' }]]);
  });

  test.each([
    ['%ff=1', 'url', 'is not valid UTF-8'],
    ['=%ff', 'url', 'is not valid UTF-8'],
    ['a%20b=%ff', 'a b', 'is not valid UTF-8'],
    ['=1', 'url', 'is not known here'],
  ])('the query %s', async (query, field, message) => {
    const { status, body } = await api.as<Refused>('viewer', `/optimization/sessions?${query}`);
    expect([status, body.details]).toEqual([400, [{ field, message }]]);
  });

  test('a URL that is too long', async () => {
    const { status, body } = await api.ask<Refused>(`/health?${'x'.repeat(2048)}`);
    expect([status, body.details]).toEqual([400, [{ field: 'url', message: 'is longer than 2048 characters' }]]);
  });
});

test.each([
  ['that cannot be decoded', '%zz'],
  ['with an id of more characters than any has', 'x'.repeat(101)],
])('a URL %s is refused before any hook, with the headers of every answer', async (_, id) => {
  const headersOf = ({ headers }: { headers: Headers }): object =>
    Object.fromEntries([...headers].filter(([name]) => name !== 'date' && name !== 'content-length'));
  const request = { headers: { 'x-request-id': 'mine.1' } };
  const usual = await api.ask('/nowhere', request);
  const refused = await api.ask<Refused>(`/optimization/sessions/${id}`, request);
  expect(refused).toMatchObject({ status: 400, body: { request_id: 'mine.1', details: [{ field: 'url' }] } });
  expect(headersOf(refused)).toEqual(headersOf(usual));
  expect(headersOf(refused)).toMatchObject({
    'x-request-id': 'mine.1',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  });
});

describe('what cannot be read as a request is answered with the headers and the shape of every refusal', () => {
  /** All that comes back, to the end of the connection. */
  async function talk(text: string): Promise<{ readonly head: string; readonly body: Refused }> {
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
    socket.setEncoding('utf8').write(text);
    let answer = '';
    for await (const part of socket) answer += String(part);
    const [head = '', body = ''] = answer.split('\r\n\r\n', 2);
    return { head, body: JSON.parse(body) as Refused };
  }

  test.each([
    ['garbage', 'no HTTP at all\r\n\r\n', '400 Bad Request'],
    [
      'headers without an end',
      `GET /health HTTP/1.1\r\nx: ${'x'.repeat(20_000)}`,
      '431 Request Header Fields Too Large',
    ],
  ])('%s', async (_, text, status) => {
    const { head, body } = await talk(text);
    expect(body).toEqual({
      error: 'bad_request',
      message: 'the request cannot be read',
      details: [],
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      request_id: expect.stringMatching(/^[\w-]+$/) as string,
    });
    const usual = (await api.ask('/nowhere')).headers;
    const fixed = [...usual].filter(([name]) => !['connection', 'content-length', 'date', 'keep-alive'].includes(name));
    const expected = fixed.map(([name, value]) => `${name}: ${name === 'x-request-id' ? body.request_id : value}`);
    const [first, ...lines] = head.split('\r\n');
    expect(first).toBe(`HTTP/1.1 ${status}`);
    expect(lines).toEqual(expect.arrayContaining(expected));
    expect(expected).toContain('x-content-type-options: nosniff');
    expect(lines).toContain('connection: close');
    await expect.poll(() => api.said).toContain(`"request_id":"${body.request_id}"`);
  });
});

test('a refusal is one line of the log, found by its id, and no line holds a secret', async () => {
  const token = await api.token();
  const headers = { 'x-request-id': 'asked.for' };
  await api.as('admin', '/optimization/sessions/none?colour=red', { headers });
  const json = { username: 'admin', password: 'a wrong password' };
  expect((await api.ask('/auth/token', { json, headers: { 'x-request-id': 'signing.in' } })).status).toBe(401);
  // Lines are written in order: when the last is there, all are.
  await expect.poll(() => api.said).toContain('"request_id":"signing.in"');
  const lines = api.said
    .trim()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.filter((line) => line['request_id'] === 'asked.for')).toEqual([
    expect.objectContaining({
      level: 30,
      msg: 'refused',
      method: 'GET',
      path: '/optimization/sessions/none',
      status: 400,
      user: 'admin',
      duration_ms: expect.any(Number) as number,
    }),
  ]);
  for (const secret of [token, token.split('.')[2]!, 'a wrong password']) expect(api.said).not.toContain(secret);
});
