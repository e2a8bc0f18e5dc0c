/** Socket.IO through the whole tool, against its own server: what the server counted is what the run's books say. */
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TestResult } from '../../src/model/result.ts';
import { Project } from '../support/cli.ts';

interface Counts {
  connected: number;
  events: number;
  acknowledged: number;
  reasons: Record<string, number>;
}

let project: Project;
let counts: Counts;
let http: HttpServer;
let io: Server;
let url: string;

beforeEach(async () => {
  project = new Project();
  counts = { connected: 0, events: 0, acknowledged: 0, reasons: {} };
  http = createServer((_, response) => response.end('ok'));
  io = new Server(http, { pingInterval: 50, pingTimeout: 200, perMessageDeflate: { threshold: 100 } });
  for (const namespace of ['/', '/admin']) serve(namespace);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
});
afterEach(async () => {
  project.remove();
  await io.close();
});

function serve(namespace: string): void {
  const space = io.of(namespace);
  space.use((socket, next) => {
    if (socket.handshake.auth['token'] !== 'wrong') next();
    else next(Object.assign(new Error('who are you?'), { data: { code: 'unauthorized' } }));
  });
  space.on('connection', (socket) => {
    counts.connected++;
    socket.on('disconnect', (reason) => (counts.reasons[reason] = (counts.reasons[reason] ?? 0) + 1));
    socket.onAny(() => counts.events++);
    socket.on('echo', (...args: unknown[]) => {
      const acknowledge = args.pop() as (...given: unknown[]) => void;
      acknowledge(...args);
    });
    socket.on('say', (text: string) => socket.emit('said', text, socket.nsp.name));
    socket.on('ask me', () => {
      void socket
        .timeout(2000)
        .emitWithAck('question', 42)
        .then((answer: unknown) => {
          if (answer === 43) counts.acknowledged++;
          socket.emit('thanks');
        });
    });
    socket.on('be quiet', () => undefined);
    socket.on('go away', () => socket.disconnect(true));
  });
}

async function run(body: string, options: { thresholds?: string; args?: string[]; load?: string } = {}) {
  const { thresholds = '[]', args = [], load = 'sharedIterations({ vus: 4, iterations: 12 })' } = options;
  project.write(
    'a.load.ts',
    `import { loadTest, sharedIterations, constantVus } from 'plimsoll';
    loadTest('io', { load: ${load}, connections: 'lazy', thresholds: ${thresholds}, http: { timeout: '500ms' } }, async ({ io, sleep }) => {
      ${body}
    });`,
  );
  const finished = await project.plimsoll('run', '--target', url, ...args);
  return { ...finished, result: project.lastResult().tests[0]! };
}

const seriesOf = (result: TestResult, name: string): TestResult['series'][number] =>
  result.series.find((each) => each.name === name)!;

test.each([1, 2])('events, acknowledgements and the namespace, with %i workers', async (workers) => {
  const body = `const socket = (await io.connect({ namespace: '/admin', auth: { token: 'right' } })).orThrow();
    if (socket.id === '') throw new Error('no id');
    const echoed = await socket.step('echo', () => socket.emitWithAck('echo', { deep: ['x'] }));
    if (JSON.stringify(echoed) !== '{"deep":["x"]}') throw new Error('changed');
    socket.emit('say', 'hello');
    const said = await socket.next('said');
    if (said.args[0] !== 'hello' || said.args[1] !== '/admin') throw new Error('another');
    await socket.close();`;
  const thresholds = "['connect.success >= 100%', 'echo: latency.p95 < 400ms']";
  const { code, result } = await run(body, { thresholds, args: ['--workers', String(workers)] });
  expect({ code, failures: result.failures }).toEqual({ code: 0, failures: [] });
  expect(counts).toEqual({
    connected: 12,
    events: 24,
    acknowledged: 0,
    reasons: { 'client namespace disconnect': 12 },
  });
  // An acknowledgement is no event.
  expect(result.sockets).toMatchObject({ opened: 12, refused: 0, messagesIn: 12, messagesOut: 24, unclaimed: 0 });
  expect(seriesOf(result, 'IO /admin')).toMatchObject({ requests: 12, expected: 12 });
  expect(result.books.balanced).toBe(true);
});

test('binary values go both ways', async () => {
  const body = `const socket = await io.connect();
    const bytes = Uint8Array.from({ length: 300 }, (_, at) => at % 256);
    const back = await socket.emitWithAck('echo', { bytes });
    if (Buffer.compare(back.bytes, bytes) !== 0) throw new Error('changed');
    await socket.close();`;
  expect((await run(body)).result.exceptions).toEqual([]);
});

