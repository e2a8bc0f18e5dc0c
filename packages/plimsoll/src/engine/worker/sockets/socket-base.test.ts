import { expect, test, vi } from 'vitest';
import { VirtualClock } from '../../../kernel/virtual-clock.ts';
import { transportError, type TransportError } from '../../../protocol/net/error-kind.ts';
import { liveIoSocket, liveSocket } from '../ws/live-socket.fixture.ts';

const masked = transportError('protocol', 'the server sent a masked frame');
const tooLarge = transportError('too-large', 'the server sent a message of more than 10 bytes');

test.each<[code: number, reason: string, error: TransportError | undefined, told: string]>([
  [1006, '', masked, 'the server sent a masked frame'],
  [1009, '', tooLarge, 'the server sent a message of more than 10 bytes'],
  [1011, 'overloaded', undefined, 'overloaded'],
  [1001, '', undefined, ''],
])('why a connection ended with %i %j is told at its end, and to whoever waits', async (code, reason, error, told) => {
  const [{ socket: ws }, { socket: io }] = [liveSocket(), liveIoSocket()];
  for (const [socket, waiting] of [[ws, ws.next()] as const, [io, io.next('said')] as const]) {
    const ended = new Promise((resolve) => {
      socket.onClose(resolve);
    });
    socket.closed(code, reason, error === undefined, error);
    expect(await ended).toEqual({ code, reason: told, wasClean: error === undefined });
    const why = told === '' ? `it ended with ${code}` : `it ended with ${code}: ${told}`;
    await expect(waiting).rejects.toThrow(new RegExp(`not open: ${why}$`));
  }
});

test('the test leaves without a word: the end says so, and so does what waits', async () => {
  for (const { socket } of [liveSocket(), liveIoSocket()]) {
    const ended = new Promise((resolve) => {
      socket.onClose(resolve);
    });
    socket.terminate('reset');
    expect(await ended).toEqual({ code: 1006, reason: 'the test left without a close frame', wasClean: false });
  }
});

test('Socket.IO: a heart that stops, and a packet that nobody can read, are the reasons of the end', async () => {
  const clock = new VirtualClock(0);
  const [silent, garbled] = [liveIoSocket(clock).socket, liveIoSocket().socket];
  const ends: unknown[] = [];
  for (const socket of [silent, garbled]) socket.onClose((end) => ends.push(end));
  await clock.pass(60_000);
  garbled.message('rubbish');
  expect(ends).toEqual([
    { code: 1006, reason: 'no ping of the server came within 60000 ms', wasClean: false },
    { code: 1000, reason: 'the server sent a packet that cannot be read: nobody can read it', wasClean: true },
  ]);
});

test('connections of 10,000 names that fail open are told as often as series are told apart', () => {
  const { bench } = liveSocket();
  const told = vi.spyOn(bench.settings.recorder, 'tellOnce');
  for (let n = 0; n < 10_000; n++) liveSocket(`WS /${n}`, bench).socket.closed(1006, '', false, masked);
  expect(told).toHaveBeenCalledTimes(10_000);
  expect(new Set(told.mock.calls.map(([key]) => key)).size).toBe(201);
});

test('what the connection could not send yet is buffered', () => {
  const { socket, carrier } = liveSocket();
  expect(socket.bufferedBytes).toBe(0);
  carrier.bufferedBytes = 70_000;
  expect(socket.bufferedBytes).toBe(70_000);
});
