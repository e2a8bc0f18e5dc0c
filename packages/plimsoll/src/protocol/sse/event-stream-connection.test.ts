import * as http from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import * as net from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { thread } from '../../../test/conformance/websocket/clients.ts';
import { certificate } from '../../../test/support/certificates.ts';
import { freePort, listen } from '../../../test/support/dialling.ts';
import { rawServer, writePieces, type RawRequest } from '../../../test/support/raw-server.ts';
import { EventStreamConnection } from './event-stream-connection.ts';
import type { EventStreamOptions, StreamEnd, StreamRefusal } from './event-stream.ts';

interface Client {
  readonly connection: EventStreamConnection;
  readonly events: string[];
  onEvent: () => void;
  /** 'opened', 'refused' and 'closed', in their order. */
  readonly told: string[];
  readonly opened: Promise<undefined>;
  readonly refused: Promise<StreamRefusal>;
  readonly closed: Promise<StreamEnd>;
}

function connect(port: number, options: Partial<EventStreamOptions> = {}): Client {
  const [events, told]: [string[], string[]] = [[], []];
  const resolvers: Record<string, (value: never) => void> = {};
  const when = <T>(name: string): Promise<T> =>
    new Promise((resolve) => {
      resolvers[name] = resolve;
    });
  const [opened, refused, closed] = [
    when<undefined>('opened'),
    when<StreamRefusal>('refused'),
    when<StreamEnd>('closed'),
  ];
  const tell = (name: string, value: unknown): void => {
    told.push(name);
    resolvers[name]!(value as never);
  };
  const given: EventStreamOptions = {
    target: { protocol: 'http:', host: '127.0.0.1', port, connectTimeoutMs: 5000, tls: {} },
    path: '/feed?a=1',
    hostHeader: `127.0.0.1:${port}`,
    absolutePrefix: '',
    headers: {},
    cookie: '',
    lastEventId: '',
    maxEventBytes: 1000,
    ...options,
  };
  const connection = new EventStreamConnection(given, thread, {
    opened: () => {
      tell('opened', undefined);
    },
    refused: (refusal) => {
      tell('refused', refusal);
    },
    event: (type, data, id) => {
      events.push(`${type}|${data}|${id}`);
      client.onEvent();
    },
    closed: (end) => {
      tell('closed', end);
    },
  });
  onTestFinished(() => {
    connection.close();
  });
  const client: Client = { connection, events, onEvent: () => undefined, told, opened, refused, closed };
  return client;
}

const streamHead = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n';
const twoEvents = 'id: 1\ndata: a\n\nevent: e\ndata: ü\n\n';
const seenTwo = ['message|a|1', 'e|ü|1'];

function chunked(...parts: string[]): string {
  return parts.map((part) => `${Buffer.byteLength(part).toString(16)}\r\n${part}\r\n`).join('');
}

const framings: Readonly<Record<string, string>> = {
  'a length said before': `${streamHead}content-length: ${Buffer.byteLength(twoEvents)}\r\n\r\n${twoEvents}`,
  'chunks that cut lines': `${streamHead}transfer-encoding: chunked\r\n\r\n${chunked('id: 1\nda', 'ta: a\n', '\nevent: e\ndata: ', 'ü\n\n')}0\r\n\r\n`,
  'the end of the connection': `${streamHead}connection: close\r\n\r\n${twoEvents}`,
};

describe.each(Object.entries(framings))('framed by %s', (_, answer) => {
  test.each([
    ['in one piece', (bytes: Buffer) => [bytes]],
    ['byte by byte', (bytes: Buffer) => [...bytes].map((byte) => Uint8Array.of(byte))],
  ])('%s', async (__, pieces) => {
    const { port } = await rawServer(({ socket }) => {
      void writePieces(socket, pieces(Buffer.from(answer))).then(() => socket.end());
    });
    const { connection, events, told, closed } = connect(port);
    expect(await closed).toEqual({ code: 1000, error: undefined });
    expect(events).toEqual(seenTwo);
    expect(told).toEqual(['opened', 'closed']);
    expect(connection.bytesIn).toBe(Buffer.byteLength(answer));
    // The chunk's size belongs to the head where it came with it, else to what follows.
    expect(connection.headBytesIn).toBeGreaterThanOrEqual(answer.indexOf('\r\n\r\n') + 4);
    expect(connection.headBytesIn).toBeLessThan(answer.indexOf('\r\n\r\n') + 8);
    expect(connection.lastEventId).toBe('1');
  });
});

