/** Socket.IO by polling, and on from it to a WebSocket, against the official server: what it counted is in the books. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerOptions, Socket } from 'socket.io';
import { WebSocketServer, type WebSocket } from 'ws';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TestResult } from '../../src/model/result.ts';
import { Project } from '../support/cli.ts';
import { IoServer } from '../support/io-server.ts';

const clients = 12;
const both = "['polling', 'websocket']";

let project: Project;
let server: IoServer;
let upgraded: number;
let events: number;
/** HTTP requests of sessions, and those of them without the cookie that the first answer sets. */
let requests: { readonly GET: number; readonly POST: number; readonly withoutCookie: number };

beforeEach(() => {
  project = new Project();
  upgraded = 0;
  events = 0;
  requests = { GET: 0, POST: 0, withoutCookie: 0 };
});
afterEach(async () => {
  project.remove();
  await server.close();
});

async function start(options: Partial<ServerOptions> = {}): Promise<void> {
  server = new IoServer(options, serve);
  await server.start();
  server.io.engine.on('connection', (session: { on(event: 'upgrade', told: () => void): void }) => {
    session.on('upgrade', () => upgraded++);
  });
  server.io.engine.on('initial_headers', (headers: Record<string, string>) => {
    headers['set-cookie'] = 'node=a; Path=/';
  });
  server.io.engine.use((request: IncomingMessage, _: ServerResponse, next: () => void) => {
    if (request.url?.includes('sid=')) {
      const method = request.method as 'GET' | 'POST';
      const withoutCookie = requests.withoutCookie + (request.headers.cookie?.includes('node=a') ? 0 : 1);
      requests = { ...requests, [method]: requests[method] + 1, withoutCookie };
    }
    next();
  });
}

function serve(socket: Socket): void {
  socket.onAny(() => events++);
  socket.on('echo', (value: unknown, acknowledge: (value: unknown) => void) => {
    acknowledge(value);
  });
  socket.on('count', (to: number) => {
    for (let n = 0; n < to; n++) socket.emit('number', n);
  });
  socket.on('drop me', () => socket.conn.close());
  socket.on('out', () => socket.disconnect());
}

async function run(body: string, options: { transports?: string; workers?: number; load?: string } = {}) {
  const { transports = both, workers = 1 } = options;
  const { load = `sharedIterations({ vus: 4, iterations: ${clients} })` } = options;
  project.write(
    'a.load.ts',
    `import { constantVus, loadTest, perVuIterations, sharedIterations } from 'plimsoll';
    loadTest('io', { load: ${load}, connections: 'lazy', thresholds: ['success >= 0%'], gracefulStop: '1s', http: { timeout: '10s' } },
      async ({ io, sleep }) => {
        const connect = async (options = {}) => (await io.connect({ transports: ${transports}, ...options })).orThrow();
        ${body}
      });`,
  );
  const finished = await project.plimsoll('run', '--target', server.url, '--workers', String(workers));
  const result = project.lastResult().tests[0]!;
  expect(result.books).toMatchObject({ balanced: true });
  return { ...finished, result };
}

const seriesOf = (result: TestResult, name: string): TestResult['series'][number] | undefined =>
  result.series.find((each) => each.name === name);
const namesOf = (result: TestResult): string[] => result.series.map((each) => each.name).sort();

/** Talks in both directions, with bytes, and in the order of what was said. */
const conversation = `
  const bytes = Uint8Array.from({ length: 300 }, (_, at) => at % 256);
  const back = await socket.emitWithAck('echo', { text: 'ünï\\u001f', bytes });
  if (back.text !== 'ünï\\u001f' || Buffer.compare(back.bytes, bytes) !== 0) throw new Error('changed');
  socket.emit('count', 20);
  for (let n = 0; n < 20; n++) {
    const { args } = await socket.next('number');
    if (args[0] !== n) throw new Error('out of order: ' + args[0]);
  }`;

