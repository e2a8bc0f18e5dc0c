/**
 * Offers to upgrade that nobody takes: h2c by `curl --http2` or Java's HttpClient, or a WebSocket where there is none. They
 * are to be ignored, and the request answered (RFC 9110, section 7.8). But Node leaves every request with such an offer,
 * its body unread, to those who listen for 'upgrade', and Socket.IO takes its own path alone.
 */
import type { IncomingMessage, Server, ServerOptions } from 'node:http';

const offers = new Set(['upgrade', 'http2-settings']);

/** For `createServer`: since 24.9 Node asks. Its types do not know that yet. */
export function upgradeOptions(isTaken: (path: string) => boolean): ServerOptions {
  return { shouldUpgradeCallback: ({ url }: IncomingMessage) => isTaken(url ?? '') } as ServerOptions;
}

/** Before 24.9: the others are put back in front of their connection without the offer, and read again. */
export function answerForeignUpgrades(server: Server, isTaken: (path: string) => boolean): void {
  server.on('upgrade', (request, socket, head) => {
    if (isTaken(request.url ?? '')) return;
    if (head.length > 0) socket.unshift(head);
    socket.unshift(headOf(request));
    server.emit('connection', socket);
  });
}

function headOf({ method, url, httpVersion, rawHeaders }: IncomingMessage): Buffer {
  let text = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!;
    const lower = name.toLowerCase();
    if (offers.has(lower)) continue;
    const value = lower === 'connection' ? withoutOffers(rawHeaders[at + 1]!) : rawHeaders[at + 1]!;
    if (value !== '' || lower !== 'connection') text += `${name}: ${value}\r\n`;
  }
  return Buffer.from(`${text}\r\n`, 'latin1');
}

function withoutOffers(connection: string): string {
  const options = connection.split(',').map((option) => option.trim());
  return options.filter((option) => !offers.has(option.toLowerCase())).join(', ');
}
