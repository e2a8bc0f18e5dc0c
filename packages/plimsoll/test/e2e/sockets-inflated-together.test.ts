/** The sockets of a worker share one inflater and its output: what one of them gave must outlive what others are sent. */
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { Sfc32 } from '../../src/kernel/random.ts';
import type { SocketsDelta } from '../../src/stats/snapshot.ts';
import { Project } from '../support/cli.ts';

const compress = '{ serverNoContextTakeover: true }';
const perMessageDeflate = { threshold: 0 };
/** Less than the inflater's output, and more; and more than the inflater keeps of an output that had to grow. */
const lengths = [1, 40, 900, 3000, 70_000, 1_200_000];
const messagesEach = 36;

let project: Project;
let http: HttpServer;
let url: string;

beforeEach(async () => {
  project = new Project();
  http = createServer((_, response) => response.end('ok'));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
});
afterEach(async () => {
  project.remove();
  await new Promise((resolve) => http.close(resolve));
});

/** ASCII, so that each may be sent as a text as well; told apart by their first bytes. */
function payloadsOf(name: string): Buffer[] {
  const random = new Sfc32(name.charCodeAt(0));
  return Array.from({ length: messagesEach }, (_, at) => {
    const noise = Array.from({ length: 500 }, () => random.next()).join('');
    return Buffer.alloc(lengths[at % lengths.length]!, `${name}${at} ${noise}`);
  });
}

const sent: Readonly<Record<string, readonly Buffer[]>> = { a: payloadsOf('a'), b: payloadsOf('b') };
const isBinary = (at: number): boolean => at % 3 !== 2;

/** Expects of each socket, by its name, that it gave back what it was sent. */
function expectWhole(back: Readonly<Record<string, readonly Buffer[]>>): void {
  for (const [name, payloads] of Object.entries(sent)) {
    const changed = payloads.flatMap((payload, at) => (back[name]?.[at]?.equals(payload) ? [] : [at]));
    expect({ name, changed, count: back[name]?.length }).toEqual({ name, changed: [], count: messagesEach });
  }
}

/** In one VU; `collect` takes the worker's garbage away. */
async function run(body: string): Promise<SocketsDelta['compressed']> {
  project.write(
    'a.load.ts',
    `import { setFlagsFromString } from 'node:v8';
    import { runInNewContext } from 'node:vm';
    import { loadTest, perVuIterations } from 'plimsoll';
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc');
    loadTest('sockets', { load: perVuIterations({ vus: 1, iterations: 1 }) }, async ({ ws, io }) => {
      ${body}
    });`,
  );
  const { code } = await project.plimsoll('run', '--target', url, '--workers', '1');
  const { failures, exceptions, sockets } = project.lastResult().tests[0]!;
  expect({ code, failures, exceptions }).toEqual({ code: 0, failures: [], exceptions: [] });
  return sockets?.compressed;
}

test('what next() of two WebSockets gave, held until all has come', async () => {
  const sockets = new WebSocketServer({ server: http, perMessageDeflate });
  const back: Record<string, Buffer[]> = { a: [], b: [] };
  sockets.on('connection', (socket, request) => {
    const name = request.url!.slice(1);
    let asked = 0;
    socket.on('message', (data: Buffer) => {
      const at = asked++;
      if (at < messagesEach) socket.send(sent[name]![at]!, { binary: isBinary(at) });
      else back[name]!.push(data);
    });
  });
  const compressed = await run(`
    const open = async (path) => (await ws.connect(path, { compress: ${compress} })).orThrow();
    const each = [await open('/a'), await open('/b')].map((socket) => ({ socket, held: [] }));
    for (let at = 0; at < ${messagesEach}; at++) {
      for (const { socket } of each) socket.send('the next');
      for (const { socket, held } of each) held.push(await socket.next());
      if (at % 10 === 0) collect();
    }
    for (const { socket, held } of each) {
      for (const { data } of held) socket.send(data);
      await socket.close();
    }`);
  expect(compressed?.messagesIn).toBe(2 * messagesEach);
  expectWhole(back);
});

test('the attachments of two Socket.IO connections, held until all have come', async () => {
  const server = new Server(http, { perMessageDeflate, maxHttpBufferSize: 2_000_000 });
  const back: Record<string, Buffer[]> = { a: [], b: [] };
  server.on('connection', (socket) => {
    socket.on('the next', (name: string, at: number) => {
      const payload = sent[name]![at]!;
      socket.emit('it', { deep: [payload] }, payload);
    });
    socket.on('back', (name: string, data: Buffer, again: Buffer, done: () => void) => {
      back[name]!.push(data.equals(again) ? data : Buffer.from('two'));
      done();
    });
  });
  const compressed = await run(`
    const open = async () => (await io.connect({ compress: ${compress} })).orThrow();
    const each = [await open(), await open()].map((socket, of) => ({ socket, name: 'ab'[of], held: [] }));
    for (let at = 0; at < ${messagesEach}; at++) {
      for (const { socket, name } of each) socket.emit('the next', name, at);
      for (const { socket, held } of each) held.push(await socket.next('it'));
      if (at % 10 === 0) collect();
    }
    for (const { socket, name, held } of each) {
      for (const { args: [{ deep }, again] } of held) await socket.emitWithAck('back', name, deep[0], again);
      await socket.close();
    }`);
  // The event and its two attachments.
  expect(compressed?.messagesIn).toBeGreaterThanOrEqual(2 * 3 * messagesEach);
  expectWhole(back);
  await server.close();
});
