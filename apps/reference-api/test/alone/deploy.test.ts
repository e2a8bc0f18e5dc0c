/** What deploy/ holds, put to work: the script that starts production on one machine. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { io, type Socket } from 'socket.io-client';
import { postgresBinary } from '../support/private-postgres.ts';
import { redisBinary } from '../support/private-redis.ts';
import { findBinary, isMissing, until } from '../support/private-server.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const path = (name: string): string => `${root}/deploy/${name}`;
const criteriaPath = '/config/optimization-criteria';

interface Service {
  readonly url: string;
  readonly pid: number;
}
interface Production extends Service {
  readonly instances: readonly Service[];
  readonly redis: Service;
}

interface SocketClient {
  readonly socket: Socket;
  /** Ids of cancelled sessions, as they were heard of. */
  readonly cancelled: readonly string[];
  /** Where it is connected. */
  readonly instance: () => string;
  readonly joined: () => boolean;
}

/** Joins the room of everything whenever it is connected, and comes back by itself, as the official client does. */
function socketClient(url: string, token: string, localAddress: string, isPolling: boolean): SocketClient {
  const transports = isPolling ? ['polling', 'websocket'] : ['websocket'];
  const options = {
    auth: { token },
    transports,
    localAddress,
    forceNew: true,
    reconnectionDelay: 100,
    reconnectionDelayMax: 500,
  };
  const socket = io(url, options as Parameters<typeof io>[1]);
  const cancelled: string[] = [];
  let [instance, joined] = ['', false];
  socket.on('connect', () => {
    void socket.emitWithAck('join', { all: true }).then(() => (joined = true));
  });
  socket.on('disconnect', () => (joined = false));
  socket.on('system_status', (status: { instance: string }) => (instance = status.instance));
  socket.on('session_cancelled', ({ session_id }: { session_id: string }) => cancelled.push(session_id));
  return { socket, cancelled, instance: () => instance, joined: () => joined };
}

interface ListenersResult {
  readonly delivery: Readonly<
    Record<'owed' | 'delivered' | 'lost' | 'unknown' | 'missed' | 'ambiguous' | 'published', number>
  > & {
    readonly recovery: { readonly gone: number; readonly back: number };
  };
  readonly books: { readonly breaches: readonly string[] };
}

const listenerCount = 30;

/**
 * Thirty listeners to everything, at addresses of their own, who come back; what they got and missed is in the books.
 * They go with the test, however it ends.
 */
