/** Socket.IO sockets that come back by themselves: what the server took away and saw again is what the run's books say. */
import type { Socket } from 'socket.io';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TestResult } from '../../src/model/result.ts';
import { Project } from '../support/cli.ts';
import { IoServer } from '../support/io-server.ts';

const vus = 6;
/** Short, and without chance where the test counts attempts. */
const soon = "{ delay: '40ms', maxDelay: '100ms', jitter: 0 }";

let project: Project;
let server: IoServer;
/** Sockets whose test says that it is ready. */
let ready: Socket[];
let whenAllReady: () => void;

beforeEach(async () => {
  project = new Project();
  ready = [];
  whenAllReady = () => undefined;
  server = new IoServer({}, serve);
  await server.start();
});
afterEach(async () => {
  project.remove();
  await server.close();
});

function serve(socket: Socket): void {
  socket.on('ready', () => {
    ready.push(socket);
    if (ready.length === vus) whenAllReady();
  });
  socket.on('say', (text: string) => socket.emit('said', text));
  socket.on('echo', (value: unknown, acknowledge: (value: unknown) => void) => {
    acknowledge(value);
  });
  socket.on('never', () => undefined);
  socket.on('drop me', () => {
    socket.conn.close();
  });
  socket.on('out', () => socket.disconnect());
  socket.on('no heartbeat', () => {
    // Of the official server, and private: nothing is planted in the protocol itself.
    clearTimeout((socket.conn as unknown as { pingIntervalTimer: NodeJS.Timeout }).pingIntervalTimer);
  });
  socket.on('refuse', () => {
    server.refusal = 'no longer';
  });
}

/** `back` in the body: a promise of what the next `onReconnect` of the socket was told. */
async function run(
  body: string,
  options: { reconnect?: string; load?: string; workers?: number; timeout?: string } = {},
) {
  const { reconnect = soon, workers = 1, timeout = '5s' } = options;
  const { load = `perVuIterations({ vus: ${vus}, iterations: 1 })` } = options;
  project.write(
    'a.load.ts',
    `import { constantVus, loadTest, metric, perVuIterations } from 'plimsoll';
    const attempts = metric.counter('attempts');
    const away = metric.trend('away', 'ms');
    const back = (socket) => new Promise((resolve) => {
      const forget = socket.onReconnect((info) => { forget(); attempts.add(info.attempts); away.record(info.awayMs); resolve(info); });
    });
    loadTest('io', { load: ${load}, connections: 'lazy', thresholds: ['success >= 0%'], http: { timeout: '${timeout}' } },
      async ({ io, sleep, iteration, vu }) => {
        const connect = (options = {}) => io.connect({ reconnect: ${reconnect}, ...options });
        ${body}
      });`,
  );
  const finished = await project.plimsoll('run', '--target', server.url, '--workers', String(workers));
  return { ...finished, result: project.lastResult().tests[0]! };
}

const seriesOf = (result: TestResult, name: string): TestResult['series'][number] =>
  result.series.find((each) => each.name === name)!;
const metricOf = (result: TestResult, name: string): TestResult['metrics'][number] =>
  result.metrics.find((each) => each.name === name)!;

/** What holds of every run: attempts that stood are those the server saw, and none is missing in the books. */
function expectTrue(result: TestResult): void {
  expect(result.exceptions).toEqual([]);
  expect(result.books).toMatchObject({ balanced: true });
  const { requests, expected, failed, unfinished } = seriesOf(result, 'IO /');
  expect(requests).toBe(expected + failed + unfinished);
  expect(result.sockets!.opened).toBe(expected);
  expect(server.connected).toBe(expected);
  const closed = Object.values(result.sockets!.closed).reduce((sum, count) => sum + count, 0);
  expect(closed + result.sockets!.open).toBe(expected);
}

