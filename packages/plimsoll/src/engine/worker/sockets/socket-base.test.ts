import { expect, test } from 'vitest';
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
