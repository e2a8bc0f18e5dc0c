/** What the built server refuses: the place is named in `details`. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultCriteria } from '../../src/domain/criteria.ts';
import { startApi, type RunningApi } from '../support/running-api.ts';

const criteriaPath = '/config/optimization-criteria';

let api: RunningApi;
const cleanUps: (() => Promise<void>)[] = [];
beforeAll(async () => {
  const env = { SEED_SESSIONS: '1' };
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
