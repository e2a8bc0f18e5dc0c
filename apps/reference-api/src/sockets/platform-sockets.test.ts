import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { io, type Socket } from 'socket.io-client';
import { WebSocket } from 'ws';
import { expect, onTestFinished, test } from 'vitest';
import type { Session } from '../domain/session.ts';
import { rememberingLog } from '../../test/support/quiet-log.ts';
import { PlatformSockets, type PlatformSocketsOptions } from './platform-sockets.ts';

async function platform(options: Partial<PlatformSocketsOptions> = {}, port = 0) {
  const server = createServer();
  const log = rememberingLog();
  const sockets = new PlatformSockets({
    server,
    instance: 'here',
    rooms: true,
    callerOf: (token) => ({ name: token, role: 'viewer' }),
    connectionsPerUser: undefined,
    corsOrigins: [],
    adapter: undefined,
    log,
    ...options,
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const { port: own } = server.address() as AddressInfo;
  const stop = async (): Promise<void> => {
    await sockets.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(stop);
  return { sockets, log, url: `http://127.0.0.1:${own}`, port: own, stop };
}

const session = (error: string): Session => ({
  id: 'a',
  model_id: 'm',
  model_name: 'M',
  technique: 'pruning',
  status: 'failed',
  progress_percent: 1,
  started_at: '2026-01-01T00:00:00.000Z',
  ended_at: null,
  size_reduction_percent: null,
  speed_up: null,
  error,
});

async function neighbour(url: string, token = 'neighbour'): Promise<Socket> {
  const socket = io(url, { auth: { token }, transports: ['websocket'], forceNew: true });
  onTestFinished(() => {
    socket.disconnect();
  });
  await new Promise<void>((resolve) => socket.on('connect', resolve));
  return socket;
}

test('a client that does not read is cut, and its neighbour hears everything', async () => {
  const limits = { lookEveryMs: 20, mostBufferedBytes: 100_000, mostBufferedMessages: 100 };
  const { sockets, log, url } = await platform({ rooms: false, limits });
  const heard: number[] = [];
  const good = await neighbour(url);
  good.on('session_failed', ({ sequence }: { sequence: number }) => heard.push(sequence));
  const deaf = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
  deaf.on('error', () => undefined);
  deaf.once('open', () => {
    deaf.send('40{"token":"deaf"}');
  });
  await expect.poll(() => sockets.open).toBe(2);
  deaf.pause();
  // Small steps, so that whoever reads keeps up.
  let sent = 0;
  while (sockets.counts.cut === 0 && sent < 5000) {
    sockets.publish({ name: 'session_failed', session: session('x'.repeat(20_000)) });
    sent++;
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(sockets.counts.cut).toBe(1);
  expect(log.lines).toEqual(['warn: a client that does not read was cut']);
  await expect.poll(() => sockets.open).toBe(1);
  await expect.poll(() => heard.length).toBe(sent);
  expect(heard).toEqual(heard.map((_, at) => at + 1));
  deaf.terminate();
});

test('whose token ends is told to go, and the others stay', async () => {
  const { sockets, url } = await platform({ limits: { lookEveryMs: 20 } });
  const tokenUntil = (exp: number): string =>
    `head.${Buffer.from(JSON.stringify({ sub: 'x', exp })).toString('base64url')}.signature`;
  const nowSeconds = Date.now() / 1000;
  const staying = await Promise.all(['neighbour', tokenUntil(nowSeconds + 600)].map((token) => neighbour(url, token)));
  // Found valid a moment ago.
  const going = await neighbour(url, tokenUntil(nowSeconds));
  await expect.poll(() => going.connected).toBe(false);
  await expect.poll(() => sockets.open).toBe(2);
  // For good: with the same token it would not be let in.
  expect(going.active).toBe(false);
  // They were looked at in the same turn.
  for (const socket of staying) {
    expect(await socket.emitWithAck('join', { all: true })).toEqual({ ok: true, room: 'all' });
  }
});

test.each([
  ['a WebSocket', ['websocket']],
  ['polling', ['polling']],
])(
  'a stop ends %s beneath Socket.IO: its client has all that was said, and comes back by itself',
  async (_, transports) => {
    const first = await platform();
    const client = io(first.url, { auth: { token: 'x' }, transports, forceNew: true, reconnectionDelay: 20 });
    const heard: string[] = [];
    const reasons: string[] = [];
    onTestFinished(() => {
      client.disconnect();
    });
    client.on('session_failed', ({ sequence }: { sequence: number }) => heard.push(`event ${sequence}`));
    client.on('system_status', ({ state }: { state: string }) => heard.push(state));
    client.on('disconnect', (reason) => reasons.push(reason));
    await expect.poll(() => heard).toEqual(['ready']);
    await client.emitWithAck('join', { all: true });
    for (let at = 0; at < 3; at++)
      first.sockets.publish({ name: 'session_failed', session: session('x'.repeat(5000)) });
    await first.stop();
    await expect.poll(() => reasons).toEqual(['transport close']);
    expect(heard).toEqual(['ready', 'event 1', 'event 2', 'event 3', 'stopping']);
    const second = await platform({}, first.port);
    await expect.poll(() => second.sockets.open, { timeout: 5000 }).toBe(1);
    await expect.poll(() => heard.at(-1)).toBe('ready');
  },
);

test('who takes nothing is not waited for', async () => {
  const { sockets, url, stop } = await platform({ rooms: false, limits: { lookEveryMs: 60_000 } });
  const deaf = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
  deaf.on('error', () => undefined);
  deaf.once('open', () => {
    deaf.send('40{"token":"deaf"}');
  });
  await expect.poll(() => sockets.open).toBe(1);
  deaf.pause();
  const publish = (): void => {
    sockets.publish({ name: 'session_failed', session: session('x'.repeat(100_000)) });
  };
  // More than the network takes by itself, and once that is with the WebSocket one that still is with Engine.IO.
  for (let at = 0; at < 400; at++) publish();
  await new Promise((resolve) => setTimeout(resolve, 200));
  publish();
  const beganMs = performance.now();
  await stop();
  const tookMs = performance.now() - beganMs;
  expect(tookMs).toBeGreaterThanOrEqual(990);
  expect(tookMs).toBeLessThan(3000);
  expect(sockets.open).toBe(0);
  deaf.terminate();
});

test('events from 1 KB on are compressed where rooms are on', async () => {
  const { sockets, url } = await platform();
  const client = await neighbour(url);
  await client.emitWithAck('join', { all: true });
  const engine = client.io.engine as unknown as { transport: { ws: WebSocket } };
  const raw = (engine.transport.ws as unknown as { _socket: { bytesRead: number } })._socket;
  const bytesFor = async (error: string): Promise<number> => {
    const before = raw.bytesRead;
    const came = new Promise((resolve) => client.once('session_failed', resolve));
    sockets.publish({ name: 'session_failed', session: session(error) });
    await came;
    return raw.bytesRead - before;
  };
  expect(await bytesFor('x'.repeat(200))).toBeGreaterThan(500);
  expect(await bytesFor('x'.repeat(5000))).toBeLessThan(700);
});

/** By hand, so that it can be silent: Engine.IO's ping is '2', its answer '3'. */
async function bareClient(url: string, answers: boolean): Promise<{ readonly pingsMs: number[]; isOpen: boolean }> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
  const client = { pingsMs: [] as number[], isOpen: true };
  onTestFinished(() => {
    socket.terminate();
  });
  socket.on('close', () => (client.isOpen = false));
  socket.on('message', (data: Buffer) => {
    if (data.toString() !== '2') return;
    client.pingsMs.push(performance.now());
    if (answers) socket.send('3');
  });
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send('40{"token":"bare"}');
  return client;
}

test('heartbeat: who answers stays, and who never does is cut within an interval and a time-out', async () => {
  const limits = { pingIntervalMs: 150, pingTimeoutMs: 100 };
  const { sockets, url } = await platform({ limits });
  const connectedMs = performance.now();
  const alive = await bareClient(url, true);
  const silent = await bareClient(url, false);
  await expect.poll(() => sockets.open, { interval: 5 }).toBe(2);
  await expect.poll(() => sockets.open, { interval: 5, timeout: 5000 }).toBe(1);
  const tookMs = performance.now() - connectedMs;
  expect(tookMs).toBeGreaterThanOrEqual(150 + 100 - 5);
  // It has had one ping and no second; a busy machine may be late.
  expect(tookMs).toBeLessThan(150 + 100 + 1000);
  await expect.poll(() => silent.isOpen).toBe(false);
  expect(silent.pingsMs).toHaveLength(1);
  expect(silent.pingsMs[0]! - connectedMs).toBeGreaterThanOrEqual(145);
  await expect.poll(() => alive.pingsMs.length, { timeout: 5000 }).toBeGreaterThanOrEqual(4);
  expect([alive.isOpen, sockets.open]).toEqual([true, 1]);
});