function startListeners(url: string, onFinished: (end: () => void) => void): Promise<ListenersResult> {
  const file = fileURLToPath(new URL('../support/listeners.load.ts', import.meta.url));
  const addresses = Array.from({ length: 6 }, (_, at) => `127.0.0.${at + 20}`).join(',');
  const args = ['run', file, '--json', '--no-store', '--target', url, '--source-address', addresses];
  const cli = `${root}/packages/plimsoll/bin/plimsoll.js`;
  const child = spawn(process.execPath, [cli, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  const told = once(child, 'close').then(() => (JSON.parse(said) as { tests: ListenersResult[] }).tests[0]!);
  // Where the test fails before it asks for them, they are left to nobody.
  told.catch(() => undefined);
  onFinished(() => {
    child.kill('SIGKILL');
  });
  return told;
}

const missing = [
  isMissing('postgres', postgresBinary),
  isMissing('redis-server', redisBinary),
  isMissing('nginx', findBinary('nginx')),
].includes(true);

describe.skipIf(missing)('production on one machine', { timeout: 90_000 }, () => {
  let script: ChildProcess;
  let production: Production;
  let token: string;

  beforeAll(async () => {
    const args = [path('local/start.mjs'), '--port', '0', '--instances', '3', '--json', '--', '--rate-limits', 'off'];
    const env = { PATH: process.env['PATH'], SEED_SESSIONS: '2000' };
    script = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [said, complained] = ['', ''];
    script.stdout!.setEncoding('utf8').on('data', (text: string) => (said += text));
    script.stderr!.setEncoding('utf8').on('data', (text: string) => (complained += text));
    await until(() => {
      if (script.exitCode !== null) throw new Error(`it ended with ${script.exitCode}: ${complained}`);
      return Promise.resolve(said.endsWith('\n'));
    }, 60_000);
    production = JSON.parse(said) as Production;
    const json = { username: 'admin', password: 'plimsoll' };
    token = (await ask<{ access_token: string }>('/auth/token', { json })).body.access_token;
  }, 90_000);
  afterAll(async () => {
    if (script.exitCode !== null) return;
    script.kill('SIGTERM');
    await once(script, 'exit');
  }, 60_000);

  async function ask<T = unknown>(
    at: string,
    { json, method, url = production.url }: { json?: unknown; method?: string; url?: string } = {},
  ): Promise<{ status: number; instance: string | null; body: T }> {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    const body = json === undefined ? {} : { body: JSON.stringify(json) };
    const response = await fetch(url + at, {
      method: method ?? (json === undefined ? 'GET' : 'POST'),
      headers,
      ...body,
    });
    const text = await response.text();
    return { status: response.status, instance: response.headers.get('x-instance'), body: JSON.parse(text) as T };
  }

  test('every instance answers', async () => {
    const seen = new Set<string | null>();
    for (let at = 0; at < 12; at++) seen.add((await ask('/health')).instance);
    expect(seen.size).toBe(3);
  });

  /** What nginx answers itself, in the shape of the service's answers. */
  const refusal = (error: string, message: string) => ({
    error,
    message,
    details: [],
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
    request_id: 'mine.1',
  });
  /** Once: what an instance has set, nginx does not set again. */
  const expectSecured = ({ headers }: Response): void => {
    expect([headers.get('x-content-type-options'), headers.get('cache-control')]).toEqual(['nosniff', 'no-store']);
  };
  const ownId = { 'x-request-id': 'mine.1' };

  test('a body that is too large is refused by the service, and by nginx where it is larger still', async () => {
    for (const bytes of [...Array<number>(10).fill(100_000), 1_000_000]) {
      const body = JSON.stringify({ name: 'x'.repeat(bytes) });
      const headers = { ...ownId, 'content-type': 'application/json', authorization: `Bearer ${token}` };
      const answer = await fetch(production.url + criteriaPath, { method: 'PUT', body, headers });
      expect([answer.status, answer.headers.get('x-request-id')]).toEqual([413, 'mine.1']);
      expectSecured(answer);
      expect(answer.headers.get('x-instance') === null).toBe(bytes > 128 * 1024);
      expect(await answer.json()).toEqual(refusal('too_large', 'the body is too large'));
    }
  });

  test('metrics are not for the world, and a request id that is fit for no log is replaced', async () => {
    const hidden = await fetch(`${production.url}/metrics`, { headers: ownId });
    expect([hidden.status, hidden.headers.get('content-type')]).toEqual([404, 'application/json; charset=utf-8']);
    expectSecured(hidden);
    expect(await hidden.json()).toEqual(refusal('not_found', 'there is nothing at this path'));
    const odd = await fetch(`${production.url}/health`, { headers: { 'x-request-id': 'a b' } });
    expect(odd.headers.get('x-request-id')).toMatch(/^[0-9a-f]{32}$/);
  });

  test('what one instance is told, every other reads at once', async () => {
    const urls = production.instances.map(({ url }) => url);
    const { body } = await ask<Record<string, unknown>>(criteriaPath);
    for (let round = 0; round < 9; round++) {
      const json = { ...body, name: `round ${round}` };
      expect((await ask(criteriaPath, { method: 'PUT', json, url: urls[round % 3]! })).status).toBe(200);
      const read = await Promise.all(urls.map((url) => ask<{ name: string }>(criteriaPath, { url })));
      expect(read.map((each) => each.body.name)).toEqual(Array(3).fill(`round ${round}`));
    }
  });

  test('a session that one instance started, the dashboards of all have counted', async () => {
    const urls = production.instances.map(({ url }) => url);
    const total = async (url: string): Promise<number> =>
      (await ask<{ total_sessions: number }>('/dashboard/stats', { url })).body.total_sessions;
    const before = await total(urls[0]!);
    await ask('/optimization/sessions', { json: { model_id: 'model-001', technique: 'pruning' }, url: urls[1]! });
    expect(await Promise.all(urls.map(total))).toEqual([before + 1, before + 1, before + 1]);
  });

  test('the suite passes against it', () => {
    const first = runSuite();
    // A disk that stands still for a moment while PostgreSQL writes is no fault of the service: it is measured again.
    const { tests, status } = first.late.length === 0 ? first : runSuite();
    expect(tests).toHaveLength(9);
    for (const { name, thresholds } of tests) {
      expect(
        thresholds.filter(({ ok }) => !ok),
        name,
      ).toEqual([]);
    }
    // 3: a machine too busy to measure in time; what was asked held all the same.
    expect([0, 3]).toContain(status);
  }, 120_000);

  interface SuiteTest {
    readonly name: string;
    readonly thresholds: readonly { readonly expression: string; readonly ok: boolean }[];
  }

  /** `late`: the thresholds on times that were not held. Those on counts and shares must be held at once. */
  function runSuite(): { tests: readonly SuiteTest[]; status: number | null; late: readonly string[] } {
    const args = ['run', '--config', 'loadtests/plimsoll.config.ts', '--suite', 'performance', '--json', '--no-store'];
    const cli = `${root}/packages/plimsoll/bin/plimsoll.js`;
    const options = { cwd: root, encoding: 'utf8', env: { PATH: process.env['PATH'] }, maxBuffer: 1e8 } as const;
    const { stdout, status } = spawnSync(process.execPath, [cli, ...args, '--target', production.url], options);
    const { tests } = JSON.parse(stdout) as { tests: readonly SuiteTest[] };
    const missed = tests.flatMap(({ thresholds }) => thresholds.filter(({ ok }) => !ok));
    const late = missed.map(({ expression }) => expression).filter((expression) => /\b\d+m?s$/.test(expression));
    expect(late, 'only times may be measured again').toHaveLength(missed.length);
    return { tests, status, late };
  }

  /** Twenty users who ask without pause while something happens to an instance. */
  async function underLoad(happens: () => void): Promise<{ whole: number; failed: string[] }> {
    const outcome = { whole: 0, failed: [] as string[] };
    let over = false;
    const user = async (): Promise<void> => {
      while (!over) {
        try {
          const { status } = await ask('/optimization/sessions?limit=5');
          if (status === 200) outcome.whole++;
          else outcome.failed.push(`status ${status}`);
        } catch (error) {
          outcome.failed.push(String(error));
        }
      }
    };
    const users = Array.from({ length: 20 }, user);
    await expect.poll(() => outcome.whole, { timeout: 10_000 }).toBeGreaterThan(200);
    const before = outcome.whole;
    happens();
    await expect.poll(() => outcome.whole, { timeout: 20_000 }).toBeGreaterThan(before + 1000);
    over = true;
    await Promise.all(users);
    return outcome;
  }

  /** Clients at addresses of their own, so that nginx spreads them; every other one begins with polling. */
  const clients: SocketClient[] = [];
  afterAll(() => {
    for (const { socket } of clients) socket.disconnect();
  });

  /** Starts and cancels a session on whatever instance nginx gives it; resolves when every client has heard of it. */
  async function everybodyHears(): Promise<void> {
    const json = { model_id: 'model-001', technique: 'pruning' };
    const { id } = (await ask<{ id: string }>('/optimization/sessions', { json })).body;
    expect((await ask(`/optimization/sessions/${id}/cancel`, { json: {} })).status).toBe(200);
    await expect
      .poll(() => clients.map(({ cancelled }) => cancelled.filter((each) => each === id).length), { timeout: 10_000 })
      .toEqual(clients.map(() => 1));
  }

  /** Everybody is connected again, to instances that live, and has joined again. */
  async function everybodyIsBack(): Promise<void> {
    await expect
      .poll(() => clients.every(({ socket, joined }) => socket.connected && joined()), { timeout: 20_000 })
      .toBe(true);
  }

  test('sockets through nginx: what happens on one instance the clients of all hear, once', async () => {
    const used = (): number => new Set(clients.map(({ instance }) => instance())).size;
    // Where nginx puts an address follows from the ports, which are others each time.
    for (let at = 0; at < 8 || (used() < 2 && at < 64); at++) {
      clients.push(socketClient(production.url, token, `127.0.0.${at + 2}`, at % 2 === 0));
      if (at >= 7) await everybodyIsBack();
    }
    expect(used()).toBeGreaterThan(1);
    for (let at = 0; at < 3; at++) await everybodyHears();
  });

  let stopped: Service;

  test('an instance stopped under load loses nothing, and its clients come back by themselves', async () => {
    const name = clients[0]!.instance();
    const names = await Promise.all(
      production.instances.map(async ({ url }) => (await ask('/health', { url })).instance),
    );
    stopped = production.instances[names.indexOf(name)]!;
    expect((await underLoad(() => process.kill(stopped.pid, 'SIGTERM'))).failed).toEqual([]);
    await expect.poll(() => clients.some(({ instance }) => instance() === name), { timeout: 20_000 }).toBe(false);
    await everybodyIsBack();
    await everybodyHears();
  });

  test('an instance killed under load loses nothing that may be repeated: nginx asks another', async ({
    onTestFinished,
  }) => {
    // One was stopped before. The other clients have sockets, too: whoever is new is a listener.
    const living = production.instances.filter((each) => each !== stopped);
    const before = await Promise.all(living.map(openSockets));
    let listeners: number[] = [];
    const listening = startListeners(production.url, onTestFinished);
    await expect
      .poll(
        async () => {
          listeners = (await Promise.all(living.map(openSockets))).map((open, at) => open - before[at]!);
          return listeners[0]! + listeners[1]!;
        },
        { timeout: 20_000 },
      )
      .toBe(listenerCount);
    // Where nginx puts an address follows from the ports, which are others each time: at least half are on this one.
    const victim = living[listeners[0]! > listeners[1]! ? 0 : 1]!;
    // The first message is due a second after they have joined: before it nobody could miss one.
    const startedBefore = await startedSessions(victim);
    await expect.poll(() => startedSessions(victim), { timeout: 20_000 }).toBeGreaterThan(startedBefore + 5);
    expect((await underLoad(() => process.kill(victim.pid, 'SIGKILL'))).failed).toEqual([]);
    await everybodyIsBack();
    expect(new Set(clients.map(({ instance }) => instance())).size).toBe(1);
    await everybodyHears();
    const { delivery, books } = await listening;
    expect(books.breaches).toEqual([]);
    expect(delivery.recovery.gone).toBeGreaterThan(0);
    expect(delivery.recovery).toMatchObject({ back: delivery.recovery.gone });
    expect(delivery).toMatchObject({ leaked: 0, owed: delivery.delivered + delivery.lost });
    expect(delivery.delivered).toBeGreaterThan(100);
    expect(delivery.missed).toBeGreaterThan(0);
    expect(delivery.owed + delivery.missed + delivery.ambiguous).toBeGreaterThanOrEqual(30 * delivery.published);
    // Four publishers have at most one message each on its way through the instance that dies. It may be heard by nobody, or
    // by all although its publisher never had the answer that names it. All else reached all thirty.
    expect(delivery.lost).toBeLessThanOrEqual(4 * listenerCount);
    expect(delivery.unknown).toBeLessThanOrEqual(4 * listenerCount);
  });

  async function metricOf({ url }: Service, pattern: RegExp): Promise<number> {
    const text = await (await fetch(`${url}/metrics`)).text();
    return Number(pattern.exec(text)?.[1] ?? 0);
  }

  const openSockets = (service: Service): Promise<number> => metricOf(service, /^sockets_open(?:\{.*\})? (\d+)/m);
  const startedSessions = (service: Service): Promise<number> =>
    metricOf(service, /^socket_events_published_total\{.*session_started.*\} (\d+)/m);

  test('Redis killed under load: slower, and nothing lost', async () => {
    const { failed } = await underLoad(() => process.kill(production.redis.pid, 'SIGKILL'));
    expect(failed).toEqual([]);
    expect((await ask('/ready')).body).toMatchObject({ status: 'degraded', checks: { cache: 'down' } });
  });

  test('without an instance nginx says so, and when to try again', async () => {
    for (const { pid } of production.instances) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It went before.
      }
    }
    const health = () => fetch(`${production.url}/health`, { headers: ownId });
    await expect.poll(async () => (await health()).status).toBe(502);
    const answer = await health();
    expect(answer.headers.get('retry-after')).toBe('2');
    expect(await answer.json()).toEqual(refusal('unavailable', 'no instance answers; try again'));
  });

  test('told to stop, it stops everything', async () => {
    script.kill('SIGTERM');
    const [code] = (await once(script, 'exit')) as [number];
    expect(code).toBe(0);
    for (const { pid } of [production, ...production.instances, production.redis]) {
      expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    }
  });
});
