/** Refusals and ends that a server plants: how many there were is how many the run finds, over several workers too. */
import * as net from 'node:net';
import { describe, expect, test } from 'vitest';
import type { SeriesResult, TestResult } from '../../src/model/result.ts';
import { freePort, listen } from '../support/dialling.ts';
import { plantedSockets, type PlantedSockets, type Visitor } from '../support/planted-sockets.ts';
import { runTestFile, type CliRun } from '../support/run-cli.ts';

const iterations = 36;

interface Measured extends CliRun {
  readonly test: TestResult;
}

function run(server: PlantedSockets, workers: number, body: string, args: readonly string[] = []): Promise<Measured> {
  return runTestFile(
    `const unanswered = metric.counter('unanswered');
    loadTest('planted', {
      load: sharedIterations({ vus: 6, iterations: ${iterations} }), connections: 'lazy', http: { timeout: '5s' },
    }, async ({ ws, io }) => { ${body} });`,
    ['--target', server.url, '--workers', String(workers), ...args],
  );
}

const seriesOf = ({ test: { series } }: Measured, name: string): SeriesResult =>
  series.find((each) => each.name === name)!;

const count = <Item>(items: readonly Item[], holds: (item: Item) => boolean): number => items.filter(holds).length;
const sum = (visitors: readonly Visitor[], of: (visitor: Visitor) => number): number =>
  visitors.reduce((total, visitor) => total + of(visitor), 0);

function echo(visitor: Visitor): void {
  visitor.onText = (text) => {
    visitor.send(text);
  };
  visitor.accept();
}

