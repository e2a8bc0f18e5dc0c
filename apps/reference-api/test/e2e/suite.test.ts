/** The suite of loadtests/ on the API that it starts itself: whatever the shell holds, and however the API is run. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { SessionPage } from '../../../../loadtests/api-types.ts';
import { isName } from '../../../../loadtests/is-name.ts';
import { noSettings } from '../../../../loadtests/no-settings.ts';
import { everyFilter, filterCount, obeys } from '../../../../loadtests/session-filters.ts';
import { readSettings, usage } from '../../src/read-settings.ts';
import { freePort, temporaryFolder } from '../support/private-server.ts';

const repository = fileURLToPath(new URL('../../../../', import.meta.url));
const commandLine = `${repository}packages/plimsoll/dist/cli/main.js`;

/** What a developer may have exported for another service. */
const exported = {
  DATABASE_URL: 'postgres://127.0.0.1:1/x',
  REDIS_URL: 'redis://127.0.0.1:1',
  PORT: '1',
  HOST: '192.0.2.1',
  PROFILE: 'naive',
  NODE_ENV: 'production',
  AUTH_SECRET: 'short',
  LOAD_USER: 'somebody',
  LOAD_PASSWORD: 'of another target',
};

interface Broadcast {
  readonly success: number;
  readonly thresholds: readonly { readonly expression: string; readonly ok: boolean }[];
  readonly delivery: { readonly owed: number; readonly leaked: number; readonly duplicated: number };
}

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Of the configuration. */
  readonly folder: string;
}

