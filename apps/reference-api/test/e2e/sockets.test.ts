/** Socket.IO of the built server, with its own client at the other end. */
import { createHmac } from 'node:crypto';
import { io, type Socket } from 'socket.io-client';
import { WebSocket } from 'ws';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Session } from '../../src/domain/session.ts';
import type { SessionMessage } from '../../src/sockets/wire.ts';
import { redisBinary, startRedis } from '../support/private-redis.ts';
import { isMissing, until } from '../support/private-server.ts';
import { startApi, type ApiOptions, type RunningApi } from '../support/running-api.ts';

const secret = 'a secret of thirty-two characters';
const start = (options: Omit<ApiOptions, 'later'> = {}): Promise<RunningApi> =>
  startApi({
    args: ['--rate-limits', 'off'],
    ...options,
    env: { AUTH_SECRET: secret, ...options.env },
    later: onTestFinished,
  });

interface Listener {
  readonly socket: Socket;
  /** 'name session', in the order in which they came. */
  readonly heard: string[];
  readonly messages: SessionMessage[];
}

/** Resolves when connected. */
async function listen(api: RunningApi, token?: string): Promise<Listener> {
  const own = token ?? (await api.token('viewer'));
  const socket = io(api.url, { auth: { token: own }, transports: ['websocket'], forceNew: true, reconnection: false });
  onTestFinished(() => {
    socket.disconnect();
  });
  const heard: string[] = [];
  const messages: SessionMessage[] = [];
  socket.onAny((name: string, message: SessionMessage) => {
    if (name === 'system_status') return;
    heard.push(`${name} ${message.session_id}`);
    messages.push(message);
  });
  await new Promise<void>((resolve, reject) => {
    socket.on('connect', resolve);
    socket.on('connect_error', reject);
  });
  return { socket, heard, messages };
}

async function startSession(api: RunningApi): Promise<string> {
  const json = { model_id: 'model-001', technique: 'pruning' };
  return (await api.as<Session>('operator', '/optimization/sessions', { json })).body.id;
}
const cancel = (api: RunningApi, id: string) =>
  api.as('operator', `/optimization/sessions/${id}/cancel`, { method: 'POST' });

const metric = async (api: RunningApi, line: string): Promise<number> => {
  const { body } = await api.ask<string>('/metrics');
  return Number(
    body
      .split('\n')
      .find((each) => each.startsWith(`${line} `))
      ?.split(' ')
      .at(-1),
  );
};

describe('who may connect', () => {
  test.each([
    ['no token', undefined, 'a token is needed: POST /auth/token gives one'],
    ['a token of somebody else', 'another secret of the same length', 'the token is not valid'],
    ['an expired token', 'expired', 'the token has expired'],
  ])('%s is refused, and told why', async (_, kind, message) => {
    const api = await start();
    const token =
      kind === undefined ? '' : forge(kind === 'expired' ? secret : kind, kind === 'expired' ? 1 : undefined);
    await expect(listen(api, token)).rejects.toMatchObject({ message, data: { error: 'unauthorized', message } });
    expect(await metric(api, 'sockets_refused_total{reason="unauthorized"}')).toBe(1);
  });

  test('a user has 20 connections, and another one when one of them ends', async () => {
    const api = await start({ args: [] });
    const token = await api.token('viewer');
    const listeners = await Promise.all(Array.from({ length: 20 }, () => listen(api, token)));
    await expect(listen(api, token)).rejects.toMatchObject({ data: { error: 'too_many_connections' } });
    await listen(api, await api.token('operator'));
    expect(await metric(api, 'sockets_open')).toBe(21);
    listeners[0]!.socket.disconnect();
    await expect.poll(() => metric(api, 'sockets_open')).toBe(20);
    await listen(api, token);
  });
});