describe.each([1, 2])('with %i workers', (workers) => {
  test.each(['stop', 'kill'] as const)(
    'a server that is gone (%s) and back on its port sees all again',
    async (how) => {
      whenAllReady = () => {
        void server[how]().then(() => setTimeout(() => void server.start(), 250));
      };
      const body = `const socket = (await connect()).orThrow();
      const first = socket.id;
      const returned = back(socket);
      socket.emit('ready');
      await returned;
      if (!socket.isOpen || socket.id === first || socket.id === '') throw new Error('not back');
      if ((await socket.emitWithAck('echo', 7)) !== 7) throw new Error('not served');
      await socket.close();`;
      const { result } = await run(body, { workers });
      expectTrue(result);
      expect([server.connected, server.ids.size]).toEqual([2 * vus, 2 * vus]);
      expect(server.reasons).toMatchObject({ 'client namespace disconnect': vus });
      const { requests, expected, failed, errors } = seriesOf(result, 'IO /');
      expect(expected).toBe(2 * vus);
      // Those made while there was no server are requests like the others.
      expect(metricOf(result, 'attempts').value).toBe(requests - vus);
      expect(Object.values(errors).reduce((sum, count) => sum + count, 0)).toBe(failed);
      expect(result.sockets).toMatchObject({ opened: 2 * vus, refused: failed, open: 0 });
    },
  );

  test('attempts that are refused are tried again, each a request', async () => {
    whenAllReady = () => {
      server.toRefuse = 3 * vus;
      for (const socket of ready) socket.conn.close();
    };
    const body = `const socket = (await connect()).orThrow();
      const returned = back(socket);
      socket.emit('ready');
      await returned;
      await socket.close();`;
    const { result } = await run(body, { workers });
    expectTrue(result);
    expect([server.refused, server.connected]).toEqual([3 * vus, 2 * vus]);
    expect(seriesOf(result, 'IO /')).toMatchObject({
      requests: 5 * vus,
      expected: 2 * vus,
      failed: 3 * vus,
      status: { 101: 2 * vus, 400: 3 * vus },
    });
    expect(metricOf(result, 'attempts').value).toBe(4 * vus);
    expect(result.sockets).toMatchObject({ opened: 2 * vus, refused: 3 * vus, open: 0 });
  });

  test('connections that the server closes, one by one', async () => {
    const body = `const socket = (await connect()).orThrow();
      for (let loss = 0; loss < 3; loss++) {
        const returned = back(socket);
        socket.emit('drop me');
        const { attempts } = await returned;
        if (attempts !== 1) throw new Error('attempts ' + attempts);
      }
      await socket.close();`;
    const { result } = await run(body, { workers });
    expectTrue(result);
    expect(server.connected).toBe(4 * vus);
    expect(seriesOf(result, 'IO /')).toMatchObject({ requests: 4 * vus, expected: 4 * vus });
    expect(metricOf(result, 'attempts').value).toBe(3 * vus);
    // A wait is never cut short.
    expect(metricOf(result, 'away').statistics!.min).toBeGreaterThanOrEqual(40);
    expect(server.reasons).toEqual({ 'forced close': 3 * vus, 'client namespace disconnect': vus });
  });
});

