/** Leaving without a word. */
import type { Socket } from 'node:net';

/** Node cannot reset what TLS has taken over: there the connection ends without TLS's own farewell. */
export function reset(socket: Socket): void {
  if ('encrypted' in socket) socket.destroy();
  else socket.resetAndDestroy();
}