describe('rooms', () => {
  test('a client hears of the sessions it has joined, or of all, each event once and in order', async () => {
    const api = await start();
    const [one, two] = [await startSession(api), await startSession(api)];
    const [first, second, everything, nothing] = await Promise.all([
      listen(api),
      listen(api),
      listen(api),
      listen(api),
    ]);
    expect(await first.socket.emitWithAck('join', { session_id: one })).toEqual({ ok: true, room: `session:${one}` });
    expect(await second.socket.emitWithAck('join', { session_id: two })).toEqual({ ok: true, room: `session:${two}` });
    expect(await everything.socket.emitWithAck('join', { all: true })).toEqual({ ok: true, room: 'all' });
    await everything.socket.emitWithAck('join', { session_id: one });
    await cancel(api, one);
    await cancel(api, two);
    const lastOf = ({ heard }: Listener): string | undefined => heard.at(-1);
    await expect.poll(() => lastOf(everything)).toBe(`session_cancelled ${two}`);
    await expect.poll(() => lastOf(first)).toBe(`session_cancelled ${one}`);
    await expect.poll(() => lastOf(second)).toBe(`session_cancelled ${two}`);
    expect(first.heard.every((each) => each.endsWith(one))).toBe(true);
    expect(second.heard.every((each) => each.endsWith(two))).toBe(true);
    expect(nothing.heard).toEqual([]);
    for (const { messages } of [first, second, everything]) {
      expect(new Set(messages.map((each) => each.event_id)).size).toBe(messages.length);
      for (const session of [one, two]) {
        const numbers = messages.filter((each) => each.session_id === session).map((each) => each.sequence);
        expect(numbers).toEqual(numbers.map((_, at) => numbers[0]! + at));
      }
    }
    expect(await metric(api, 'socket_events_published_total{event="session_cancelled"}')).toBe(2);
  });

  test('a session that runs its course is heard of to its end', async () => {
    const api = await start({ env: { OPTIMISER_STEP_MS: '20' } });
    const { socket, heard, messages } = await listen(api);
    await socket.emitWithAck('join', { all: true });
    const id = await startSession(api);
    const own = (): readonly string[] => heard.filter((each) => each.endsWith(id)).map((each) => each.split(' ')[0]!);
    await expect.poll(() => own().at(-1), { timeout: 10_000 }).toMatch(/^session_(completed|failed)$/);
    const [first, ...rest] = own();
    const steps = rest.slice(0, -1);
    expect([first, new Set(steps)]).toEqual(['session_started', new Set(['session_progress'])]);
    const numbers = messages.filter((each) => each.session_id === id).map((each) => each.sequence);
    expect(numbers).toEqual(numbers.map((_, at) => at + 1));
  });

  test('who has left hears nothing more', async () => {
    const api = await start();
    const id = await startSession(api);
    const [leaver, stayer] = await Promise.all([listen(api), listen(api)]);
    for (const { socket } of [leaver, stayer]) await socket.emitWithAck('join', { session_id: id });
    expect(await leaver.socket.emitWithAck('leave', { session_id: id })).toEqual({ ok: true, room: `session:${id}` });
    const before = leaver.heard.length;
    await cancel(api, id);
    await expect.poll(() => stayer.heard.at(-1)).toBe(`session_cancelled ${id}`);
    await leaver.socket.emitWithAck('join', { all: true });
    expect(leaver.heard).toHaveLength(before);
  });

  test.each([{}, null, 'x', { session_id: 7 }, { session_id: '../x' }, { all: false }, { all: true, session_id: 'x' }])(
    '%j names no room',
    async (request) => {
      const { socket } = await listen(await start());
      const answer = { ok: false, error: 'give { session_id } or { all: true }' };
      expect(await socket.emitWithAck('join', request)).toEqual(answer);
    },
  );

  test('naive, everybody hears everything', async () => {
    const api = await start({ args: ['--profile', 'naive', '--rate-limits', 'off'] });
    const nothing = await listen(api);
    const id = await startSession(api);
    await cancel(api, id);
    await expect.poll(() => nothing.heard.at(-1)).toBe(`session_cancelled ${id}`);
    expect(nothing.heard[0]).toBe(`session_started ${id}`);
  });
});