test('what is asked for is an event stream, and what the test says goes along', async () => {
  const { port, requests } = await rawServer(({ socket }) => socket.write(`${streamHead}\r\n`));
  const { opened } = connect(port, { headers: { 'x-own': 'yes' }, cookie: 'a=1', lastEventId: 'ü' });
  await opened;
  expect(Buffer.from(requests[0]!.text, 'latin1').toString('utf8')).toBe(
    `GET /feed?a=1 HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\naccept: text/event-stream\r\n` +
      'cache-control: no-cache\r\nx-own: yes\r\nlast-event-id: ü\r\ncookie: a=1\r\n\r\n',
  );
});

test('silent before the connection stands, it reads nothing', async () => {
  const server = await rawServer(({ socket }) => socket.write(`${streamHead}\r\n${twoEvents}`));
  const { connection, told } = connect(server.port);
  connection.silence();
  await expect.poll(() => server.requests.length).toBe(1);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect([connection.bytesIn, told]).toEqual([0, []]);
});

describe('refused', () => {
  const answers: readonly (readonly [string, string, { kind: string; message: string }, number])[] = [
    ['another status', 'HTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n', { kind: 'status', message: 'status 404' }, 404],
    ['no content', 'HTTP/1.1 204 No\r\n\r\n', { kind: 'status', message: 'status 204' }, 204],
    ['another protocol', 'HTTP/1.1 101 Now\r\nupgrade: x\r\n\r\n', { kind: 'status', message: 'status 101' }, 101],
    [
      'no content type',
      'HTTP/1.1 200 OK\r\n\r\ndata: a\n\n',
      { kind: 'content-type', message: 'no content type' },
      200,
    ],
    [
      'a content type that only begins like it',
      'HTTP/1.1 200 OK\r\ncontent-type: text/event-streams\r\n\r\ndata: a\n\n',
      { kind: 'content-type', message: "'text/event-streams'" },
      200,
    ],
    ['compression', `${streamHead}content-encoding: gzip\r\n\r\n`, { kind: 'decode', message: "'gzip'" }, 200],
    ['no HTTP', 'hello\r\n\r\n', { kind: 'protocol', message: '' }, 0],
  ];
  test.each(answers)('%s', async (_, answer, { kind, message }, status) => {
    const server = await rawServer(({ socket }) => socket.write(answer));
    const { refused, events, told } = connect(server.port);
    const { error, head } = await refused;
    expect(error).toMatchObject({ kind });
    expect(error.message).toContain(message);
    expect(head?.status ?? 0).toBe(status);
    await expect.poll(() => server.sockets.size).toBe(0);
    expect({ events, told }).toEqual({ events: [], told: ['refused'] });
  });

  test.each(['text/event-stream; charset=utf-8', 'Text/Event-Stream;x', 'text/event-stream ; a=b'])(
    'but not for %s',
    async (contentType) => {
      const { port } = await rawServer(({ socket }) => {
        socket.write(`HTTP/1.1 200 OK\r\ncontent-type: ${contentType}\r\n\r\n${twoEvents}`);
      });
      const { opened, events } = connect(port);
      await opened;
      await expect.poll(() => events).toEqual(seenTwo);
    },
  );

  test.each([
    ['closed', ({ socket }: RawRequest) => socket.end()],
    ['reset', ({ socket }: RawRequest) => socket.resetAndDestroy()],
    ['closed', ({ socket }: RawRequest) => socket.end('HTTP/1.1 200 OK\r\n')],
  ])('the connection is %s before the answer', async (kind, leave) => {
    const { port } = await rawServer(leave);
    const { refused, told } = connect(port);
    expect((await refused).error.kind).toBe(kind);
    expect(told).toEqual(['refused']);
  });

  test('nobody listens', async () => {
    const { refused } = connect(await freePort());
    expect((await refused).error.kind).toBe('refused');
  });
});

