/** A server that answers one upgrade and then sends what a case says, in pieces; and notes what the client sends. */
import { createHash } from 'node:crypto';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { clientFrames, close, type ClientFrame } from './frames.ts';

export interface Script {
  /** The answer to the upgrade; default: a right one. `accept` is what the key asks for. */
  readonly answer?: (accept: string) => string;
  readonly extensions?: string;
  /** None: the server ends the connection after its answer. */
  readonly pieces: readonly Buffer[];
}

export interface Heard {
  readonly request: string;
  readonly frames: readonly ClientFrame[];
}

export interface ScriptedServer {
  readonly port: number;
  /** For the next connection; resolves when it is over. */
  play(script: Script): Promise<Heard>;
  stop(): Promise<void>;
}

export async function scriptedServer(): Promise<ScriptedServer> {
  let next: ((socket: Socket) => void) | undefined;
  const server = createServer((socket) => next?.(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    play: (script) =>
      new Promise((resolve) => {
        next = (socket) => {
          next = undefined;
          serve(socket, script, resolve);
        };
      }),
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function serve(socket: Socket, script: Script, done: (heard: Heard) => void): void {
  let request: string | undefined;
  let received = Buffer.alloc(0);
  const frames: ClientFrame[] = [];
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  socket.on('close', () => {
    done({ request: request ?? '', frames });
  });
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    if (request === undefined) {
      const end = received.indexOf('\r\n\r\n');
      if (end < 0) return;
      request = received.toString('latin1', 0, end + 4);
      received = received.subarray(end + 4);
      socket.write(upgradeAnswer(request, script), 'latin1');
      void send(socket, script.pieces);
    }
    const read = clientFrames(received);
    received = Buffer.from(read.rest);
    frames.push(...read.frames);
    // The client has closed, or answered our close: the server ends the connection first.
    if (read.frames.some((each) => each.opcode === 8)) socket.end();
  });
}

/** A piece at a time, each in a turn of its own, so that each is a read of its own at the other end. */
async function send(socket: Socket, pieces: readonly Buffer[]): Promise<void> {
  if (pieces.length === 0) socket.end();
  for (const piece of pieces) {
    if (socket.destroyed) return;
    socket.write(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export function upgradeAnswer(request: string, { answer, extensions }: Omit<Script, 'pieces'>): string {
  const key = /^sec-websocket-key: (.*)\r$/im.exec(request)?.[1] ?? '';
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  if (answer !== undefined) return answer(accept);
  const extra = extensions === undefined ? '' : `Sec-WebSocket-Extensions: ${extensions}\r\n`;
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${extra}\r\n`;
}

/** What a case sends, and the orderly end that follows it. */
export function withClose(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, close(1000, 'end')]);
}