test.each([
  ['optimised', 'permessage-deflate'],
  ['naive', ''],
])('%s: compression agreed: %s', async (profile, extension) => {
  const api = await start({ args: ['--profile', profile, '--rate-limits', 'off'] });
  const socket = new WebSocket(`${api.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
  onTestFinished(() => {
    socket.terminate();
  });
  await new Promise((resolve) => socket.once('open', resolve));
  expect(socket.extensions).toBe(extension);
});

test('a message beyond 16 KB ends its connection, and no other', async () => {
  const api = await start();
  const [big, other] = await Promise.all([listen(api), listen(api)]);
  const ended = new Promise((resolve) => big.socket.once('disconnect', resolve));
  big.socket.emit('join', { session_id: 'x'.repeat(20_000) });
  await ended;
  expect(await other.socket.emitWithAck('join', { all: true })).toEqual({ ok: true, room: 'all' });
});

test('at SIGTERM every client is told and may come back by itself, and the service ends in time', async () => {
  const api = await start();
  const listeners = await Promise.all([listen(api), listen(api), listen(api)]);
  const told = listeners.map(
    ({ socket }) =>
      new Promise((resolve) =>
        socket.on('system_status', ({ state }: { state: string }) => state === 'stopping' && resolve(state)),
      ),
  );
  const ended = listeners.map(({ socket }) => new Promise((resolve) => socket.once('disconnect', resolve)));
  // 'io server disconnect' is the other reason: such a client stays away.
  const lost = Array<string>(3).fill('transport close');
  const beganMs = performance.now();
  expect(await api.stop()).toBe(0);
  expect(performance.now() - beganMs).toBeLessThan(10_000);
  expect(await Promise.all(told)).toEqual(['stopping', 'stopping', 'stopping']);
  expect(await Promise.all(ended)).toEqual(lost);
});

describe.skipIf(isMissing('redis-server', redisBinary))('two instances and Redis', () => {
  test('a client of one hears what happens on the other; without Redis each its own, until it is back', async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.remove());
    const env = { REDIS_URL: redis.url };
    const [one, two] = await Promise.all([start({ env }), start({ env })]);
    const [near, far] = [await listen(one), await listen(two)];
    for (const { socket } of [near, far]) await socket.emitWithAck('join', { all: true });
    const id = await startSession(one);
    await cancel(one, id);
    for (const { heard } of [near, far]) await expect.poll(() => heard.at(-1)).toBe(`session_cancelled ${id}`);
    await redis.server.stop();
    await until(async () => (await one.ask<{ status: string }>('/ready')).body.status !== 'ready');
    const alone = await startSession(one);
    await cancel(one, alone);
    await expect.poll(() => near.heard.at(-1)).toBe(`session_cancelled ${alone}`);
    expect(far.heard.at(-1)).toBe(`session_cancelled ${id}`);
    await redis.server.start();
    // What happens before both have found it again is heard on one alone.
    const cancelOne = async (): Promise<string> => {
      const started = await startSession(one);
      await cancel(one, started);
      return started;
    };
    const heardBefore = far.heard.length;
    const hearsAgain = async (): Promise<boolean> => {
      await cancelOne();
      return far.heard.length > heardBefore;
    };
    await expect.poll(hearsAgain, { timeout: 20_000, interval: 100 }).toBe(true);
    const last = await cancelOne();
    for (const { heard } of [near, far]) await expect.poll(() => heard.at(-1)).toBe(`session_cancelled ${last}`);
  });
});

function forge(key: string, exp = Math.floor(Date.now() / 1000) + 600): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${encode({ typ: 'JWT', alg: 'HS256' })}.${encode({ sub: 'viewer', role: 'viewer', exp })}`;
  return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
}
