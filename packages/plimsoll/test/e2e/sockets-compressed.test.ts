/** permessage-deflate through the whole tool: what zlib says of the messages is what the run's books say. */
import { readFileSync } from 'node:fs';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { constants, deflateRawSync } from 'node:zlib';
import { Server } from 'socket.io';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { resultProblems } from '../../src/model/schema/result-schema.ts';
import type { SocketsDelta } from '../../src/stats/snapshot.ts';
import { Project } from '../support/cli.ts';

const text = 'A line of the book. '.repeat(100);
const compress = '{ threshold: 1000, serverNoContextTakeover: true }';
const perMessageDeflate = { threshold: 1000 };

let project: Project;
let http: HttpServer;
let url: string;
let stop: () => void;

beforeEach(async () => {
  project = new Project();
  http = createServer((_, response) => response.end('ok'));
  const open = new Set<Socket>();
  http.on('connection', (socket: Socket) => open.add(socket));
  stop = () => {
    for (const socket of open) socket.destroy();
  };
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
});
afterEach(async () => {
  project.remove();
  stop();
  await new Promise((resolve) => http.close(resolve));
});

/** Without the tail that the extension takes off. */
function deflatedBytes(data: string): number {
  return deflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH }).length - 4;
}

function bothWays(messages: number, data: string): NonNullable<SocketsDelta['compressed']> {
  const [bytes, inflatedBytes] = [messages * deflatedBytes(data), messages * data.length];
  return {
    ...{ messagesIn: messages, bytesIn: bytes, inflatedBytesIn: inflatedBytes },
    ...{ messagesOut: messages, bytesOut: bytes, inflatedBytesOut: inflatedBytes },
  };
}

/** By four VUs. */
async function run(body: string, iterationsEach: number, ...args: string[]) {
  project.write(
    'a.load.ts',
    `import { loadTest, perVuIterations, metric } from 'plimsoll';
    const text = ${JSON.stringify(text)};
    const waits = metric.counter('waits');
    loadTest('sockets', { load: perVuIterations({ vus: 4, iterations: ${iterationsEach} }) }, async ({ ws, io, vu }) => {
      ${body}
    });`,
  );
  const { code, stdout } = await project.plimsoll('run', '--target', url, ...args);
  const result = project.lastResult().tests[0]!;
  expect({ code, failures: result.failures }).toEqual({ code: 0, failures: [] });
  expect(resultProblems(project.lastResult())).toEqual([]);
  return { stdout, result, sockets: result.sockets! };
}

/** What each worker told of each second, as the journal has it. */
function deltas(): SocketsDelta[] {
  const lines = readFileSync(join(project.runs().at(-1)!, 'timeline.ndjson'), 'utf8')
    .trimEnd()
    .split('\n');
  const snapshots = lines.flatMap((line) => {
    const entry = JSON.parse(line) as { readonly snapshots?: readonly { readonly sockets?: SocketsDelta }[] };
    return entry.snapshots ?? [];
  });
  return snapshots.flatMap(({ sockets }) => sockets ?? []);
}

describe.each([1, 2])('with %i workers', (workers) => {
  const args = ['--workers', String(workers)];

  test('an echo of a WebSocket: twelve messages each way, and as many that are too short', async () => {
    const sockets = new WebSocketServer({ server: http, perMessageDeflate });
    sockets.on('connection', (socket) => {
      socket.on('message', (data: Buffer) => {
        socket.send(data.toString());
      });
    });
    const body = `const socket = (await ws.connect('/', { compress: ${compress} })).orThrow();
      for (const each of ['short', text]) {
        socket.send(each);
        if ((await socket.next()).text() !== each) throw new Error('changed');
      }
      await socket.close();`;
    const { stdout, sockets: told } = await run(body, 3, ...args);
    expect(told).toMatchObject({ messagesIn: 24, messagesOut: 24, bufferedBytesMax: 0 });
    expect(told.compressed).toEqual(bothWays(12, text));
    const words = `${12 * deflatedBytes(text)} B for 24.0 kB`;
    expect(stdout.replace(/\s+/g, ' ')).toContain(`compressed: 12 messages in, ${words}`);
    expect(stdout.replace(/\s+/g, ' ')).toContain(`compressed: 12 messages out, ${words}`);
    expect(stdout).not.toContain('unsent');
    const messages = deltas().map(({ compressed }) => compressed?.messagesIn ?? 0);
    expect(messages.reduce((sum, each) => sum + each, 0)).toBe(12);
    const plain = await run(body.replace(compress, 'false'), 3, ...args);
    expect(plain.sockets).toMatchObject({ messagesIn: 24, messagesOut: 24 });
    expect(plain.sockets).not.toHaveProperty('compressed');
    expect(plain.stdout).not.toContain('compressed');
  });

  test('a server that does not read: the socket with the most unsent is told', async () => {
    const sockets = new WebSocketServer({ server: http, perMessageDeflate: false });
    sockets.on('connection', (socket) => {
      socket.pause();
      socket.on('error', () => undefined);
    });
    // The first VU's socket has more to send than the others'.
    const body = `const socket = (await ws.connect('/')).orThrow();
      for (let n = 0; n < (vu.id === 0 ? 20 : 10); n++) socket.send('x'.repeat(1_000_000));
      // Behind the tool's own look, in the same phase of the loop.
      await new Promise((resolve) => setImmediate(resolve));
      if (vu.id === 0) waits.add(socket.bufferedBytes);
      socket.terminate('reset');`;
    const { stdout, result, sockets: told } = await run(body, 1, ...args);
    const waited = result.metrics[0]!.value;
    expect(waited).toBeGreaterThan(10_000_000);
    expect(told.bufferedBytesMax).toBe(waited);
    expect(told.messagesOut).toBe(20 + 3 * 10);
    expect(stdout).toMatch(/up to 1\d\.\d MB unsent on one socket/);
  });
});

test('Socket.IO over a WebSocket: its events, and its acknowledgements', async () => {
  const io = new Server(http, { perMessageDeflate });
  io.on('connection', (socket) => {
    socket.on('ask', (question: string, answer: (text: string) => void) => {
      answer(question);
    });
  });
  const { sockets } = await run(
    `const socket = (await io.connect({ compress: ${compress} })).orThrow();
    if (await socket.emitWithAck('ask', text) !== text) throw new Error('changed');
    await socket.close();`,
    3,
  );
  const [event, acknowledgement] = [`420${JSON.stringify(['ask', text])}`, `430${JSON.stringify([text])}`];
  const [out, back] = [bothWays(12, event), bothWays(12, acknowledgement)];
  const { messagesIn, bytesIn, inflatedBytesIn } = back;
  expect(sockets).toMatchObject({ messagesIn: 0, messagesOut: 12 });
  expect(sockets.compressed).toEqual({ ...out, messagesIn, bytesIn, inflatedBytesIn });
  await io.close();
});
