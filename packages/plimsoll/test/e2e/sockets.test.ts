/** WebSockets through the whole tool: what a server did is what the run's books say, to the last message. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TestResult } from '../../src/model/result.ts';
import { Project } from '../support/cli.ts';

/** What the server saw and did, by its own count. */
interface Counts {
  upgrades: number;
  received: number;
  sent: number;
  closes: Record<number, number>;
  /** What came, in its order, on '/order': a ping, or the length of a message and whether it was binary. */
  order: (string | number)[];
}

let project: Project;
let counts: Counts;
let http: Server;
let url: string;
let stop: () => void;

beforeEach(async () => {
  project = new Project();
  counts = { upgrades: 0, received: 0, sent: 0, closes: {}, order: [] };
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: true });
  http = createServer((_, response) => response.end('ok'));
  const raw = new Set<Duplex>();
  stop = () => {
    for (const socket of raw) socket.destroy();
  };
  http.on('upgrade', (request, socket, head) => {
    raw.add(socket);
    counts.upgrades++;
    const path = request.url ?? '';
    const status = /^\/refuse\/(\d+)/.exec(path)?.[1];
    if (status !== undefined) {
      socket.end(`HTTP/1.1 ${status} Refused\r\nretry-after: 7\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
    } else if (path !== '/never') {
      sockets.handleUpgrade(request, socket, head, (each) => {
        serve(each, path);
      });
    }
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
});
afterEach(async () => {
  project.remove();
  stop();
  http.closeAllConnections();
  await new Promise((resolve) => http.close(resolve));
});

function serve(socket: WebSocket, path: string): void {
  const send = (data: string): void => {
    counts.sent++;
    socket.send(data);
  };
  socket.on('close', (code) => (counts.closes[code] = (counts.closes[code] ?? 0) + 1));
  socket.on('error', () => undefined);
  socket.on('ping', () => path === '/order' && counts.order.push('ping'));
  socket.on('message', (data: Buffer, isBinary) => {
    counts.received++;
    if (path === '/order') counts.order.push(isBinary ? 'binary' : 'text', data.length);
    if (path === '/deaf') return;
    send(`re: ${data.toString()}`);
    if (path === '/chatty') for (let more = 0; more < 3; more++) send('and by the way');
  });
  const close = /^\/close\/(\d+)/.exec(path)?.[1];
  if (close === '1006') socket.terminate();
  else if (close !== undefined) socket.close(Number(close), 'planted');
}

async function run(body: string, options: { load?: string; thresholds?: string; args?: string[] } = {}) {
  const { load = 'sharedIterations({ vus: 4, iterations: 20 })', thresholds = '[]', args = [] } = options;
  project.write(
    'a.load.ts',
    `import { loadTest, sharedIterations, constantVus } from 'plimsoll';
    loadTest('sockets', { load: ${load}, thresholds: ${thresholds}, http: { timeout: '400ms' } }, async ({ ws, io, vu, http }) => {
      ${body}
    });`,
  );
  const finished = await project.plimsoll('run', '--target', url, ...args);
  return { ...finished, result: project.lastResult().tests[0]! };
}

const once = { load: 'sharedIterations({ vus: 1, iterations: 1 })' };

const seriesOf = (result: TestResult, name: string): TestResult['series'][number] =>
  result.series.find((each) => each.name === name)!;

describe.each([1, 2])('with %i workers', (workers) => {
  const args = ['--workers', String(workers)];

  test('every connection, message and reply is in the books', async () => {
    const body = `const socket = (await ws.connect('/echo')).orThrow();
      for (let i = 0; i < 3; i++) {
        const text = vu.id + ' ' + i;
        const reply = await socket.step('ask', async () => { socket.send(text); return socket.next((m) => m.text() === 're: ' + text); });
        if (reply?.text() !== 're: ' + text) throw new Error('another reply');
      }
      await socket.close();`;
    const thresholds =
      "['connect.success >= 100%', 'connect.mean < 1s', 'ask: latency.p95 < 300ms', 'success >= 100%']";
    const { code, result, stdout } = await run(body, { thresholds, args });
    expect({ code, failures: result.failures }).toEqual({ code: 0, failures: [] });
    expect(counts).toEqual({ upgrades: 20, received: 60, sent: 60, closes: { 1000: 20 }, order: [] });
    expect(result.sockets).toMatchObject({
      opened: 20,
      refused: 0,
      open: 0,
      messagesIn: 60,
      messagesOut: 60,
      unclaimed: 0,
    });
    expect(result.sockets?.closed).toEqual({ 1000: 20 });
    expect(seriesOf(result, 'WS /echo')).toMatchObject({ requests: 20, expected: 20, status: { 101: 20 } });
    expect(seriesOf(result, 'ask')).toMatchObject({ requests: 60, expected: 60 });
    expect(result.books).toMatchObject({ balanced: true });
    expect(result.sockets?.connect.p50).toBeGreaterThan(0);
    expect(stdout).toContain('20 WebSockets');
  });

  test('messages that nobody takes are counted', async () => {
    const body = `const socket = await ws.connect('/chatty');
      socket.send('x');
      for (let i = 0; i < 4; i++) await socket.next();
      socket.send('y');
      await socket.next((m) => m.text() === 're: y');
      await socket.ping();
      await socket.close();`;
    const { code, result } = await run(body, { args });
    expect(code).toBe(0);
    expect(result.sockets).toMatchObject({ messagesIn: counts.sent, messagesOut: 40 });
    // Of the second four, all but the reply: they came before the pong.
    expect(result.sockets?.unclaimed).toBe(60);
    expect(seriesOf(result, 'PING /chatty')).toMatchObject({ expected: 20 });
  });

  test('sockets live across iterations, and the end of the test ends them', async () => {
    const body = `const socket = (sockets[vu.id] ??= await ws.connect('/echo'));
      socket.send('again');
      await socket.next();`;
    project.write('state.ts', '');
    const { code, result } = await run(`const sockets = (globalThis.sockets ??= {}); ${body}`, { args });
    expect(code).toBe(0);
    expect(counts.upgrades).toBe(4);
    expect(result.sockets).toMatchObject({ opened: 4, open: 4, messagesIn: 20, messagesOut: 20 });
    await expect.poll(() => counts.closes).toEqual({ 1001: 4 });
  });
});

describe('what a server does wrong is told as it is', () => {
  test.each([
    [401, 'failed'],
    [503, 'failed'],
    [429, 'limited'],
  ] as const)('the upgrade is refused with %i', async (status, ending) => {
    const body = `const socket = await ws.connect('/refuse/${status}');
      if (socket.ok || socket.status !== ${status} || socket.header('retry-after') !== '7') throw new Error('not told');`;
    const { code, result } = await run(body);
    expect(result.sockets).toMatchObject({ opened: 0, refused: 20 });
    expect(seriesOf(result, `WS /refuse/${status}`)).toMatchObject({ [ending]: 20, status: { [status]: 20 } });
    expect(result.exceptions).toEqual([]);
    // Where all were limited nothing is left to succeed.
    expect(code).toBe(1);
  });

  test('connect.success counts attempts that led to no WebSocket', async () => {
    const body = "await (await ws.connect(vu.id === 0 ? '/refuse/503' : '/echo')).close();";
    const load = 'sharedIterations({ vus: 1, iterations: 5 })';
    const { result } = await run(body, { load, thresholds: "['connect.success >= 90%']" });
    expect(result.thresholds.find((each) => each.expression.startsWith('connect'))).toMatchObject({
      ok: false,
      value: 0,
    });
  });

  test('a server that never answers the upgrade is a time-out', async () => {
    const { result } = await run("await ws.connect('/never', { timeout: '50ms' });", {
      load: 'sharedIterations({ vus: 2, iterations: 4 })',
    });
    expect(seriesOf(result, 'WS /never')).toMatchObject({ failed: 4, errors: { timeout: 4 } });
    expect(result.sockets).toMatchObject({ refused: 4 });
  });

  test.each([1001, 1006, 1011])('the server closes with %i', async (closeCode) => {
    const body = `const socket = await ws.connect('/close/${closeCode}');
      await socket.step('ask', async () => { socket.send('x'); return socket.next(); });`;
    const { code, result } = await run(body);
    expect(result.sockets?.closed).toEqual({ [closeCode]: 20 });
    expect(seriesOf(result, 'ask')).toMatchObject({ failed: 20, errors: { closed: 20 } });
    expect({ code, exceptions: result.exceptions }).toEqual({ code: 1, exceptions: [] });
  });

  test('a reply that never comes fails the step in its time, and nothing else', async () => {
    const body = `const socket = await ws.connect('/deaf');
      await socket.step('ask', async () => { socket.send('x'); return socket.next(undefined, { timeout: '60ms' }); });
      await socket.close();`;
    const { result } = await run(body);
    expect(seriesOf(result, 'ask')).toMatchObject({ failed: 20, errors: { timeout: 20 } });
    expect(seriesOf(result, 'ask').latency.min).toBeGreaterThanOrEqual(59);
    expect(seriesOf(result, 'WS /deaf')).toMatchObject({ expected: 20 });
    expect(result.books.balanced).toBe(true);
  });

  test('outside of a step it ends the iteration, with the place', async () => {
    const { result } = await run(
      "const socket = await ws.connect('/deaf');\nawait socket.next(undefined, { timeout: '20ms' });",
    );
    expect(result.exceptions).toMatchObject([{ message: 'WS /deaf: no such message within 20 ms', count: 20 }]);
    expect(result.exceptions[0]!.place).toMatch(/^a\.load\.ts:\d+/);
  });

  test('a handler that throws is counted by its place, and the run goes on', async () => {
    const body = `const socket = await ws.connect('/echo');
      socket.on('message', () => { throw new Error('in the handler'); });
      socket.send('x');
      await socket.next();
      await socket.close();`;
    const { code, result } = await run(body);
    expect(code).toBe(1);
    expect(result.exceptions).toMatchObject([{ message: 'in the handler', count: 20 }]);
    expect(result.iterations).toBe(20);
    expect(result.sockets).toMatchObject({ messagesIn: 20, unclaimed: 0 });
  });
});

describe('mistakes of the test', () => {
  test.each([
    ["ws.connect('ftp://127.0.0.1/x')", "a WebSocket has no address that begins with 'ftp://'"],
    ["ws.connect('ws://example.com/')", 'example.com is neither this machine nor on the list'],
    ["ws.connect('/echo', { protocols: ['a b'] })", "'a b' cannot be a WebSocket subprotocol"],
    ["ws.connect('/echo', { headers: { upgrade: 'x' } })", "the header 'upgrade' belongs to the WebSocket handshake"],
  ])('%s', async (call, message) => {
    const { code, result } = await run(`await ${call};`, once);
    expect(code).toBe(1);
    expect(result.exceptions[0]!.message).toContain(message);
    expect(counts.upgrades).toBe(0);
  });

  test.each([
    ['{ fragmentBytes: 0 }', 'fragmentBytes is 0, expected a whole number from 1 — leave '],
    ['{ fragmentBytes: 1.5 }', 'fragmentBytes is 1.5, expected a whole number from 1 — leave '],
    ['{ fragmentByte: 4 }', "send has no option 'fragmentByte' — did you mean 'fragmentBytes'?"],
  ])('send with %s', async (options, message) => {
    const { result } = await run(`const socket = await ws.connect('/echo'); socket.send('x', ${options});`, once);
    expect(result.exceptions[0]!.message).toContain(message);
    expect(counts.received).toBe(0);
  });
});

test('compressed messages are fewer bytes on the wire', async () => {
  const body = `const socket = await ws.connect('/echo', { compress: COMPRESS });
    const text = 'the same again '.repeat(500);
    socket.send(text);
    const reply = await socket.next();
    if (reply.text() !== 're: ' + text) throw new Error('changed');
    await socket.close();`;
  const plain = await run(body.replace('COMPRESS', 'false'));
  const compressed = await run(body.replace('COMPRESS', 'true'));
  expect([plain.code, compressed.code]).toEqual([0, 0]);
  expect(plain.result.sockets!.bytesOut).toBeGreaterThan(20 * 7500);
  expect(compressed.result.sockets!.bytesOut).toBeLessThan(plain.result.sockets!.bytesOut / 20);
  expect(compressed.result.sockets!.bytesIn).toBeLessThan(plain.result.sockets!.bytesIn / 20);
});

describe.each(['false', '{ threshold: 0 }'])('in fragments; compress: %s', (compress) => {
  test('a message arrives whole, and pings between its fragments before it', async () => {
    // Three bytes to a character: most cuts go through one.
    const body = `const socket = await ws.connect('/order', { compress: ${compress} });
      const text = Array.from({ length: 1000 }, (_, at) => String.fromCharCode(0x4e00 + at * 7919 % 20000)).join('');
      socket.send(text, { fragmentBytes: 100, pingsBetween: true });
      if ((await socket.next()).text() !== 're: ' + text) throw new Error('changed');
      socket.send(new Uint8Array(70_000), { fragmentBytes: 16 });
      await socket.next();
      socket.send('', { fragmentBytes: 1 });
      await socket.next();
      await socket.close();`;
    const { code, result } = await run(body, once);
    expect({ code, exceptions: result.exceptions }).toEqual({ code: 0, exceptions: [] });
    const pings = counts.order.filter((each) => each === 'ping').length;
    expect(counts.order).toEqual([...Array<string>(pings).fill('ping'), 'text', 3000, 'binary', 70_000, 'text', 0]);
    // One between each two of thirty frames; compressed there are fewer.
    if (compress === 'false') expect(pings).toBe(29);
    else expect(pings).toBeGreaterThan(5);
    expect(result.sockets).toMatchObject({ messagesOut: 3, messagesIn: 3, unclaimed: 0 });
  });
});

test.each([
  ["socket.on('mesage', () => undefined)", "a WebSocket has no event 'mesage' — did you mean 'message'?"],
  ['socket.send({})', 'send was given an object, expected a text or bytes — sendJson sends a value as JSON'],
  ["await socket.next('said')", "next's predicate is 'said', expected a function — write next((message) => …)"],
  ["await ws.connect('/echo', { timeot: 1 })", "ws.connect has no option 'timeot' — did you mean 'timeout'?"],
  ["await io.connect({ namespce: '/' })", "io.connect has no option 'namespce' — did you mean 'namespace'?"],
])('%s is told with its own line', async (misuse, message) => {
  const body = `const socket = (await ws.connect('/echo')).orThrow();
      ${misuse};`;
  const { code, result } = await run(body, { load: 'sharedIterations({ vus: 1, iterations: 1 })' });
  expect(code).toBe(1);
  expect(result.exceptions).toMatchObject([{ message, place: expect.stringMatching(/^a\.load\.ts:4:/) as string }]);
});