/** `plimsoll run` of the suite through `serve`, on a port and files of its own. */
async function runSuite(words: readonly string[], flags: string): Promise<Ran> {
  const folder = temporaryFolder('suite');
  onTestFinished(() => folder.remove());
  cpSync(`${repository}loadtests`, folder.path, { recursive: true, filter: (path) => basename(path) !== '.plimsoll' });
  const url = `http://127.0.0.1:${await freePort()}`;
  const own = {
    PORT: new URL(url).port,
    SEED_SESSIONS: '1000',
    DATABASE_FILE: join(folder.path, 'data.sqlite'),
    CRITERIA_FILE: join(folder.path, 'criteria.json'),
  };
  const config = join(folder.path, 'own.config.ts');
  writeFileSync(
    config,
    `import config from './plimsoll.config.ts';
    const serve = { ...config.serve, url: '${url}/ready', cwd: '${repository}loadtests' };
    serve.env = { ...serve.env, ...${JSON.stringify(own)} };
    export default { ...config, targets: { local: '${url}' }, serve };`,
  );
  const child = spawn(process.execPath, [commandLine, 'run', ...words, '--config', config], {
    cwd: folder.path,
    env: { PATH: process.env['PATH'], ...exported, API_FLAGS: flags },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...said, folder: folder.path };
}

async function broadcast(flags: string): Promise<Broadcast> {
  const words = ['test_websocket_event_broadcasting_load', '--duration', '1s', '--json', '--no-store'];
  const { stdout, stderr } = await runSuite(words, flags);
  expect(stdout, stderr).not.toBe('');
  return (JSON.parse(stdout) as { tests: Broadcast[] }).tests[0]!;
}

/** How fast a message came is for a machine that does nothing else. */
const missed = ({ thresholds }: Broadcast): readonly string[] =>
  thresholds.filter(({ ok, expression }) => !ok && !expression.includes('p95')).map(({ expression }) => expression);

test('whatever is exported, the embedded API is asked: optimised nothing leaks, naive everybody hears everything', async () => {
  const profiles = ['--profile optimised', '--profile naive'];
  const [optimised, naive] = (await Promise.all(profiles.map(broadcast))) as [Broadcast, Broadcast];
  expect(missed(optimised)).toEqual([]);
  expect(optimised).toMatchObject({ success: 1, delivery: { leaked: 0, duplicated: 0 } });
  expect(optimised.delivery.owed).toBeGreaterThan(0);
  expect(missed(naive)).toEqual(['delivery.leaked == 0']);
  expect(naive.delivery.leaked).toBeGreaterThan(0);
});

interface StoredTest {
  readonly name: string;
  readonly success: number;
  readonly exceptions: readonly unknown[];
  readonly books: { readonly breaches: readonly string[] };
}

test('the whole suite, shortened: the API is started, every test does its work, and where the results lie is said', async () => {
  // What the demo types. How fast the answers come is for a machine that does nothing else.
  const { code, stdout, stderr, folder } = await runSuite(['--suite', 'performance', '--duration', '1s'], '');
  expect([0, 1, 3], stderr).toContain(code);
  const stored = readdirSync(join(folder, '.plimsoll/runs')).map((name) =>
    join(folder, '.plimsoll/runs', name, 'result.json'),
  );
  const [result] = stored.filter((file) => existsSync(file));
  const { tests } = JSON.parse(readFileSync(result!, 'utf8')) as { tests: StoredTest[] };
  expect(tests.map(({ name, success, exceptions, books }) => [name, success, exceptions, books.breaches])).toEqual(
    [
      'test_config_get_concurrent_requests',
      'test_config_update_sequential',
      'test_dashboard_concurrent_requests',
      'test_dashboard_sustained_load',
      'test_mixed_endpoint_load',
      'test_sessions_concurrent_requests',
      'test_sessions_with_filters_load',
      'test_websocket_multiple_connections',
      'test_websocket_event_broadcasting_load',
    ].map((name) => [name, 1, [], []]),
  );
  for (const { name } of tests) expect(stdout).toContain(name);
  expect(stdout).toContain('.plimsoll/runs');
});

test('the list of settings that the suite empties is whole, and an empty one is none', () => {
  const asked = new Set<string>();
  const environment = new Proxy<Record<string, string>>({}, { get: (_, name) => void asked.add(String(name)) });
  readSettings([], environment);
  expect(Object.keys(noSettings).toSorted()).toEqual([...asked].toSorted());
  for (const name of asked) expect(usage).toContain(name);
  const made = { secret: expect.any(String) as string, seedPasswords: expect.any(Object) as object };
  expect(readSettings([], noSettings)).toEqual({ ...readSettings([], {}), ...made });
});

describe('a page that does not obey its filter is told', () => {
  const values = { modelId: 'model-001', startDate: '2026-11-01', endDate: '2026-11-08' };
  const filters = new Map(everyFilter(values).map((filter) => [filter.name, filter]));
  const session = { id: 'a', model_id: 'model-001', model_name: 'resnet-1', status: 'failed' };
  const page: SessionPage = {
    sessions: [{ ...session, started_at: '2026-11-05T00:00:00.000Z' }],
    total: 1,
    skip: 0,
    limit: 50,
  };
  const empty = { ...page, sessions: [], total: 0 };
  const withSession = (change: object): SessionPage => ({ ...page, sessions: [{ ...page.sessions[0]!, ...change }] });

  test('there are as many as the suite asks for, each but once', () => expect(filters.size).toBe(filterCount));

  test.each(['no filter', 'status=failed', 'model', 'from', 'to', 'dates', 'status=failed model dates'])(
    '%s: the right page passes',
    (name) => expect(obeys(page, filters.get(name)!)).toBe(true),
  );

  test.each<[string, string, SessionPage]>([
    ['status=running', 'another status', page],
    ['model', 'another model', withSession({ model_id: 'model-002' })],
    ['from', 'a session before', withSession({ started_at: '2026-10-31T23:59:59.999Z' })],
    ['to', 'a session after', withSession({ started_at: '2026-11-09T00:00:00.000Z' })],
    ['no filter', 'no name of the model', withSession({ model_name: undefined })],
    ['no filter', 'a name that was not found', withSession({ model_name: 'unknown model' })],
    ['no filter', 'fewer sessions than are counted', { ...page, total: 2 }],
    ['page', 'the first page', page],
    ['status=failed', 'nothing', empty],
    ['model', 'nothing', empty],
    ['from', 'nothing', empty],
    ['to', 'nothing', empty],
    ['dates', 'nothing', empty],
  ])('%s: %s fails', (name, _, wrong) => expect(obeys(wrong, filters.get(name)!)).toBe(false));

  test('nothing is right where a status and something else are asked for', () => {
    expect(obeys(empty, filters.get('status=failed model')!)).toBe(true);
  });

  test('a name is a text that says something', () => {
    expect([undefined, null, 7, '', ' ', 'unknown model', 'balanced'].map(isName)).toEqual([
      ...Array<boolean>(6).fill(false),
      true,
    ]);
  });
});
