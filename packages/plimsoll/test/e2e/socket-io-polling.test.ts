/** Socket.IO by polling, and on from it to a WebSocket, against the official server: what it counted is in the books. */
import type { ServerOptions } from 'socket.io';
import { WebSocketServer, type WebSocket } from 'ws';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TestResult } from '../../src/model/result.ts';
import { both, clients, PollingBench, seriesOf } from '../support/polling-bench.ts';

let bench: PollingBench;

beforeEach(() => {
  bench = new PollingBench();
});
afterEach(async () => {
  await bench.close();
});

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
    await bench.start();
    const body = `const socket = await connect();
      if (socket.status !== 200) throw new Error('status ' + socket.status);
      while (socket.transport !== 'websocket') await sleep(5);
      if (!socket.isOpen) throw new Error('not open');
      ${conversation}
      await socket.close();`;
    const { result } = await bench.run(body, { workers });
    expect(result.exceptions).toEqual([]);
    expect([bench.server.connected, bench.upgraded, bench.events]).toEqual([clients, clients, 2 * clients]);
    expect(bench.server.reasons).toEqual({ 'client namespace disconnect': clients });
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
    expect(bench.requests.withoutCookie).toBe(0);
  });

  test('by polling alone', async () => {
    await bench.start();
    const body = `const socket = await connect();
      ${conversation}
      if (socket.transport !== 'polling') throw new Error(socket.transport);
      await socket.close();`;
    const { result } = await bench.run(body, { workers, transports: "['polling']" });
    expect(result.exceptions).toEqual([]);
    expect([bench.server.connected, bench.upgraded, bench.events]).toEqual([clients, 0, 2 * clients]);
    expect(bench.server.reasons).toEqual({ 'client namespace disconnect': clients });
    expect(namesOf(result)).toEqual(['IO /']);
    expect(seriesOf(result, 'IO /')).toMatchObject({ requests: clients, expected: clients, status: { 200: clients } });
    expect(result.sockets).toMatchObject({ opened: clients, messagesIn: 20 * clients, messagesOut: 2 * clients });
    expect(result.sockets!.closed).toEqual({ 1000: clients });
    expect(bench.requests.withoutCookie).toBe(0);
    // Of each session at least: the namespace asked for, two events, the bytes of one, the end; and what was polled for them.
    expect(bench.requests.POST).toBeGreaterThanOrEqual(4 * clients);
    expect(bench.requests.GET).toBeGreaterThanOrEqual(3 * clients);
    // 300 bytes each way as base64, and the heads of all those requests.
    expect(result.sockets!.bytesOut).toBeGreaterThan((bench.requests.GET + bench.requests.POST) * 50);
    expect(result.sockets!.bytesIn).toBeGreaterThan((bench.requests.GET + bench.requests.POST) * 50);
  });
});

