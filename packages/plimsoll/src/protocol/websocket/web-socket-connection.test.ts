import { createServer as createSecureServer } from 'node:https';
import * as net from 'node:net';
import type { WebSocket } from 'ws';
import { describe, expect, test } from 'vitest';
import { certificate } from '../../../test/support/certificates.ts';
import { optionsFor } from '../../../test/conformance/websocket/clients.ts';
import { listen } from '../../../test/support/dialling.ts';
import { connect, wsServer } from './web-socket.fixture.ts';

const echo = (socket: WebSocket): void => {
  socket.on('message', (data, isBinary) => {
    socket.send(data, { binary: isBinary });
  });
};

describe('against a ws server', () => {
  test('a text is compressed from so many bytes on, not characters', async () => {
    const { port } = await wsServer(echo, { perMessageDeflate: { threshold: 0 } });
    const { connection, opened } = connect(port, { deflate: { thresholdBytes: 100 } });
    await opened;
    const before = connection.bytesOut;
    connection.send('€'.repeat(50));
    // 150 bytes of one character: a frame of a few.
    expect(connection.bytesOut - before).toBeLessThan(30);
    const uncompressed = connection.bytesOut;
    connection.send('a'.repeat(99));
    expect(connection.bytesOut - uncompressed).toBe(99 + 6);
  });

  test.each([false, true])('messages come back as they were sent; compressed: %s', async (isCompressed) => {
    const { port } = await wsServer(echo, { perMessageDeflate: isCompressed ? { threshold: 100 } : false });
    const deflate = isCompressed ? { thresholdBytes: 100 } : undefined;
    const { connection, messages, opened } = connect(port, { deflate });
    await opened;
    const sent = ['', 'short', 'ü€😀', 'x'.repeat(200), 'abc'.repeat(30_000)];
    for (const text of sent) expect(connection.send(text)).toBe(true);
    connection.send(Uint8Array.of(0, 255, 7));
    connection.send('fragments', { fragmentBytes: 4 });
    await expect.poll(() => messages.length).toBe(sent.length + 2);
    expect(messages.slice(0, -2)).toEqual(sent);
    expect(messages.at(-2)).toEqual(Uint8Array.of(0, 255, 7));
    expect(messages.at(-1)).toBe('fragments');
    expect(connection.messagesIn).toBe(sent.length + 2);
    const ofText = Buffer.byteLength(sent.join(''));
    if (isCompressed) expect(connection.bytesOut).toBeLessThan(ofText / 10);
    else expect(connection.bytesOut).toBeGreaterThan(ofText);
    expect(connection.bufferedBytes).toBe(0);
  });

  test('a server that asked for a small window gets one', async () => {
    const { port } = await wsServer(echo, {
      perMessageDeflate: { threshold: 0, clientMaxWindowBits: 9, serverMaxWindowBits: 9 },
    });
    const { connection, messages, opened } = connect(port, { deflate: { thresholdBytes: 0 } });
    await opened;
    const text = Array.from({ length: 3000 }, (_, at) => `${at * 7919} `).join('');
    connection.send(text);
    connection.send(text);
    await expect.poll(() => messages).toEqual([text, text]);
  });

  test('headers, cookies and the subprotocol reach the server', async () => {
    let seen: unknown;
    const { port, server } = await wsServer(() => undefined, { handleProtocols: () => 'b' });
    server.on('connection', (socket, request) => {
      seen = {
        url: request.url,
        own: request.headers['x-own'],
        cookie: request.headers.cookie,
        protocol: socket.protocol,
      };
    });
    await connect(port, { path: '/a?b=c', headers: { 'x-own': '1' }, cookie: 'a=1; b=2', protocols: ['a', 'b'] })
      .opened;
    expect(seen).toEqual({ url: '/a?b=c', own: '1', cookie: 'a=1; b=2', protocol: 'b' });
  });

  test('pings are answered both ways', async () => {
    const pongs: string[] = [];
    const { port } = await wsServer((socket) => {
      socket.on('pong', (payload) => pongs.push(payload.toString()));
      socket.ping('from the server');
    });
    const client = connect(port);
    await client.opened;
    client.connection.ping(Buffer.from('from us'));
    await expect
      .poll(() => [pongs, client.pongs, client.pings])
      .toEqual([['from the server'], ['from us'], ['from the server']]);
  });

  test('a server that pings and does not read gets no heap of pongs, and the latest once it reads', async () => {
    let socket: WebSocket | undefined;
    const pongs: string[] = [];
    const { port } = await wsServer((each) => {
      socket = each;
      each.on('pong', (payload) => pongs.push(payload.toString().trimEnd()));
      each.pause();
    });
    const { connection, opened, pings } = connect(port);
    await opened;
    // Twenty megabytes: more than the system takes on the way.
    const count = 160_000;
    for (let at = 0; at < count; at++) socket!.ping(String(at).padEnd(125));
    await expect.poll(() => pings.length, { timeout: 8000 }).toBe(count);
    expect(connection.bufferedBytes).toBeGreaterThan(0);
    expect(connection.bufferedBytes).toBeLessThan(100_000);
    socket!.resume();
    await expect.poll(() => pongs.at(-1), { timeout: 8000 }).toBe(String(count - 1));
    expect(pongs.length).toBeLessThan(count);
    expect(pongs.map(Number)).toEqual(pongs.map(Number).toSorted((a, b) => a - b));
    expect(connection.bufferedBytes).toBe(0);
  });

  test('what a server does not read is seen as buffered', async () => {
    const { port } = await wsServer((socket) => {
      socket.pause();
    });
    const { connection, opened } = connect(port);
    await opened;
    for (let at = 0; at < 20; at++) connection.send('x'.repeat(1_000_000));
    expect(connection.bufferedBytes).toBeGreaterThan(1_000_000);
  });

  test('over TLS', async () => {
    const https = createSecureServer(certificate('server'));
    await wsServer(echo, { server: https as never });
    const port = await listen(https);
    const target = {
      protocol: 'https:',
      host: '127.0.0.1',
      port,
      connectTimeoutMs: 5000,
      tls: { insecure: true },
    } as const;
    const { connection, messages, opened } = connect(port, { target });
    await opened;
    connection.send('secret');
    await expect.poll(() => messages).toEqual(['secret']);
  });

  test('through a proxy, which is asked for a tunnel also without TLS', async () => {
    const { port } = await wsServer(echo);
    const asked: string[] = [];
    const proxy = net.createServer((inner) => {
      inner.once('data', (head: Buffer) => {
        asked.push(head.toString().split('\r\n')[0]!);
        const outer = net.connect(port, '127.0.0.1', () => {
          inner.write('HTTP/1.1 200 OK\r\n\r\n');
          inner.pipe(outer).pipe(inner);
        });
        outer.on('error', () => undefined);
      });
    });
    const proxyPort = await listen(proxy);
    const target = {
      ...optionsFor(port).target,
      proxy: { host: '127.0.0.1', port: proxyPort, authorization: undefined },
    };
    const { connection, messages, opened } = connect(port, { target });
    await opened;
    connection.send('through');
    await expect.poll(() => messages).toEqual(['through']);
    expect(asked).toEqual([`CONNECT 127.0.0.1:${port} HTTP/1.1`]);
  });
});