test('the server asks, and is answered', async () => {
  const body = `const socket = await io.connect();
    socket.on('question', (number, answer) => answer(number + 1));
    socket.emit('ask me');
    await socket.next('thanks');
    await socket.close();`;
  const { code } = await run(body);
  expect([code, counts.acknowledged]).toEqual([0, 12]);
});

test('onAny has every event before on and next, until it is taken away', async () => {
  const body = `const socket = await io.connect();
    const had = [];
    const away = socket.onAny((event) => had.push('any ' + event.name));
    socket.on('said', () => had.push('on'));
    socket.on('question', (number, answer) => answer(number + 1));
    socket.emit('say', 'one');
    await socket.next('said');
    socket.emit('ask me');
    await socket.next('thanks');
    away();
    socket.emit('say', 'two');
    await socket.next('said');
    if (had.join() !== 'any said,on,any question,any thanks,on') throw new Error(had.join());
    await socket.close();`;
  const { code, result } = await run(body);
  expect([code, result.exceptions]).toEqual([0, []]);
  expect(result.sockets).toMatchObject({ messagesIn: 48, unclaimed: 0 });
});

test('an event that onAny had is taken, whether somebody asks for it or not', async () => {
  const body = `const socket = await io.connect();
    socket.onAny(() => undefined);
    socket.emit('say', 'x');
    await socket.emitWithAck('echo', 1);
    socket.emit('say', 'y');
    await socket.next('said', (event) => event.args[0] === 'y');
    await socket.close();`;
  const { code, result } = await run(body);
  expect(code).toBe(0);
  expect(result.sockets).toMatchObject({ messagesIn: 24, unclaimed: 0 });
});

test('the heartbeat of the server is answered, as long as it takes', async () => {
  // Twelve times its interval and three times its grace.
  const body = `const socket = await io.connect(); await sleep(600); if (!socket.isOpen) throw new Error('gone'); await socket.close();`;
  const { code } = await run(body);
  expect([code, counts.reasons]).toEqual([0, { 'client namespace disconnect': 12 }]);
});

test('a silent client is lost to both sides, and the books say so', async () => {
  const body = `const socket = await io.connect(); socket.silence(); await sleep(2000);`;
  const { result } = await run(body, { load: 'sharedIterations({ vus: 4, iterations: 4 })' });
  // Both give up when a ping and its grace are over, and either may be the first.
  expect(Object.keys(counts.reasons).join()).toMatch(/^(,?(ping timeout|transport (close|error)))+$/);
  expect(Object.values(counts.reasons).reduce((sum, count) => sum + count, 0)).toBe(4);
  expect(result.sockets!.closed).toEqual({ 1006: 4 });
});

describe('what goes wrong is told as it is', () => {
  test('the namespace refuses: with what the server said', async () => {
    const body = `const socket = await io.connect({ auth: { token: 'wrong' } });
      if (socket.ok || socket.refusal.code !== 'unauthorized') throw new Error('not told');
      if (!socket.error.message.includes('who are you?')) throw new Error(socket.error.message);`;
    const { result } = await run(body);
    expect(result.exceptions).toEqual([]);
    expect(seriesOf(result, 'IO /')).toMatchObject({ failed: 12, errors: { namespace: 12 } });
    expect(result.sockets).toMatchObject({ opened: 0, refused: 12 });
  });

  test('a namespace that there is not', async () => {
    const { result } = await run("await io.connect({ namespace: '/nobody' });");
    expect(seriesOf(result, 'IO /nobody')).toMatchObject({ failed: 12, errors: { namespace: 12 } });
  });

  test('no Socket.IO there', async () => {
    const { result } = await run("await io.connect({ path: '/other/', timeout: '100ms' });");
    expect(result.sockets).toMatchObject({ opened: 0, refused: 12 });
  });

  test('an acknowledgement that never comes', async () => {
    const body = `const socket = await io.connect();
      await socket.step('quiet', () => socket.emitWithAck('be quiet'), { timeout: '60ms' });
      await socket.close();`;
    const { result } = await run(body);
    expect(seriesOf(result, 'quiet')).toMatchObject({ failed: 12, errors: { timeout: 12 } });
  });

  test('the server ends it: whoever waits is told', async () => {
    const body = `const socket = await io.connect();
      socket.emit('go away');
      await socket.step('wait', () => socket.next('anything'));`;
    const { result } = await run(body);
    expect(seriesOf(result, 'wait')).toMatchObject({ failed: 12, errors: { closed: 12 } });
    expect(counts.reasons).toEqual({ 'server namespace disconnect': 12 });
  });
});
