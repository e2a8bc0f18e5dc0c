/** What a subscriber needs of its connection, whether that is a WebSocket or speaks Socket.IO. */
import { TestFileError } from '../../../kernel/errors.ts';
import type { AnyConnection } from '../../../model/fan-out.ts';
import type { IoEvent, IoSocket } from '../../../model/socket-io.ts';
import type { SocketMessage } from '../../../model/socket.ts';
import { LiveIoSocket } from '../ws/live-io-socket.ts';

type AnyMessage = SocketMessage | IoEvent;

function isIo(connection: AnyConnection): connection is IoSocket {
  return 'emitWithAck' in connection;
}

/** Returns what takes the handler away. */
export function onEachMessage(connection: AnyConnection, handler: (message: AnyMessage) => void): () => void {
  return isIo(connection) ? connection.onAny(handler) : connection.on('message', handler);
}

export function onceClosed(connection: AnyConnection, handler: () => void): () => void {
  return isIo(connection) ? connection.onClose(handler) : connection.on('close', handler);
}

/**
 * A fan-out brings its subscribers back itself: a socket that does so too would be there twice.
 *
 * Errors: TestFileError; the socket is closed.
 */
export async function assertStaysGone(connection: AnyConnection): Promise<void> {
  if (!(connection instanceof LiveIoSocket) || !connection.comesBack()) return;
  await connection.close();
  throw new TestFileError(
    'connect gave a socket that comes back by itself: leave `reconnect` out of io.connect, and give it to fanOut',
  );
}
