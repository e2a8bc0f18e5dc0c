/** What permessage-deflate and a server that does not read leave in a worker's books, and in those of all workers. */
import { constants, deflateRawSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ServerOptions, WebSocket } from 'ws';
import { wsServer } from '../../../protocol/websocket/web-socket.fixture.ts';
import type { Snapshot, SocketsDelta } from '../../../stats/snapshot.ts';
import { SocketTotals } from '../../../stats/socket-totals.ts';
import { httpBench } from '../http/settings.fixture.ts';
import { Scheduler } from '../scheduler.ts';
import { VuSockets } from './vu-sockets.ts';

const question = 'How much is it? '.repeat(200);
const answer = 'As much as ever. '.repeat(500);
const every = { threshold: 0, serverNoContextTakeover: true };

/** What is left of it on the wire, by zlib's own account: without the tail that the extension takes off. */
function deflatedBytes(text: string): number {
  return deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).length - 4;
}

interface TestWorker {
  readonly sockets: VuSockets;
  readonly take: (last?: boolean) => Snapshot & { readonly sockets: SocketsDelta };
}

function worker(port: number): TestWorker {
  const bench = httpBench({ target: `http://127.0.0.1:${port}` });
  const { settings, builder, thread, vu } = bench;
  const scheduler = new Scheduler(settings.clock, false);
  const fixed = { settings, quiet: settings, quietBuilder: builder, scheduler, thread, vu, scenario: 's' };
  const sockets = new VuSockets(fixed);
  onTestFinished(() => {
    sockets.close();
    bench.close();
    scheduler.close();
  });
  return { sockets, take: (last = false) => bench.take(last) as ReturnType<TestWorker['take']> };
}

const answering = (socket: WebSocket): void => {
  socket.on('message', () => {
    socket.send(answer);
  });
};

async function server(perMessageDeflate: ServerOptions['perMessageDeflate'], talk = answering): Promise<number> {
  const { port } = await wsServer(talk, { perMessageDeflate });
  return port;
}

const once = {
  messagesIn: 1,
  bytesIn: deflatedBytes(answer),
  inflatedBytesIn: answer.length,
  messagesOut: 1,
  bytesOut: deflatedBytes(question),
  inflatedBytesOut: question.length,
};
const times = (count: number): typeof once =>
  Object.fromEntries(Object.entries(once).map(([name, each]) => [name, each * count])) as typeof once;

