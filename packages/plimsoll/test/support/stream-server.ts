/** A server of event streams with planted behaviour. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the server saw and did, by its own count. */
export interface StreamCounts {
  requests: number;
  streams: number;
  events: number;
  /** By status, those of `/refuse`. */
  readonly refused: Record<number, number>;
  /** The `last-event-id` of every request, '' for none. */
  readonly ids: string[];
  readonly arrivedMs: number[];
  readonly requestsSeen: IncomingMessage[];
}

export interface StreamServer {
  readonly url: string;
  readonly counts: StreamCounts;
  /** Open now. */
  readonly connections: () => Promise<number>;
  readonly close: () => Promise<void>;
}

export async function streamServer(): Promise<StreamServer> {
  const counts: StreamCounts = {
    requests: 0,
    streams: 0,
    events: 0,
    refused: {},
    ids: [],
    arrivedMs: [],
    requestsSeen: [],
  };
  const server = createServer((request, response) => {
    serve(counts, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    connections: () =>
      new Promise((resolve) => {
        server.getConnections((_, count) => {
          resolve(count);
        });
      }),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** `/events/N` sends N events and stays; each other path has a fault of its own. */
function serve(counts: StreamCounts, request: IncomingMessage, response: ServerResponse): void {
  if (request.method === 'HEAD' || request.url === '/') {
    response.end();
    return;
  }
  counts.requests++;
  counts.requestsSeen.push(request);
  const [, what = '', number = ''] = (request.url ?? '').split(/[/?]/);
  const lastId = request.headers['last-event-id'];
  counts.ids.push(typeof lastId === 'string' ? lastId : '');
  counts.arrivedMs.push(Date.now());
  const behaviour = behaviours[what];
  if (behaviour === undefined) throw new Error(`no behaviour '${what}'`);
  behaviour({ counts, response, number: Number(number), lastId: Number(lastId ?? '0') });
}

interface Call {
  readonly counts: StreamCounts;
  readonly response: ServerResponse;
  readonly number: number;
  readonly lastId: number;
}

function open({ counts, response }: Call, head: Record<string, string> = {}): void {
  counts.streams++;
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', ...head });
  response.flushHeaders();
}

function send({ counts, response }: Call, id: number, lines = `data: {"n":${id}}`): void {
  counts.events++;
  response.write(`id: ${id}\n${lines}\n\n`);
}

function sendMany(call: Call, from: number, to: number): void {
  for (let id = from; id <= to; id++) send(call, id);
}

const behaviours: Readonly<Record<string, (call: Call) => void>> = {
  events: (call) => {
    const { response, number } = call;
    open(call, { 'set-cookie': 'seen=1' });
    response.write(': welcome\n\n');
    sendMany(call, 1, number);
  },
  // Close-delimited: no framing tells where it ends.
  plain: (call) => {
    const { response, number } = call;
    response.useChunkedEncodingByDefault = false;
    open(call, { connection: 'close' });
    sendMany(call, 1, number);
    response.end('data: the last event has no end');
  },
  typed: (call) => {
    open(call);
    send(call, 1, 'event: tick\ndata: a\ndata: b');
    send(call, 2, 'event: tock\ndata: ü😀');
    send(call, 3);
  },
  // Three events a connection, from where the client says it was; after the ninth there is nothing more.
  resume: (call) => {
    const { response, lastId, number } = call;
    if (lastId >= 9) {
      response.writeHead(204).end();
      return;
    }
    open(call);
    response.write(`retry: ${number}\n\n`);
    sendMany(call, lastId + 1, lastId + 3);
    setTimeout(() => response.destroy(), 5);
  },
  // Stands once; who comes back meets the status.
  gone: (call) => {
    const { response, lastId, number } = call;
    if (lastId > 0) {
      response.writeHead(number, { 'retry-after': '7' }).end();
      return;
    }
    open(call);
    response.write('retry: 1\n');
    send(call, 1);
    response.end();
  },
  // Stands once; who comes back gets no answer.
  mute: (call) => {
    if (call.lastId > 0) return;
    open(call);
    send(call, 1);
    call.response.end();
  },
  // Asks for no wait at all, and breaks off N attempts without an answer before the next stream.
  hasty: (call) => {
    const { counts, response, number } = call;
    if ((counts.requests - 1) % (number + 1) > 0) {
      response.destroy();
      return;
    }
    open(call);
    response.end(`retry: 0\nid: ${counts.requests}\ndata: x\n\n`);
    counts.events++;
  },
  // With the status N, and a Retry-After of as many seconds as its last two digits say.
  refuse: (call) => {
    const { counts, response, number } = call;
    counts.refused[number] = (counts.refused[number] ?? 0) + 1;
    const head = { 'retry-after': String(number % 100), 'content-type': 'text/event-stream' };
    response.writeHead(number, head).end('data: no\n\n');
  },
  page: (call) => {
    const { response } = call;
    response.writeHead(200, { 'content-type': 'text/html' }).end('data: no\n\n');
  },
  dies: (call) => {
    const { response } = call;
    open(call);
    sendMany(call, 1, 2);
    response.write('id: 3\ndata: half an ev');
    setTimeout(() => response.destroy(), 5);
  },
  silent: (call) => {
    open(call);
  },
  never: () => undefined,
  huge: (call) => {
    const { number } = call;
    open(call);
    send(call, 1);
    send(call, 2, `data: ${'x'.repeat(number)}`);
    send(call, 3);
  },
  stamped: (call) => {
    const { number } = call;
    open(call);
    for (let id = 1; id <= 5; id++) send(call, id, `data: {"sent":${Date.now() - number}}`);
  },
};