describe('no WebSocket', () => {
  test('nobody listens', async () => {
    const refusal = await connect(1).refused;
    expect(refusal).toMatchObject({ phase: 'tcp', head: undefined, error: { kind: 'refused' } });
  });

  test.each([
    [401, 'WWW-Authenticate: Bearer'],
    [429, 'Retry-After: 7'],
    [503, 'Retry-After: 7'],
  ])('the upgrade is answered with %i', async (status, header) => {
    const port = await listen(
      net.createServer((socket) =>
        socket.once('data', () => socket.end(`HTTP/1.1 ${status} No\r\n${header}\r\ncontent-length: 2\r\n\r\nno`)),
      ),
    );
    const { head, error, phase } = await connect(port).refused;
    expect([phase, error.kind, head?.status]).toEqual(['upgrade', 'status', status]);
    const [name, value] = header.split(': ') as [string, string];
    expect(head?.header(name)).toBe(value);
  });

  test('the connection is taken, and the upgrade never answered: it waits there for whoever asked to give up', async () => {
    const port = await listen(net.createServer());
    const { connection } = connect(port);
    await expect.poll(() => connection.phase).toBe('upgrade');
    expect([connection.state, connection.bytesIn]).toEqual(['connecting', 0]);
    connection.close();
    expect(connection.state).toBe('closed');
  });

  test('given up before it was open, it tells nothing more', async () => {
    let connections = 0;
    const port = await listen(net.createServer(() => connections++));
    const { connection, refused, opened } = connect(port);
    await expect.poll(() => connections).toBe(1);
    connection.close();
    expect(connection.state).toBe('closed');
    const told = Promise.race([refused, opened]).then(() => 'told');
    expect(await Promise.race([told, new Promise((resolve) => setTimeout(resolve, 50, 'silent'))])).toBe('silent');
  });

  test.each([
    ['Upgrade', 'h2c'],
    ['sec-websocket-key', 'mine'],
  ])('the header %s is ours', (name, value) => {
    expect(() => connect(1, { headers: { [name]: value } })).toThrow(
      `the header '${name}' belongs to the WebSocket handshake`,
    );
  });

  test('a line break in a subprotocol or a header is refused', () => {
    expect(() => connect(1, { protocols: ['a\r\nx: y'] })).toThrow('cannot be a WebSocket subprotocol');
    expect(() => connect(1, { headers: { a: 'b\r\nc: d' } })).toThrow(/header/);
  });
});
