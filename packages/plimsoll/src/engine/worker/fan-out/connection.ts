/** What a subscriber needs of its connection, whether that is a WebSocket or speaks Socket.IO. */
import type { AnyConnection } from '../../../model/fan-out.ts';
import type { IoEvent, IoSocket } from '../../../model/socket-io.ts';
import type { SocketMessage } from '../../../model/socket.ts';

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