describe.each([1, 2])('with %i workers', (workers) => {
  test('from polling to a WebSocket', async () => {
    await start();
    const body = `const socket = await connect();
      if (socket.status !== 200) throw new Error('status ' + socket.status);
      while (socket.transport !== 'websocket') await sleep(5);
      if (!socket.isOpen) throw new Error('not open');
      ${conversation}
      await socket.close();`;
    const { result } = await run(body, { workers });
    expect(result.exceptions).toEqual([]);
    expect([server.connected, upgraded, events]).toEqual([clients, clients, 2 * clients]);
    expect(server.reasons).toEqual({ 'client namespace disconnect': clients });
    // Polls are no requests of the test.
    expect(namesOf(result)).toEqual(['IO /', 'UPGRADE /']);
    expect(seriesOf(result, 'IO /')).toMatchObject({ requests: clients, expected: clients, status: { 200: clients } });
    expect(seriesOf(result, 'UPGRADE /')).toMatchObject({ expected: clients, status: { 101: clients } });
    expect(result.sockets).toMatchObject({
      opened: clients,
      open: 0,
      messagesIn: 20 * clients,
      messagesOut: 2 * clients,
      unclaimed: 0,
    });
    expect(result.sockets!.closed).toEqual({ 1000: clients });
    expect(requests.withoutCookie).toBe(0);
  });

  test('by polling alone', async () => {
    await start();
    const body = `const socket = await connect();
      ${conversation}
      if (socket.transport !== 'polling') throw new Error(socket.transport);
      await socket.close();`;
    const { result } = await run(body, { workers, transports: "['polling']" });
    expect(result.exceptions).toEqual([]);
    expect([server.connected, upgraded, events]).toEqual([clients, 0, 2 * clients]);
    expect(server.reasons).toEqual({ 'client namespace disconnect': clients });
    expect(namesOf(result)).toEqual(['IO /']);
    expect(seriesOf(result, 'IO /')).toMatchObject({ requests: clients, expected: clients, status: { 200: clients } });
    expect(result.sockets).toMatchObject({ opened: clients, messagesIn: 20 * clients, messagesOut: 2 * clients });
    expect(result.sockets!.closed).toEqual({ 1000: clients });
    expect(requests.withoutCookie).toBe(0);
    // Of each session at least: the namespace asked for, two events, the bytes of one, the end; and what was polled for them.
    expect(requests.POST).toBeGreaterThanOrEqual(4 * clients);
    expect(requests.GET).toBeGreaterThanOrEqual(3 * clients);
    // 300 bytes each way as base64, and the heads of all those requests.
    expect(result.sockets!.bytesOut).toBeGreaterThan((requests.GET + requests.POST) * 50);
    expect(result.sockets!.bytesIn).toBeGreaterThan((requests.GET + requests.POST) * 50);
  });
});

