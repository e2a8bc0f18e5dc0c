/** What a subscriber needs of its connection: a WebSocket, one that speaks Socket.IO, or an event stream. */
import { TestFileError } from '../../../kernel/errors.ts';
import type { AnyConnection, MessageOf } from '../../../model/fan-out.ts';
import { Receiver } from '../sockets/receiver.ts';

/** Returns what takes the handler away. */
export function onEachMessage(
  connection: AnyConnection,
  handler: (message: MessageOf<AnyConnection>) => void,
): () => void {
  return 'onAny' in connection ? connection.onAny(handler) : connection.on('message', handler);
}

export function onceClosed(connection: AnyConnection, handler: () => void): () => void {
  return 'onClose' in connection ? connection.onClose(handler) : connection.on('close', handler);
}

/**
 * A fan-out brings its subscribers back itself: one that does so too would be there twice.
 *
 * Errors: TestFileError; the connection is closed.
 */
export async function assertStaysGone(connection: AnyConnection): Promise<void> {
  if (!(connection instanceof Receiver && connection.comesBack())) return;
  await connection.close();
  throw new TestFileError(
    'connect gave a connection that comes back by itself: leave `reconnect` out of connect, and give it to fanOut',
  );
}