describe('broken off', () => {
  const half = `${streamHead}transfer-encoding: chunked\r\n\r\n${chunked('data: a\n\ndata: b')}`;
  test.each([
    ['closed', ({ socket }: RawRequest) => socket.end(half)],
    ['reset', ({ socket }: RawRequest) => socket.write(half, () => setTimeout(() => socket.resetAndDestroy(), 30))],
    ['protocol', ({ socket }: RawRequest) => socket.write(`${half}zz\r\n`)],
    ['closed', ({ socket }: RawRequest) => socket.end(`${streamHead}content-length: 20\r\n\r\ndata: a\n\ndata: b`)],
  ])('%s', async (kind, answer) => {
    const { port } = await rawServer(answer);
    const { closed, events, told } = connect(port);
    expect(await closed).toMatchObject({ code: 1006, error: { kind } });
    expect({ events, told }).toEqual({ events: ['message|a|'], told: ['opened', 'closed'] });
  });

  test('a fault that comes in one read with the head: opened first, then broken', async () => {
    const { port } = await rawServer(({ socket }) => socket.write(`${streamHead}transfer-encoding: chunked\r\n\r\nzz`));
    const { closed, told } = connect(port);
    expect(await closed).toMatchObject({ code: 1006, error: { kind: 'protocol' } });
    expect(told).toEqual(['opened', 'closed']);
  });

  test('an event that is too large', async () => {
    const server = await rawServer(({ socket }) => {
      socket.write(`${streamHead}\r\ndata: a\n\ndata: ${'x'.repeat(2000)}\n\ndata: c\n\n`);
    });
    const { closed, events } = connect(server.port);
    expect(await closed).toMatchObject({ code: 1009, error: { kind: 'too-large' } });
    expect(events).toEqual(['message|a|']);
    await expect.poll(() => server.sockets.size).toBe(0);
  });
});

describe('leaving', () => {
  test.each([
    ['close', 1000, (client: Client) => client.connection.close()],
    ['a reset', 1006, (client: Client) => client.connection.terminate('reset')],
    ['a fin', 1006, (client: Client) => client.connection.terminate('fin')],
  ])('by %s', async (_, code, leave) => {
    const server = await rawServer(({ socket }) => socket.write(`${streamHead}\r\n${twoEvents}`));
    const client = connect(server.port);
    await client.opened;
    leave(client);
    expect(client.connection.state).toBe('closing');
    expect((await client.closed).code).toBe(code);
    await expect.poll(() => server.sockets.size).toBe(0);
    expect(client.told).toEqual(['opened', 'closed']);
  });

  test('in the middle of a read: no more of it is told', async () => {
    const { port } = await rawServer(({ socket }) => socket.write(`${streamHead}\r\n${twoEvents}`));
    const client = connect(port);
    client.onEvent = () => {
      client.connection.close();
    };
    await client.closed;
    expect(client.events).toEqual(['message|a|1']);
  });

  test('before it is open nothing is told', async () => {
    const server = await rawServer(() => undefined);
    const client = connect(server.port);
    await expect.poll(() => server.requests.length).toBe(1);
    client.connection.close();
    await expect.poll(() => server.sockets.size).toBe(0);
    expect(client.told).toEqual([]);
  });
});

describe('on the way', () => {
  const answer: http.RequestListener = (request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(`data: ${request.url ?? ''}\n\n`);
  };

  test('TLS', async () => {
    const port = await listen(createSecureServer(certificate('server'), answer));
    const target = {
      protocol: 'https:',
      host: '127.0.0.1',
      port,
      connectTimeoutMs: 5000,
      tls: { insecure: true },
    } as const;
    const { closed, events } = connect(port, { target });
    expect((await closed).code).toBe(1000);
    expect(events).toEqual(['message|/feed?a=1|']);
  });

  test('a proxy gets the whole URL for plain HTTP, and CONNECT for TLS', async () => {
    const lines: string[] = [];
    const secure = await listen(createSecureServer(certificate('server'), answer));
    const proxy = http.createServer((request, response) => {
      lines.push(`${request.method} ${request.url}`);
      answer(request, response);
    });
    proxy.on('connect', (request: http.IncomingMessage, socket: net.Socket) => {
      lines.push(`${request.method} ${request.url}`);
      const onward = net.connect(secure, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        socket.pipe(onward).pipe(socket);
      });
      onward.on('error', () => socket.destroy());
    });
    const through = { host: '127.0.0.1', port: await listen(proxy), authorization: undefined };
    const plain = {
      protocol: 'http:',
      host: 'a.test',
      port: 80,
      connectTimeoutMs: 5000,
      tls: {},
      proxy: through,
    } as const;
    const one = connect(80, { target: plain, absolutePrefix: 'http://a.test' });
    expect((await one.closed).code).toBe(1000);
    const two = connect(secure, {
      target: { ...plain, protocol: 'https:', host: '127.0.0.1', port: secure, tls: { insecure: true } },
    });
    expect((await two.closed).code).toBe(1000);
    expect(two.events).toEqual(['message|/feed?a=1|']);
    expect(lines).toEqual(['GET http://a.test/feed?a=1', `CONNECT 127.0.0.1:${secure}`]);
  });
});
