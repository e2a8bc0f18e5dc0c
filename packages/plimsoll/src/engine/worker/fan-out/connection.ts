/** What a subscriber needs of its connection: a WebSocket, one that speaks Socket.IO, or an event stream. */
import type { AnyConnection, MessageOf } from '../../../model/fan-out.ts';

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
