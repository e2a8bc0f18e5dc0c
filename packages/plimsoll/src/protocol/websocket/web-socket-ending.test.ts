/** How a WebSocket ends, and one that falls silent. */
import * as net from 'node:net';
import type { WebSocket } from 'ws';
import { describe, expect, test } from 'vitest';
import { listen } from '../../../test/support/dialling.ts';
import { connect, wsServer } from './web-socket.fixture.ts';

describe('against a ws server', () => {
  test('we close: the server hears the code and the reason, and both ends agree', async () => {
    const heard: unknown[] = [];
    const { port } = await wsServer((socket) =>
      socket.on('close', (code, reason) => heard.push(code, reason.toString())),
    );
    const { connection, opened, closed } = connect(port);
    await opened;
    connection.close(4001, 'enough');
    expect(connection.send('late')).toBe(false);
    expect(await closed).toEqual({ code: 4001, reason: 'enough', wasClean: true, error: undefined });
    await expect.poll(() => heard).toEqual([4001, 'enough']);
    expect(connection.state).toBe('closed');
  });

  test.each([1001, 1011, 4999])('the server closes with %i', async (code) => {
    const { port } = await wsServer((socket) => {
      socket.close(code, 'because');
    });
    expect(await connect(port).closed).toEqual({ code, reason: 'because', wasClean: true, error: undefined });
  });

  test('the server is gone without a close frame: 1006, and why', async () => {
    const { port } = await wsServer((socket) => {
      socket.terminate();
    });
    const { code, wasClean, error } = await connect(port).closed;
    expect([code, wasClean]).toEqual([1006, false]);
    expect(error?.message).toBe('the connection ended without a close frame');
  });

  test.each(['reset', 'fin'] as const)('we leave by %s: the server sees 1006', async (how) => {
    const codes: number[] = [];
    const { port } = await wsServer((socket) => socket.on('close', (code) => codes.push(code)));
    const { connection, opened, closed } = connect(port);
    await opened;
    connection.terminate(how);
    expect((await closed).code).toBe(1006);
    await expect.poll(() => codes).toEqual([1006]);
  });

  test('silent, it answers no ping and hears nothing', async () => {
    let socket: WebSocket | undefined;
    let pongs = 0;
    const { port } = await wsServer((each) => {
      socket = each;
      each.on('pong', () => pongs++);
    });
    const { connection, messages, opened } = connect(port);
    await opened;
    socket!.ping();
    await expect.poll(() => pongs).toBe(1);
    connection.silence();
    // A read that was under way may still come; what is sent after it does not.
    socket!.send('into the void', () => socket!.ping());
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([pongs, messages]).toEqual([1, []]);
  });

  test('silent from the first of two messages on, it does not hear the second, nor answer the ping behind it', async () => {
    let pongs = 0;
    const { port, server } = await wsServer((socket) => socket.on('pong', () => pongs++));
    server.on('connection', (socket, { socket: below }) => {
      // In one piece, so that one read has all three.
      below.cork();
      socket.send('a');
      socket.send('b');
      socket.ping();
      below.uncork();
    });
    const { connection, messages } = connect(port, {}, () => {
      connection.silence();
    });
    await expect.poll(() => messages).toEqual(['a']);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([messages, pongs]).toEqual([['a'], 0]);
  });

  test('silent before the connection stands, it does not ask for the upgrade either', async () => {
    let [connections, requests] = [0, 0];
    const raw = net.createServer((socket) => {
      connections++;
      socket.on('data', () => requests++);
    });
    const { connection } = connect(await listen(raw));
    connection.silence();
    await expect.poll(() => connection.phase).toBe('upgrade');
    await expect.poll(() => connections).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([requests, connection.state]).toEqual([0, 'connecting']);
    connection.terminate('reset');
    expect(connection.state).toBe('closed');
  });
});

test('a close that the server does not answer ends after its time', async () => {
  const { port } = await wsServer((socket) => {
    socket.pause();
  });
  const { connection, opened, closed } = connect(port, { closeTimeoutMs: 30 });
  await opened;
  connection.close(1000);
  const { code, wasClean, error } = await closed;
  expect([code, wasClean, error?.kind]).toEqual([1006, false, 'timeout']);
});