describe('where there is no upgrade, polling goes on', () => {
  test.each([
    ['refused in the handshake', { allowUpgrades: false }],
    ['a server that knows polling alone', { transports: ['polling'] }],
  ] as [string, Partial<ServerOptions>][])('%s', async (_, options) => {
    await bench.start(options);
    const { result } = await bench.run(`const socket = await connect(); ${conversation} await socket.close();`);
    expect(result.exceptions).toEqual([]);
    expect(bench.server.connected).toBe(clients);
    expect(namesOf(result)).toEqual(['IO /']);
    expect(result.sockets).toMatchObject({ opened: clients, messagesIn: 20 * clients });
  });

  test('something in between that lets no WebSocket through', async () => {
    await bench.start();
    bench.server.http.removeAllListeners('upgrade');
    bench.server.http.on('upgrade', (_, socket) => {
      socket.end('HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
    });
    const { result } = await bench.run(`const socket = await connect(); ${conversation} await socket.close();`);
    expect(result.exceptions).toEqual([]);
    expect([bench.server.connected, bench.upgraded]).toEqual([clients, 0]);
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
    await bench.start();
    bench.server.http.removeAllListeners('upgrade');
    const sockets = new WebSocketServer({ noServer: true });
    bench.server.http.on('upgrade', (request, socket, head) => {
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
    const { result } = await bench.run(body, { load: `perVuIterations({ vus: ${clients}, iterations: 1 })` });
    expect(result.exceptions).toEqual([]);
    expect(bench.upgraded).toBe(0);
    expect(seriesOf(result, 'UPGRADE /')).toMatchObject({ requests: clients, failed: clients, errors });
    expect(result.sockets).toMatchObject({ opened: clients, messagesIn: 20 * clients });
  });
});

describe('heartbeat, end and loss by polling', () => {
  const polling = { transports: "['polling']", load: 'perVuIterations({ vus: 4, iterations: 1 })' };

  test('pings are answered, as long as it takes', async () => {
    await bench.start({ pingInterval: 100, pingTimeout: 2000 });
    const { result } = await bench.run(
      'const socket = await connect(); await sleep(3000); if (!socket.isOpen) throw new Error("gone"); await socket.close();',
      polling,
    );
    expect(result.exceptions).toEqual([]);
    expect(bench.server.reasons).toEqual({ 'client namespace disconnect': 4 });
  });

  test('a poll that waits is no slow request, and nobody waits for it at the end', async () => {
    await bench.start();
    const { result } = await bench.run('await connect(); await sleep(2000);', polling);
    expect(result.exceptions).toEqual([]);
    expect(result.requests).toBe(4);
    expect(result.latency.max).toBeLessThan(2000);
    expect(result.durationSeconds).toBeLessThan(10);
    expect(result.sockets).toMatchObject({ opened: 4, open: 4, closed: {} });
  });

  test('an iteration that is cut takes its poll with it', async () => {
    await bench.start();
    const load = "constantVus({ vus: 4, duration: '1s' })";
    const { result } = await bench.run('await connect(); await sleep(60000);', { ...polling, load });
    expect(result.exceptions).toEqual([]);
    expect(result.durationSeconds).toBeLessThan(20);
    expect(seriesOf(result, 'IO /')).toMatchObject({ requests: 4, expected: 4 });
    expect(result.sockets).toMatchObject({ opened: 4, open: 4, closed: {} });
  });

  test('the server ends the session', async () => {
    await bench.start();
    const body = `const socket = await connect();
      const end = new Promise((resolve) => socket.onClose(resolve));
      socket.emit('drop me');
      if ((await end).code !== 1005) throw new Error('code ' + (await end).code);`;
    const { result } = await bench.run(body, polling);
    expect(result.exceptions).toEqual([]);
    expect(result.sockets!.closed).toEqual({ 1005: 4 });
  });

  test('the server disconnects it', async () => {
    await bench.start();
    const body = `const socket = await connect({ reconnect: { delay: '20ms' } });
      const end = new Promise((resolve) => socket.onClose(resolve));
      socket.emit('out');
      await end;
      await sleep(200);
      if (socket.isOpen) throw new Error('back');`;
    const { result } = await bench.run(body, polling);
    expect(result.exceptions).toEqual([]);
    expect([bench.server.connected, bench.server.reasons]).toEqual([4, { 'server namespace disconnect': 4 }]);
  });

  test.each(['polling', 'websocket'])('a server that is killed sees all again, by %s', async (last) => {
    await bench.start();
    let ready = 0;
    const listen = (): void => {
      bench.server.io.on('connection', (socket) => {
        socket.on('ready', () => {
          if (++ready !== 4) return;
          void bench.server
            .kill()
            .then(() => bench.server.start())
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
    const { result } = await bench.run(body, { ...polling, transports: last === 'polling' ? "['polling']" : both });
    expect(result.exceptions).toEqual([]);
    expect([bench.server.connected, bench.server.ids.size]).toEqual([8, 8]);
    // An attempt may be refused where the server is not back yet.
    const { attempts, refused, refusedIn } = result.sockets!;
    expect([attempts, refusedIn.tcp + refusedIn.upgrade]).toEqual([8 + refused, refused]);
    expect(seriesOf(result, 'IO /')).toMatchObject({ expected: 8 });
    expect(result.sockets).toMatchObject({ opened: 8, open: 0 });
    expect(result.sockets!.closed).toEqual({ 1006: 4, 1000: 4 });
    if (last === 'websocket') expect(seriesOf(result, 'UPGRADE /')).toMatchObject({ requests: 8, expected: 8 });
  });

  test.each(["terminate('reset')", "terminate('fin')", 'silence()'])('%s', async (how) => {
    await bench.start({ pingInterval: 200, pingTimeout: 500 });
    const body = `const socket = await connect();
      const end = new Promise((resolve) => socket.onClose(resolve));
      socket.${how};
      if ((await end).code !== 1006) throw new Error('code ' + (await end).code);`;
    const { result } = await bench.run(body, polling);
    expect(result.exceptions).toEqual([]);
    expect(result.sockets!.closed).toEqual({ 1006: 4 });
  });
});