describe('what was compressed', () => {
  test('is counted by second, as zlib has it; what is on the wire beside it are the heads of frames', async () => {
    const { sockets, take } = worker(await server({ threshold: 0 }));
    const socket = await sockets.ws.connect('/', { compress: every });
    for (let n = 0; n < 3; n++) {
      socket.send(question);
      await socket.next();
    }
    await socket.ping();
    const { compressed, bytesIn, bytesOut } = take().sockets;
    expect(compressed).toEqual(times(3));
    // A pong of eight bytes and more, and a ping; heads of two bytes, with a mask of six.
    const pong = bytesIn - compressed!.bytesIn - 3 * 2;
    expect(bytesOut - compressed!.bytesOut - 3 * 6).toBe(pong + 4);
    expect(take().sockets).not.toHaveProperty('compressed');
    socket.send(question);
    await socket.next();
    expect(take().sockets.compressed).toEqual(once);
  });

  test('is what the server’s window made of it', async () => {
    const { sockets, take } = worker(await server({ threshold: 0 }));
    const socket = await sockets.ws.connect('/', { compress: { threshold: 0 } });
    for (let n = 0; n < 3; n++) {
      socket.send('x');
      await socket.next();
    }
    const { compressed, bytesIn, messagesIn } = take().sockets;
    expect(messagesIn).toBe(3);
    expect(compressed).toMatchObject({ messagesIn: 3, inflatedBytesIn: 3 * answer.length, bytesIn: bytesIn - 3 * 2 });
    expect(compressed!.bytesIn).toBeLessThan(times(3).bytesIn);
    expect(compressed).toMatchObject({ messagesOut: 3, inflatedBytesOut: 3, bytesOut: 3 * deflatedBytes('x') });
  });

  test('in each direction alone, in fragments too', async () => {
    const { sockets, take } = worker(await server({ threshold: 1_000_000 }));
    const socket = await sockets.ws.connect('/', { compress: { ...every, threshold: question.length } });
    socket.send(question.slice(1));
    socket.send(question, { fragmentBytes: 10 });
    for (let n = 0; n < 2; n++) await socket.next();
    const none = { messagesIn: 0, bytesIn: 0, inflatedBytesIn: 0 };
    expect(take().sockets).toMatchObject({ messagesIn: 2, messagesOut: 2, compressed: { ...once, ...none } });
  });

  test.each([
    ['the server', { perMessageDeflate: false, compress: every }],
    ['the test', { perMessageDeflate: { threshold: 0 }, compress: false }],
  ])('is nothing where %s wants none', async (_, { perMessageDeflate, compress }) => {
    const { sockets, take } = worker(await server(perMessageDeflate));
    const socket = await sockets.ws.connect('/', { compress });
    socket.send(question);
    await socket.next();
    const told = take().sockets;
    expect(told).toMatchObject({ messagesIn: 1, messagesOut: 1, bufferedBytesMax: 0 });
    expect(told).not.toHaveProperty('compressed');
  });

  test('ends with the books of the test', async () => {
    const peers: WebSocket[] = [];
    const port = await server({ threshold: 0 }, (socket) => {
      peers.push(socket);
      answering(socket);
    });
    const { sockets, take } = worker(port);
    const settled = await sockets.ws.connect('/', { compress: every });
    settled.send(question);
    await settled.next();
    sockets.settle();
    expect(take().sockets).toMatchObject({ messagesIn: 1, compressed: once });
    expect(settled.send(question)).toBe(false);
    // The server's ping is answered when what it sent before has been read.
    const read = new Promise((resolve) => peers[0]!.once('pong', resolve));
    peers[0]!.send(answer);
    peers[0]!.ping();
    await read;
    const after = take().sockets;
    expect(after).toMatchObject({ messagesIn: 0 });
    expect(after).not.toHaveProperty('compressed');
  });

  test('and ends with the close, behind which no message counts', async () => {
    const port = await server({ threshold: 0 }, (socket) => {
      // ws answers the close by itself, but not before what has been sent.
      socket.on('message', () => {
        for (let n = 0; n < 5; n++) socket.send(answer);
      });
    });
    const { sockets, take } = worker(port);
    const socket = await sockets.ws.connect('/', { compress: every });
    socket.send(question);
    await socket.close();
    const told = take().sockets;
    expect(told).toMatchObject({ messagesIn: 0, messagesOut: 1 });
    expect(told.compressed).toMatchObject({ messagesIn: 0, messagesOut: 1 });
  });

  test('a text that is none is no message', async () => {
    const port = await server({ threshold: 0 }, (socket) => {
      // As text, though it is not: ws masks nothing and checks nothing of what it sends.
      socket.send(Buffer.from([0x61, 0xff, 0x62]), { binary: false, compress: true });
    });
    const { sockets, take } = worker(port);
    const socket = await sockets.ws.connect('/', { compress: every });
    await new Promise((resolve) => socket.on('close', resolve));
    const told = take().sockets;
    expect(told).toMatchObject({ messagesIn: 0, closed: { 1006: 1 } });
    expect(told).not.toHaveProperty('compressed');
  });

  test('adds up over workers and seconds; of what waits the most is kept', async () => {
    const port = await server({ threshold: 0 });
    const totals = new SocketTotals();
    const workers = [worker(port), worker(port)];
    for (const [at, { sockets, take }] of workers.entries()) {
      const socket = await sockets.ws.connect('/', { compress: every });
      for (let second = 0; second < 2; second++) {
        for (let n = 0; n <= at; n++) {
          socket.send(question);
          await socket.next();
        }
        totals.add({ ...take(), worker: at });
      }
    }
    expect(totals.compressed).toEqual(times(2 + 4));
    expect(totals.bufferedBytesMax).toBe(0);
  });
});

/** What is written has been taken by now, where it was taken at all. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('what a server does not read waits, and the most of it after a turn with a send is told', async () => {
  const port = await server(false, (socket) => {
    socket.pause();
  });
  const { sockets, take } = worker(port);
  const [one, two] = [await sockets.ws.connect('/'), await sockets.ws.connect('/')];
  expect(take().sockets).not.toHaveProperty('bufferedBytesMax');
  for (let n = 0; n < 20; n++) one.send('x'.repeat(1_000_000));
  two.send('x');
  await turn();
  expect(one.bufferedBytes).toBeGreaterThan(1_000_000);
  const most = one.bufferedBytes;
  expect(take().sockets.bufferedBytesMax).toBe(most);
  expect(take().sockets).not.toHaveProperty('bufferedBytesMax');
  two.send('x');
  await turn();
  expect(take().sockets.bufferedBytesMax).toBe(0);
  // What was sent last is not lost: neither where the second ends in the same turn, nor where the socket or the test does.
  two.send('x'.repeat(20_000_000));
  expect(take().sockets.bufferedBytesMax).toBe(0);
  await turn();
  expect(take().sockets.bufferedBytesMax).toBe(two.bufferedBytes);
  one.send('x');
  const unsent = one.bufferedBytes;
  expect(unsent).toBeGreaterThanOrEqual(most);
  one.terminate('reset');
  await turn();
  expect(take().sockets.bufferedBytesMax).toBe(unsent);
  two.send('x');
  expect(take(true).sockets.bufferedBytesMax).toBe(two.bufferedBytes);
});