describe('the socket stays the same', () => {
  test('handlers stay, onClose is told of each loss, and next waits through it', async () => {
    const body = `const socket = (await connect()).orThrow();
      const had = [];
      socket.on('said', (text) => had.push('on ' + text));
      socket.onAny((event) => had.push('any ' + event.name));
      socket.onClose(() => had.push('closed'));
      socket.onReconnect(() => { had.push('back'); socket.emit('say', 'again'); });
      const waiting = socket.next('said', (event) => event.args[0] === 'again');
      socket.emit('say', 'first');
      await socket.next('said', (event) => event.args[0] === 'first');
      socket.emit('drop me');
      await waiting;
      if (had.join() !== 'any said,on first,closed,back,any said,on again') throw new Error(had.join());
      await socket.close();
      if (had.at(-1) !== 'closed') throw new Error('not told of the end');`;
    const { result } = await run(body);
    expectTrue(result);
    expect(result.sockets).toMatchObject({ messagesIn: 2 * vus, unclaimed: 0 });
  });

  test('a next is over with its own time, not with the loss', async () => {
    const body = `const socket = (await connect()).orThrow();
      const returned = back(socket);
      socket.terminate('reset');
      await socket.step('nothing', () => socket.next('nothing', undefined, { timeout: '150ms' }));
      await returned;
      if (socket.emit('say', 'x') !== true) throw new Error('not back');
      await socket.close();`;
    const { result } = await run(body);
    expectTrue(result);
    expect(seriesOf(result, 'nothing')).toMatchObject({ failed: vus, errors: { timeout: vus } });
  });

  test('acknowledgements under way are lost with the connection, and nothing is sent in between', async () => {
    const body = `const socket = (await connect()).orThrow();
      const returned = back(socket);
      const asked = socket.step('never', () => socket.emitWithAck('never'));
      socket.emit('drop me');
      await asked;
      if (socket.isOpen || socket.emit('say', 'x') !== false) throw new Error('still there');
      await socket.step('away', () => socket.emitWithAck('echo', 1));
      await returned;
      if ((await socket.emitWithAck('echo', 1)) !== 1) throw new Error('not back');
      await socket.close();`;
    const { result } = await run(body);
    expectTrue(result);
    expect(seriesOf(result, 'never')).toMatchObject({ failed: vus, errors: { closed: vus } });
    expect(seriesOf(result, 'away')).toMatchObject({ failed: vus, errors: { closed: vus } });
  });
});

describe('what is a loss', () => {
  beforeEach(() => {
    // What the official server tells clients of its heartbeat, and keeps itself.
    Object.assign((server.io.engine as { opts: object }).opts, { pingInterval: 200, pingTimeout: 500 });
  });

  test.each([
    ["terminate('reset')", /transport (close|error)/],
    ["terminate('fin')", /transport close/],
    // Both sides give up when a ping and its grace are over, and either may be the first.
    ['silence()', /ping timeout|transport (close|error)/],
  ])('%s', async (how, reason) => {
    const body = `const socket = (await connect()).orThrow();
      const returned = back(socket);
      socket.${how};
      await returned;
      await socket.emitWithAck('echo', 1);
      await socket.close();`;
    const { result } = await run(body);
    expectTrue(result);
    expect(server.connected).toBe(2 * vus);
    const lost = Object.entries(server.reasons).filter(([each]) => reason.test(each));
    expect(lost.reduce((sum, [, count]) => sum + count, 0)).toBe(vus);
    expect(result.sockets!.closed).toMatchObject({ 1006: vus });
  });

  test('a heartbeat that stops', async () => {
    const body = `const socket = (await connect()).orThrow();
      const returned = back(socket);
      socket.emit('no heartbeat');
      await returned;
      await socket.close();`;
    const { result } = await run(body);
    expectTrue(result);
    expect(server.connected).toBe(2 * vus);
    expect(result.sockets!.closed).toMatchObject({ 1006: vus });
  });
});