describe.each([1, 2])('with %i workers', (workers) => {
  test('a healthy server: nothing is reported', async () => {
    const server = await plantedSockets(echo);
    const body = `const socket = await ws.connect('/');
      await socket.step('ask', async () => { socket.send('x'); return socket.next(); });
      if (await socket.ping() === undefined) throw new Error('no pong');
      await socket.close();`;
    const measured = await run(server, workers, body);
    const { sockets, exceptions, failures, errors } = measured.test;
    expect({ code: measured.code, exceptions, failures, errors }).toEqual({
      code: 0,
      exceptions: [],
      failures: [],
      errors: {},
    });
    expect(sockets).toMatchObject({ attempts: iterations, opened: iterations, refused: 0, open: 0, unclaimed: 0 });
    expect(sockets).toMatchObject({ refusedStatus: {}, retryAfterMaxSeconds: null, closed: { 1000: iterations } });
    expect(measured.stderr).not.toMatch(/first '.*' failure/);
  });

  test('ends with 1001, 1006 and 1011 after three messages', async () => {
    const ends = [1001, 1006, 1011, 1000];
    const endOf = ({ index }: Visitor): number => ends[index % ends.length]!;
    const server = await plantedSockets((visitor) => {
      const end = endOf(visitor);
      visitor.onText = (text) => {
        if (visitor.received <= 3 || end === 1000) visitor.send(text);
        else if (end === 1006) visitor.reset();
        else visitor.close(end, 'planted');
      };
      visitor.accept();
    });
    const body = `const socket = await ws.connect('/');
      for (let n = 0; n < 5 && socket.isOpen; n++) await socket.step('ask', async () => { socket.send('x'); return socket.next(); });
      await socket.close();`;
    const measured = await run(server, workers, body);
    const { visitors } = server;
    expect(visitors).toHaveLength(iterations);
    const planted = Object.fromEntries(ends.map((end) => [end, count(visitors, (each) => endOf(each) === end)]));
    expect(measured.test.sockets!.closed).toEqual(planted);
    expect(measured.test.sockets).toMatchObject({
      opened: iterations,
      refused: 0,
      messagesIn: sum(visitors, (each) => each.sent),
      messagesOut: sum(visitors, (each) => each.received),
    });
    const cut = iterations - planted['1000']!;
    expect(seriesOf(measured, 'ask')).toMatchObject({
      expected: sum(visitors, (each) => each.sent),
      failed: cut,
      errors: { closed: cut },
    });
    expect(measured.test.exceptions).toEqual([]);
  });

  test('pings without an answer', async () => {
    const isSilent = ({ index }: Visitor): boolean => index % 3 === 0;
    const server = await plantedSockets((visitor) => {
      visitor.answersPing = () => !isSilent(visitor);
      echo(visitor);
    });
    const body = `const socket = await ws.connect('/');
      if (await socket.ping({ timeout: '1500ms' }) === undefined) unanswered.add(1);
      await socket.close();`;
    const measured = await run(server, workers, body);
    const silent = count(server.visitors, isSilent);
    expect(seriesOf(measured, 'PING /')).toMatchObject({
      expected: iterations - silent,
      failed: silent,
      errors: { timeout: silent },
    });
    expect(sum(server.visitors, (each) => each.pings)).toBe(iterations);
    expect(measured.test.metrics).toMatchObject([{ name: 'unanswered', value: silent }]);
    expect(measured.test.sockets!.closed).toEqual({ 1000: iterations });
  });

  test('of several pings the latest alone is answered; an end of the connection ends the wait', async () => {
    const server = await plantedSockets((visitor) => {
      visitor.answersPing = (index) => index === 1;
      visitor.onText = () => visitor.close(1001);
      visitor.accept();
    });
    const body = `const socket = await ws.connect('/');
      const pings = [0, 1, 2].map(() => socket.ping());
      if (await pings[1] === undefined) throw new Error('another ping was taken for answered');
      socket.send('close');
      for (const ping of [pings[0], pings[2]]) if (await ping === undefined) unanswered.add(1);`;
    const measured = await run(server, workers, body);
    expect(seriesOf(measured, 'PING /')).toMatchObject({
      expected: iterations,
      failed: 2 * iterations,
      errors: { closed: 2 * iterations },
    });
    expect(measured.test.exceptions).toEqual([]);
    expect(measured.test.metrics).toMatchObject([{ name: 'unanswered', value: 2 * iterations }]);
  });

  test('connections that are taken and never upgraded', async () => {
    // The first of all is the run's question whether the server is there.
    const ignores = (index: number): boolean => index > 0 && index % 4 === 0;
    const server = await plantedSockets(echo, { ignores });
    const body = "const socket = await ws.connect('/', { timeout: '1500ms' }); if (socket.ok) await socket.close();";
    const measured = await run(server, workers, body);
    expect(server.connections).toBe(iterations + 1);
    const ignored = iterations - server.visitors.length;
    expect(ignored).toBe(iterations / 4);
    expect(measured.test.sockets).toMatchObject({
      attempts: iterations,
      opened: iterations - ignored,
      refused: ignored,
    });
    expect(measured.test.sockets!.refusedIn).toEqual({ dns: 0, tcp: 0, tls: 0, upgrade: ignored, namespace: 0 });
    expect(measured.test.sockets!.refusedStatus).toEqual({});
    expect(seriesOf(measured, 'WS /')).toMatchObject({ failed: ignored, errors: { timeout: ignored } });
  });

  test('answers with 401, 429 and 503 and their Retry-After', async () => {
    const answers = [401, 429, 503, 101, 404];
    const answerTo = ({ index }: Visitor): number => answers[index % answers.length]!;
    const server = await plantedSockets((visitor) => {
      const status = answerTo(visitor);
      if (status === 101) echo(visitor);
      else if (status === 429) visitor.refuse(429, 'retry-after: 7\r\n');
      else if (status === 503) visitor.refuse(503, `retry-after: ${visitor.index === 2 ? 30 : 3}\r\n`, 'not now');
      else visitor.refuse(status);
    });
    const body = "const socket = await ws.connect('/'); if (socket.ok) await socket.close();";
    const measured = await run(server, workers, body);
    const planted = Object.fromEntries(
      answers.map((each) => [each, count(server.visitors, (v) => answerTo(v) === each)]),
    );
    const { 101: opened = 0, ...refusedStatus } = planted;
    const limited = planted['429']!;
    const { sockets } = measured.test;
    expect(sockets).toMatchObject({ attempts: iterations, opened, refused: iterations - opened });
    expect(sockets!.refusedStatus).toEqual(refusedStatus);
    expect(sockets!.refusedIn).toEqual({ dns: 0, tcp: 0, tls: 0, upgrade: iterations - opened, namespace: 0 });
    expect(sockets!.retryAfterMaxSeconds).toBe(30);
    const failed = iterations - opened - limited;
    expect(seriesOf(measured, 'WS /')).toMatchObject({ status: planted, limited, failed, errors: { status: failed } });
  });

  test('each phase may be the one that fails', async () => {
    const engineOpen = `0${JSON.stringify({ sid: 'a', upgrades: [], pingInterval: 25_000, pingTimeout: 20_000 })}`;
    const server = await plantedSockets((visitor) => {
      if (!visitor.path.startsWith('/socket.io')) {
        visitor.refuse(503);
        return;
      }
      visitor.onText = () => {
        visitor.close(1011);
      };
      visitor.accept();
      visitor.send(engineOpen);
    });
    const silent = await listen(net.createServer());
    const body = `await ws.connect('ws://nowhere.invalid/', { timeout: '1s' });
      await ws.connect('ws://127.0.0.1:${await freePort()}/');
      await ws.connect('wss://127.0.0.1:${silent}/', { timeout: '300ms' });
      await ws.connect('/');
      await io.connect();`;
    const measured = await run(server, workers, body, ['--allow', 'nowhere.invalid', '--iterations', '8']);
    expect(measured.test.sockets).toMatchObject({ attempts: 40, opened: 0, refused: 40, refusedStatus: { 503: 8 } });
    expect(measured.test.sockets!.refusedIn).toEqual({ dns: 8, tcp: 8, tls: 8, upgrade: 8, namespace: 8 });
    expect(measured.test.sockets!.phases).toMatchObject({
      tcp: { count: 16 },
      upgrade: { count: 8 },
      namespace: { count: 0 },
    });
  });
});

