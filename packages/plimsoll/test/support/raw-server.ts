/** A server that answers with exactly the bytes a test wants, for what no well-behaved server would send. */
import { once } from 'node:events';
import * as net from 'node:net';
import { onTestFinished } from 'vitest';

export interface RawRequest {
  readonly socket: net.Socket;
  /** From the request line to the end of the body. */
  readonly text: string;
  /** 'GET /path' */
  readonly line: string;
  /** From 0, over all connections. */
  readonly index: number;
  /** From 0, on its connection. */
  readonly indexOnConnection: number;
}

export interface RawServer {
  readonly port: number;
  readonly url: string;
  readonly requests: readonly RawRequest[];
  /** Of all connections ever made, those that are still open. */
  readonly sockets: ReadonlySet<net.Socket>;
  connectionsMade: number;
}

export async function rawServer(answer: (request: RawRequest) => void): Promise<RawServer> {
  const requests: RawRequest[] = [];
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    let waiting = '';
    let indexOnConnection = 0;
    made.connectionsMade++;
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (chunk: Buffer) => {
      waiting += chunk.toString('latin1');
      for (let length = requestLength(waiting); length > 0; length = requestLength(waiting)) {
        const text = waiting.slice(0, length);
        waiting = waiting.slice(length);
        const line = text.split(' ', 2).join(' ');
        const request = { socket, text, line, index: requests.length, indexOnConnection: indexOnConnection++ };
        requests.push(request);
        answer(request);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as net.AddressInfo;
  const made = { port, url: `http://127.0.0.1:${port}`, requests, sockets, connectionsMade: 0 };
  return made;
}

/** 0 while the request is not whole. */
function requestLength(text: string): number {
  const head = text.indexOf('\r\n\r\n');
  if (head < 0) return 0;
  if (text.includes('\r\ntransfer-encoding: chunked\r\n')) {
    const end = text.indexOf('\r\n0\r\n\r\n', head);
    return end < 0 ? 0 : end + 7;
  }
  const length = head + 4 + Number(/\r\ncontent-length: (\d+)/.exec(text)?.[1] ?? 0);
  return text.length < length ? 0 : length;
}

export function answerOf(body: string, head = ''): string {
  return `HTTP/1.1 200 OK\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${head}\r\n${body}`;
}

/** Writes the pieces with a turn of the event loop between them, so that each arrives by itself. */
export async function writePieces(socket: net.Socket, pieces: readonly (string | Uint8Array)[]): Promise<void> {
  for (const piece of pieces) {
    socket.write(piece);
    await pause(1);
  }
}

/** Real time, for what only a real server does. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