describe('where there is no upgrade, polling goes on', () => {
  test.each([
    ['refused in the handshake', { allowUpgrades: false }],
    ['a server that knows polling alone', { transports: ['polling'] }],
  ] as [string, Partial<ServerOptions>][])('%s', async (_, options) => {
    await start(options);
    const { result } = await run(`const socket = await connect(); ${conversation} await socket.close();`);
    expect(result.exceptions).toEqual([]);
    expect(server.connected).toBe(clients);
    expect(namesOf(result)).toEqual(['IO /']);
    expect(result.sockets).toMatchObject({ opened: clients, messagesIn: 20 * clients });
  });

  test('something in between that lets no WebSocket through', async () => {
    await start();
    server.http.removeAllListeners('upgrade');
    server.http.on('upgrade', (_, socket) => {
      socket.end('HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
    });
    const { result } = await run(`const socket = await connect(); ${conversation} await socket.close();`);
    expect(result.exceptions).toEqual([]);
    expect([server.connected, upgraded]).toEqual([clients, 0]);
    expect(seriesOf(result, 'UPGRADE /')).toMatchObject({
      requests: clients,
      failed: clients,
      status: { 503: clients },
      errors: { status: clients },
    });
    expect(result.sockets).toMatchObject({ opened: clients, refused: 0, messagesIn: 20 * clients });
    expect(result.sockets!.closed).toEqual({ 1000: clients });
  });

  test.each([
    ['says nothing', () => undefined, { timeout: clients }],
    ['says something else', (socket: WebSocket) => socket.send('hello'), { protocol: clients }],
    ['is closed', (socket: WebSocket) => socket.close(), { closed: clients }],
  ] as const)('a WebSocket that does not answer the probe: it %s', async (_, answer, errors) => {
    await start();
    server.http.removeAllListeners('upgrade');
    const sockets = new WebSocketServer({ noServer: true });
    server.http.on('upgrade', (request, socket, head) => {
      sockets.handleUpgrade(request, socket, head, (each) => {
        each.once('message', () => {
          answer(each);
        });
      });
    });
    // It talks on meanwhile, and its end waits for what becomes of the upgrade.
    const body = `const socket = await connect({ timeout: '4s' });
      ${conversation}
      await socket.close();`;
    const { result } = await run(body, { load: `perVuIterations({ vus: ${clients}, iterations: 1 })` });
    expect(result.exceptions).toEqual([]);
    expect(upgraded).toBe(0);
    expect(seriesOf(result, 'UPGRADE /')).toMatchObject({ requests: clients, failed: clients, errors });
    expect(result.sockets).toMatchObject({ opened: clients, messagesIn: 20 * clients });
  });
});

describe('heartbeat, end and loss by polling', () => {
  const polling = { transports: "['polling']", load: 'perVuIterations({ vus: 4, iterations: 1 })' };

  test('pings are answered, as long as it takes', async () => {
    await start({ pingInterval: 100, pingTimeout: 2000 });
    const { result } = await run(
      'const socket = await connect(); await sleep(3000); if (!socket.isOpen) throw new Error("gone"); await socket.close();',
      polling,
    );
    expect(result.exceptions).toEqual([]);
    expect(server.reasons).toEqual({ 'client namespace disconnect': 4 });
  });

  test('a poll that waits is no slow request, and nobody waits for it at the end', async () => {
    await start();
    const { result } = await run('await connect(); await sleep(2000);', polling);
    expect(result.exceptions).toEqual([]);
    expect(result.requests).toBe(4);
    expect(result.latency.max).toBeLessThan(2000);
    expect(result.durationSeconds).toBeLessThan(10);
    expect(result.sockets).toMatchObject({ opened: 4, open: 4, closed: {} });
  });

  test('an iteration that is cut takes its poll with it', async () => {
    await start();
    const load = "constantVus({ vus: 4, duration: '1s' })";
    const { result } = await run('await connect(); await sleep(60000);', { ...polling, load });
    expect(result.exceptions).toEqual([]);
    expect(result.durationSeconds).toBeLessThan(20);
    expect(seriesOf(result, 'IO /')).toMatchObject({ requests: 4, expected: 4 });
    expect(result.sockets).toMatchObject({ opened: 4, open: 4, closed: {} });
  });

  test('the server ends the session', async () => {
    await start();
    const body = `const socket = await connect();
      const end = new Promise((resolve) => socket.onClose(resolve));
      socket.emit('drop me');
      if ((await end).code !== 1005) throw new Error('code ' + (await end).code);`;
    const { result } = await run(body, polling);
    expect(result.exceptions).toEqual([]);
    expect(result.sockets!.closed).toEqual({ 1005: 4 });
  });

  test('the server disconnects it', async () => {
    await start();
    const body = `const socket = await connect({ reconnect: { delay: '20ms' } });
      const end = new Promise((resolve) => socket.onClose(resolve));
      socket.emit('out');
      await end;
      await sleep(200);
      if (socket.isOpen) throw new Error('back');`;
    const { result } = await run(body, polling);
    expect(result.exceptions).toEqual([]);
    expect([server.connected, server.reasons]).toEqual([4, { 'server namespace disconnect': 4 }]);
  });

  test.each(['polling', 'websocket'])('a server that is killed sees all again, by %s', async (last) => {
    await start();
    let ready = 0;
    const listen = (): void => {
      server.io.on('connection', (socket) => {
        socket.on('ready', () => {
          if (++ready !== 4) return;
          void server
            .kill()
            .then(() => server.start())
            .then(listen);
        });
      });
    };
    listen();
    const body = `const socket = await connect({ reconnect: { delay: '50ms', jitter: 0 } });
      const has = async () => { while (socket.transport !== '${last}') await sleep(10); };
      await has();
      const returned = new Promise((resolve) => socket.onReconnect(resolve));
      socket.emit('ready');
      await returned;
      await has();
      if ((await socket.emitWithAck('echo', 7)) !== 7) throw new Error('not served');
      await socket.close();`;
    const { result } = await run(body, { ...polling, transports: last === 'polling' ? "['polling']" : both });
    expect(result.exceptions).toEqual([]);
    expect([server.connected, server.ids.size]).toEqual([8, 8]);
    expect(seriesOf(result, 'IO /')).toMatchObject({ expected: 8 });
    expect(result.sockets).toMatchObject({ opened: 8, open: 0 });
    expect(result.sockets!.closed).toEqual({ 1006: 4, 1000: 4 });
    if (last === 'websocket') expect(seriesOf(result, 'UPGRADE /')).toMatchObject({ requests: 8, expected: 8 });
  });

  test.each(["terminate('reset')", "terminate('fin')", 'silence()'])('%s', async (how) => {
    await start({ pingInterval: 200, pingTimeout: 500 });
    const body = `const socket = await connect();
      const end = new Promise((resolve) => socket.onClose(resolve));
      socket.${how};
      if ((await end).code !== 1006) throw new Error('code ' + (await end).code);`;
    const { result } = await run(body, polling);
    expect(result.exceptions).toEqual([]);
    expect(result.sockets!.closed).toEqual({ 1006: 4 });
  });
});

describe('what goes wrong is told as it is', () => {
  test('closed while the upgrade is under way: the upgrade has its own outcome first', async () => {
    await start();
    const { result } = await run('const socket = await connect(); await socket.close();');
    expect(result.exceptions).toEqual([]);
    expect(seriesOf(result, 'UPGRADE /')).toMatchObject({ requests: clients, expected: clients });
    expect(result.sockets!.closed).toEqual({ 1000: clients });
    expect(server.reasons).toEqual({ 'client namespace disconnect': clients });
  });

  test('the namespace refuses', async () => {
    await start();
    server.refusal = 'who are you?';
    const body = `const socket = await io.connect({ transports: ['polling'] });
      if (socket.ok || !socket.error.message.includes('who are you?')) throw new Error('not told');`;
    const { result } = await run(body);
    expect(result.exceptions).toEqual([]);
    expect(seriesOf(result, 'IO /')).toMatchObject({ failed: clients, errors: { namespace: clients } });
    expect(result.sockets).toMatchObject({ opened: 0, refused: clients });
  });

  test('the handshake is refused, as data and tried again', async () => {
    await start();
    server.toRefuse = clients;
    const body = `const refused = await io.connect({ transports: ${both} });
      if (refused.ok || refused.status !== 403) throw new Error('status ' + refused.status);
      const socket = await connect();
      await socket.close();`;
    const { result } = await run(body, { load: `perVuIterations({ vus: ${clients}, iterations: 1 })` });
    expect(result.exceptions).toEqual([]);
    expect(seriesOf(result, 'IO /')).toMatchObject({ failed: clients, expected: clients, errors: { status: clients } });
    expect(seriesOf(result, 'IO /')).toMatchObject({ status: { 200: clients, 403: clients } });
  });

  test('no Socket.IO there', async () => {
    await start();
    const body = `const socket = await io.connect({ transports: ['polling'], path: '/other/' });
      if (socket.ok) throw new Error('what is it?');`;
    const { result } = await run(body);
    expect(result.exceptions).toEqual([]);
    expect(seriesOf(result, 'IO /')).toMatchObject({ failed: clients, errors: { protocol: clients } });
  });

  test('nobody there', async () => {
    await start();
    const body = `const socket = await io.connect({ transports: ${both}, path: 'http://127.0.0.1:1/socket.io/' });
      if (socket.ok || socket.error.kind !== 'refused') throw new Error(socket.error.kind);`;
    const { result } = await run(body);
    expect(result.exceptions).toEqual([]);
    expect(seriesOf(result, 'IO /')).toMatchObject({ failed: clients, errors: { refused: clients } });
  });

  test('transports that there are not', async () => {
    await start();
    const { result } = await run('await connect();', { transports: "['websocket', 'polling']" });
    expect(result.exceptions[0]?.message).toContain('io.connect has no transports [websocket, polling]');
  });
});
