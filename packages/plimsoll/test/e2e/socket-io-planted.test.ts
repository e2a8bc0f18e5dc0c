/** Socket.IO against a server that does wrong by its clients: how many there were is how many the run finds, over several workers too. */
import { expect, test } from 'vitest';
import type { SeriesResult, TestResult } from '../../src/model/result.ts';
import { plantedSockets, type Visitor } from '../support/planted-sockets.ts';
import { runTestFile } from '../support/run-cli.ts';

const vus = 48;

/** Each in its turn; the packets are those of Engine.IO 4 and Socket.IO 5. */
const byWebSocket: Readonly<Record<string, (visitor: Visitor) => void>> = {
  healthy: (visitor) => serve(visitor, () => visitor.send('430["done"]')),
  'closed with 1001': (visitor) => serve(visitor, () => visitor.close(1001)),
  'closed with 1011': (visitor) => serve(visitor, () => visitor.close(1011)),
  reset: (visitor) => serve(visitor, () => visitor.reset()),
  'put out of the namespace': (visitor) => serve(visitor, () => visitor.send('41')),
  'without a ping': (visitor) => serve(visitor, () => undefined, { pingInterval: 100, pingTimeout: 200 }),
  'namespace refused': (visitor) => greet(visitor, () => visitor.send('44{"message":"planted"}')),
  'namespace unanswered': (visitor) => greet(visitor, () => undefined),
  'ended before the namespace': (visitor) => greet(visitor, () => visitor.send('1')),
  'put out before it was in': (visitor) => greet(visitor, () => visitor.send('41')),
  'in without a session': (visitor) => {
    visitor.accept();
    visitor.send('40{"sid":"planted"}');
  },
  401: (visitor) => visitor.refuse(401),
  429: (visitor) => visitor.refuse(429, 'retry-after: 7\r\n'),
};
const byPolling: Readonly<Record<string, (visitor: Visitor) => void>> = {
  401: (visitor) => visitor.refuse(401),
  429: (visitor) => visitor.refuse(429, 'retry-after: 2\r\n'),
  503: (visitor) => visitor.refuse(503, 'retry-after: 30\r\n', 'not now'),
};

/** Opens the session, and leaves to `asked` what becomes of the namespace. */
function greet(visitor: Visitor, asked: () => void, heartbeat = { pingInterval: 25_000, pingTimeout: 20_000 }): void {
  visitor.onText = asked;
  visitor.accept();
  visitor.send(`0${JSON.stringify({ sid: 'planted', upgrades: [], maxPayload: 1e6, ...heartbeat })}`);
}

/** Lets it into the namespace, and leaves to `asked` what becomes of its question. */
function serve(visitor: Visitor, asked: () => void, heartbeat?: Parameters<typeof greet>[2]): void {
  const letIn = (): void => {
    visitor.onText = asked;
    visitor.send('40{"sid":"planted"}');
  };
  greet(visitor, letIn, heartbeat);
}

const seriesOf = ({ series }: TestResult, name: string): SeriesResult => series.find((each) => each.name === name)!;

