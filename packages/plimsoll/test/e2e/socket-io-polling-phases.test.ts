/** Socket.IO by polling where it fails: what is told, and the attempts by their phases; and fan-out by it. */
import * as net from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freePort, listen } from '../support/dialling.ts';
import { both, clients, PollingBench, seriesOf } from '../support/polling-bench.ts';

let bench: PollingBench;

beforeEach(() => {
  bench = new PollingBench();
});
afterEach(async () => {
  await bench.close();
});

describe('what goes wrong is told as it is', () => {
  test('closed while the upgrade is under way: the upgrade has its own outcome first', async () => {
    await bench.start();
    const { result } = await bench.run('const socket = await connect(); await socket.close();');
    expect(result.exceptions).toEqual([]);
    expect(seriesOf(result, 'UPGRADE /')).toMatchObject({ requests: clients, expected: clients });
    expect(result.sockets!.closed).toEqual({ 1000: clients });
    expect(bench.server.reasons).toEqual({ 'client namespace disconnect': clients });
  });

  test('the namespace refuses', async () => {
    await bench.start();
    bench.server.refusal = 'who are you?';
    const body = `const socket = await io.connect({ transports: ['polling'] });
      if (socket.ok || !socket.error.message.includes('who are you?')) throw new Error('not told');`;
    const { result } = await bench.run(body);
    expect(result.exceptions).toEqual([]);
    expect(seriesOf(result, 'IO /')).toMatchObject({ failed: clients, errors: { namespace: clients } });
    expect(result.sockets).toMatchObject({ opened: 0, refused: clients });
  });

  test('the handshake is refused, as data and tried again', async () => {
    await bench.start();
    const body = `const refused = await io.connect({ transports: ${both}, query: { refuse: 'now' } });
      if (refused.ok || refused.status !== 403) throw new Error('status ' + refused.status);
      const socket = await connect();
      await socket.close();`;
    const { result } = await bench.run(body, { load: `perVuIterations({ vus: ${clients}, iterations: 1 })` });
    expect(result.exceptions).toEqual([]);
    expect(seriesOf(result, 'IO /')).toMatchObject({ failed: clients, expected: clients, errors: { status: clients } });
    expect(seriesOf(result, 'IO /')).toMatchObject({ status: { 200: clients, 403: clients } });
  });

  test('no Socket.IO there', async () => {
    await bench.start();
    const body = `const socket = await io.connect({ transports: ['polling'], path: '/other/' });
      if (socket.ok) throw new Error('what is it?');`;
    const { result } = await bench.run(body);
    expect(result.exceptions).toEqual([]);
    expect(seriesOf(result, 'IO /')).toMatchObject({ failed: clients, errors: { protocol: clients } });
  });

  test('nobody there', async () => {
    await bench.start();
    const body = `const socket = await io.connect({ transports: ${both}, path: 'http://127.0.0.1:1/socket.io/' });
      if (socket.ok || socket.error.kind !== 'refused') throw new Error(socket.error.kind);`;
    const { result } = await bench.run(body);
    expect(result.exceptions).toEqual([]);
    expect(seriesOf(result, 'IO /')).toMatchObject({ failed: clients, errors: { refused: clients } });
  });

  test('transports that there are not', async () => {
    await bench.start();
    const { result } = await bench.run('await connect();', { transports: "['websocket', 'polling']" });
    expect(result.exceptions[0]?.message).toContain('io.connect has no transports [websocket, polling]');
  });
});

describe.each([1, 2])('attempts by their phases, with %i workers', (workers) => {
  test.each(["['polling']", both])('those of attempts that succeed: %s', async (transports) => {
    await bench.start();
    const body = 'const socket = await connect(); await socket.close(); await (await connect()).close();';
    const load = `perVuIterations({ vus: ${clients}, iterations: 1 })`;
    const { result } = await bench.run(body, { workers, transports, load });
    expect(result.exceptions).toEqual([]);
    const { attempts, refused, phases } = result.sockets!;
    expect([attempts, refused]).toEqual([2 * clients, 0]);
    // The upgrade to a WebSocket is no attempt of its own; and what the second finds open it need not make.
    expect([phases.upgrade.count, phases.namespace.count]).toEqual([2 * clients, 2 * clients]);
    expect([phases.dns.count, phases.tls.count]).toEqual([0, 0]);
    expect(phases.tcp.count).toBeGreaterThanOrEqual(clients);
    expect(phases.tcp.count).toBeLessThanOrEqual(2 * clients);
  });

  test.each(["['polling']", both])('each may be the one that fails: %s', async (transports) => {
    await bench.start();
    bench.server.toRefuse = 8;
    bench.server.refusal = 'who are you?';
    const silent = await listen(net.createServer());
    const body = `const transports = ${transports};
      await io.connect({ transports, path: 'http://nowhere.invalid/socket.io/', timeout: '1s' });
      await io.connect({ transports, path: 'http://127.0.0.1:${await freePort()}/socket.io/' });
      await io.connect({ transports, path: 'https://127.0.0.1:${silent}/socket.io/', timeout: '300ms' });
      await io.connect({ transports, path: 'http://127.0.0.1:${silent}/socket.io/', timeout: '300ms' });
      await io.connect({ transports });
      await io.connect({ transports });`;
    const args = ['--allow', 'nowhere.invalid'];
    const { result } = await bench.run(body, { workers, args, load: 'perVuIterations({ vus: 8, iterations: 1 })' });
    expect(result.exceptions).toEqual([]);
    expect(result.sockets).toMatchObject({ attempts: 48, opened: 0, refused: 48, refusedStatus: { 403: 8 } });
    expect(result.sockets!.refusedIn).toEqual({ dns: 8, tcp: 8, tls: 8, upgrade: 16, namespace: 8 });
    const { phases } = result.sockets!;
    expect([phases.upgrade.count, phases.namespace.count]).toEqual([8, 0]);
    // The two that wait for an answer have a connection each; the last may find the one of the refusal.
    expect(phases.tcp.count).toBeGreaterThanOrEqual(16);
    expect(seriesOf(result, 'IO /')).toMatchObject({ requests: 48, failed: 48 });
  });
});

test('an attempt that waits for a connection which a poll holds has got to no server', async () => {
  await bench.start();
  const body = `const socket = await connect();
    const late = await io.connect({ transports: ['polling'], timeout: '300ms' });
    if (late.ok || late.error.kind !== 'timeout') throw new Error('not late');
    socket.terminate('reset');`;
  const load = 'perVuIterations({ vus: 4, iterations: 1 })';
  const { result } = await bench.run(body, { transports: "['polling']", load, connectionsPerHost: 1 });
  expect(result.exceptions).toEqual([]);
  expect(result.sockets).toMatchObject({ attempts: 8, opened: 4, refused: 4, phases: { tcp: { count: 4 } } });
  expect(result.sockets!.refusedIn).toEqual({ dns: 0, tcp: 4, tls: 0, upgrade: 0, namespace: 0 });
});

test.each(["['polling']", both])('fan-out by %s: all that was published reached all', async (transports) => {
  await bench.start();
  const { result } = await bench.fanOut(transports);
  expect(result.exceptions).toEqual([]);
  const all = { published: 120, owed: 480, delivered: 480, lost: 0, duplicated: 0, reordered: 0 };
  expect(result.delivery).toMatchObject(all);
  expect(result.sockets).toMatchObject({ attempts: 15, opened: 15, refused: 0, refusedStatus: {} });
  expect([bench.server.connected, bench.upgraded]).toEqual([15, transports === both ? 15 : 0]);
});