describe('what is the end', () => {
  test.each([
    ['the server disconnects it', "socket.emit('out');"],
    ['the test closes it', 'void socket.close();'],
    ['the test closes it while it is away', "socket.onClose(() => void socket.close()); socket.emit('drop me');"],
  ])('%s', async (_, how) => {
    const body = `const socket = (await connect()).orThrow();
      let returned = 0;
      socket.onReconnect(() => returned++);
      const ended = socket.step('wait', () => socket.next('anything'));
      ${how}
      await ended;
      await sleep(300);
      if (returned > 0 || socket.isOpen) throw new Error('back');`;
    const { result } = await run(body);
    expectTrue(result);
    expect(server.connected).toBe(vus);
    expect(seriesOf(result, 'IO /')).toMatchObject({ requests: vus, expected: vus });
    expect(seriesOf(result, 'wait')).toMatchObject({ failed: vus, errors: { closed: vus } });
  });

  test('a namespace that does not want it back', async () => {
    const body = `const socket = (await connect()).orThrow();
      let ends = 0;
      socket.onClose(() => ends++);
      await socket.step('wait', () => {
        socket.emit('refuse');
        socket.emit('drop me');
        return socket.next('anything');
      });
      if (!socket.error?.message.includes('no longer')) throw new Error('not told');
      await sleep(200);
      // The connection on which the namespace said no was never the socket's own.
      if (ends !== 1) throw new Error('it ended ' + ends + ' times');`;
    const { result } = await run(body, { load: 'perVuIterations({ vus: 1, iterations: 1 })' });
    expectTrue(result);
    expect(Object.values(result.sockets!.closed)).toEqual([1]);
    expect(result.sockets).toMatchObject({ opened: 1, open: 0 });
    expect(seriesOf(result, 'IO /')).toMatchObject({ requests: 2, expected: 1, errors: { namespace: 1 } });
    expect(seriesOf(result, 'wait')).toMatchObject({ failed: 1, errors: { closed: 1 } });
  });

  test('the last of its attempts', async () => {
    whenAllReady = () => void server.stop();
    const body = `const socket = (await connect()).orThrow();
      await socket.step('wait', () => { socket.emit('ready'); return socket.next('anything'); });
      if (socket.error === undefined) throw new Error('not told');
      await sleep(200);`;
    const { result } = await run(body, { reconnect: "{ delay: '30ms', attempts: 3 }" });
    expectTrue(result);
    expect(seriesOf(result, 'IO /')).toMatchObject({ requests: 4 * vus, expected: vus, failed: 3 * vus });
    expect(seriesOf(result, 'wait')).toMatchObject({ failed: vus, errors: { closed: vus } });
  });

  test('the end of the test: nobody waits for a wait', async () => {
    const body = `const socket = (await connect()).orThrow();
      const lost = new Promise((resolve) => socket.onClose(resolve));
      socket.emit('drop me');
      await lost;`;
    const { result } = await run(body, { reconnect: "{ delay: '20s' }" });
    expectTrue(result);
    expect(seriesOf(result, 'IO /')).toMatchObject({ requests: vus, expected: vus });
    expect(result.durationSeconds).toBeLessThan(10);
  });

  test('the end of the test cuts attempts under way, and the books have them', async () => {
    whenAllReady = () => void server.fallSilent();
    const body = `const socket = (await connect()).orThrow();
      const lost = new Promise((resolve) => socket.onClose(resolve));
      socket.emit('ready');
      await lost;
      await sleep(2000);`;
    const { result } = await run(body, { reconnect: "{ delay: '1s', jitter: 0 }" });
    expectTrue(result);
    expect(server.swallowed).toBe(vus);
    expect(seriesOf(result, 'IO /')).toMatchObject({ requests: 2 * vus, expected: vus, unfinished: vus });
  });
});

test('no iteration waits for it', async () => {
  const body = `const sockets = (globalThis.sockets ??= new Map());
    if (iteration.index < ${vus}) {
      const socket = (await connect()).orThrow();
      sockets.set(vu.id, socket);
      socket.terminate('reset');
      if (socket.isOpen) throw new Error('open');
      return;
    }
    await sleep(20);
    if (sockets.get(vu.id).isOpen) away.record(1);`;
  const load = `constantVus({ vus: ${vus}, duration: '2s' })`;
  const { result } = await run(body, { load, reconnect: "{ delay: '300ms', jitter: 0 }" });
  expectTrue(result);
  expect(server.connected).toBe(2 * vus);
  // They went on while it was away, and found it back.
  expect(metricOf(result, 'away').count).toBeGreaterThan(0);
  expect(metricOf(result, 'away').count).toBeLessThan(result.iterations - vus);
});

test('what makes no sense is refused where it stands', async () => {
  const { result } = await run('await connect();', { reconnect: '{ jitter: 2 }' });
  expect(result.exceptions[0]?.message).toContain('reconnect.jitter is 2');
  expect(server.connected).toBe(0);
});