test.each([1, 2])('refusals, ends and a heart that stops are found as planted, with %i workers', async (workers) => {
  const planted: Record<string, number> = {};
  const turns = { websocket: 0, polling: 0 };
  const server = await plantedSockets((visitor) => {
    const isPolling = visitor.path.includes('transport=polling');
    const kinds = isPolling ? byPolling : byWebSocket;
    const turn = isPolling ? turns.polling++ : turns.websocket++;
    const kind = Object.keys(kinds)[turn % Object.keys(kinds).length]!;
    planted[kind] = (planted[kind] ?? 0) + 1;
    kinds[kind]!(visitor);
  });
  const { test: found } = await runTestFile(
    `const noPing = metric.counter('no ping');
    loadTest('planted', {
      load: perVuIterations({ vus: ${vus}, iterations: 1 }), connections: 'lazy', http: { timeout: '10s' },
    }, async ({ io, vu }) => {
      const transports = [vu.id % 4 === 0 ? 'polling' : 'websocket'];
      const socket = await io.connect({ transports, timeout: '2s' });
      if (!socket.ok) return;
      socket.onClose(({ reason }) => { if (reason === 'no ping of the server came within 300 ms') noPing.add(1); });
      await socket.step('ask', () => socket.emitWithAck('ask'));
      await socket.close();
    });`,
    ['--target', server.url, '--workers', String(workers)],
  );
  expect(turns).toEqual({ websocket: (3 * vus) / 4, polling: vus / 4 });
  const of = (...kinds: readonly string[]): number => kinds.reduce((sum, kind) => sum + planted[kind]!, 0);
  const refusals = of('401', '429', '503');
  const early = of('ended before the namespace', 'put out before it was in');
  const unjoined = of('namespace refused', 'namespace unanswered', 'in without a session') + early;
  const ended = of('closed with 1001', 'closed with 1011', 'reset', 'put out of the namespace', 'without a ping');
  const opened = of('healthy') + ended;
  expect(found.exceptions).toEqual([]);
  const { sockets } = found;
  expect(sockets).toMatchObject({ attempts: vus, opened, refused: refusals + unjoined, open: 0 });
  expect(sockets!.refusedIn).toEqual({ dns: 0, tcp: 0, tls: 0, upgrade: refusals, namespace: unjoined });
  expect(sockets!.refusedStatus).toEqual({ 401: of('401'), 429: of('429'), 503: of('503') });
  expect(sockets!.retryAfterMaxSeconds).toBe(30);
  expect(sockets!.closed).toEqual({
    1000: of('healthy', 'put out of the namespace'),
    1001: of('closed with 1001'),
    1006: of('reset', 'without a ping'),
    1011: of('closed with 1011'),
  });
  expect(seriesOf(found, 'IO /')).toMatchObject({
    requests: vus,
    expected: opened,
    limited: of('429'),
    failed: of('401', '503') + unjoined,
    errors: {
      status: of('401', '503'),
      namespace: of('namespace refused'),
      timeout: of('namespace unanswered'),
      closed: early,
      protocol: of('in without a session'),
    },
  });
  expect(found.metrics).toMatchObject([{ name: 'no ping', value: of('without a ping') }]);
  expect(seriesOf(found, 'ask')).toMatchObject({ expected: of('healthy'), failed: ended, errors: { closed: ended } });
});

test.each(['rubbish', '4rubbish', '42{"no":"list"}'])('rubbish on the line (%s) is a loss', async (rubbish) => {
  const server = await plantedSockets((visitor) => {
    serve(visitor, () => visitor.send(visitor.index === 0 ? rubbish : '430["done"]'));
  });
  const { test: found } = await runTestFile(
    `loadTest('rubbish', { load: perVuIterations({ vus: 1, iterations: 1 }), connections: 'lazy' }, async ({ io }) => {
      const socket = (await io.connect({ reconnect: { delay: '40ms', jitter: 0 } })).orThrow();
      const ends = [];
      socket.onClose(({ code, reason }) => ends.push(code + reason.slice(0, 46)));
      const back = new Promise((resolve) => socket.onReconnect(resolve));
      socket.emit('go');
      await back;
      if ((await socket.emitWithAck('ask')) !== 'done') throw new Error('not served');
      await socket.close();
      if (ends.join() !== '1002the server sent a packet that cannot be read: ,1000') throw new Error(ends.join());
    });`,
    ['--target', server.url],
  );
  expect(found.exceptions).toEqual([]);
  expect(server.visitors.map((each) => each.closeCode)).toEqual([1002, 1000]);
  expect(found.sockets).toMatchObject({ opened: 2, open: 0, closed: { 1000: 1, 1002: 1 } });
  expect(seriesOf(found, 'IO /')).toMatchObject({ requests: 2, expected: 2 });
});
