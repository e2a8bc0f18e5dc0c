/**
 * Offers to upgrade that nobody takes: h2c by `curl --http2` or Java's HttpClient, or a WebSocket where there is none. They
 * are to be ignored, and the request answered (RFC 9110, section 7.8). But Node leaves every request with such an offer,
 * its body unread, to those who listen for 'upgrade', and Socket.IO takes its own path alone.
 */
import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

const offers = new Set(['upgrade', 'http2-settings']);

type IsTaken = (request: IncomingMessage) => boolean;

/** For `createServer`: since 24.9 Node asks. Its types do not know that yet. */
export function upgradeOptions(isTaken: IsTaken): ServerOptions {
  return { shouldUpgradeCallback: isTaken } as ServerOptions;
}

/**
 * Before 24.9: the others are put back in front of their connection without the offer, and read again. To be called before
 * anybody else listens for upgrades.
 */
export function answerForeignUpgrades(server: Server, isTaken: IsTaken): void {
  // Of more than some thousand headers Node would not tell the rest, and one that said how long the body is might be among them.
  server.maxHeadersCount = 0;
  server.on('upgrade', (request, socket, head) => {
    if (isTaken(request)) return;
    const again = Buffer.concat([headOf(request), head]);
    // Nobody else takes it for theirs.
    request.url = '';
    readAgain(server, socket, again);
  });
}

/** After the answers to what came before it on the same connection. */
function readAgain(server: Server, socket: Duplex, bytes: Buffer): void {
  const { _httpMessage: before } = socket as { _httpMessage?: ServerResponse | null };
  if (before) {
    // Node listens no longer, and an error that nobody hears ends the process.
    socket.on('error', ignore);
    before.once('close', () => {
      socket.off('error', ignore);
      readAgain(server, socket, bytes);
    });
  } else if (!socket.destroyed) {
    socket.unshift(bytes);
    server.emit('connection', socket);
  }
}

function ignore(): void {
  // The connection ends with it.
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