test('upgrades that are never answered, and that the end of the test cuts off, are no success', async () => {
  const server = await plantedSockets((visitor) => {
    if (visitor.index % 2 === 0) visitor.accept();
  });
  const measured = await runTestFile(
    `loadTest('hanging', {
      load: constantVus({ vus: 4, duration: '1500ms' }), connections: 'lazy', gracefulStop: 0, thresholds: ['connect.success >= 90%'],
    }, async ({ ws, sleep }) => { await ws.connect('/'); await sleep('1m'); });`,
    ['--target', server.url],
  );
  const { sockets, thresholds } = measured.test;
  expect(sockets).toMatchObject({ attempts: 4, opened: 2, refused: 0, unanswered: 2 });
  expect(thresholds.find(({ expression }) => expression.startsWith('connect'))).toMatchObject({
    ok: false,
    value: 0.5,
  });
});

test('under an arrival rate a socket or stream that waits for its VU is late, and counts from the schedule', async () => {
  const heldMs = 200;
  const session = { sid: 'planted', upgrades: [], maxPayload: 1e6, pingInterval: 25_000, pingTimeout: 20_000 };
  const server = await plantedSockets((visitor) => {
    visitor.onText = () => visitor.send('40{"sid":"planted"}');
    setTimeout(() => {
      if (visitor.path.startsWith('/sse')) {
        visitor.socket.end('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n');
        return;
      }
      visitor.accept();
      if (visitor.path.startsWith('/socket.io')) visitor.send(`0${JSON.stringify(session)}`);
    }, heldMs);
  });
  const measured = await runTestFile(
    `const load = constantArrivalRate({ rate: 20, duration: '2s', spacing: 'constant', vus: 1, maxVus: 1 });
    loadTest('late', { connections: 'lazy', scenarios: {
      ws: { load, run: async ({ ws }) => { await (await ws.connect('/')).close(); } },
      io: { load, run: async ({ io }) => { await (await io.connect()).close(); } },
      sse: { load, run: async ({ sse }) => { await (await sse.connect('/sse')).close(); } },
    } });`,
    ['--target', server.url],
  );
  const { sockets } = measured.test;
  // Arrival n is due after 50 · n ms, and has the VU after 200 · n ms or later: the fourth is 450 ms late.
  const leastMaxMs = 3 * (heldMs - 50) + heldMs;
  for (const name of ['WS /', 'IO /', 'SSE /sse']) {
    const { expected, latency } = seriesOf(measured, name);
    expect(expected).toBeGreaterThanOrEqual(4);
    expect(latency.max).toBeGreaterThanOrEqual(leastMaxMs);
  }
  expect(sockets!.connect.max).toBeGreaterThanOrEqual(leastMaxMs);
  // The wait for the VU is no part of a phase.
  expect(sockets!.phases.upgrade.max).toBeLessThan(sockets!.connect.max!);
});
