/**
 * A WebSocket server of our own that does to each visitor exactly what the test says, wrong or right. It is written from
 * the texts, on node:net, so that neither a library nor the tool's own code decides what goes over the wire.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import * as net from 'node:net';
import * as tls from 'node:tls';
import { onTestFinished } from 'vitest';

export interface PlantedSockets {
  readonly port: number;
  /** 'http://127.0.0.1:1234' */
  readonly url: string;
  /** TCP connections, whatever became of them. */
  readonly connections: number;
  /** Those that asked for an upgrade. */
  readonly visitors: readonly Visitor[];
  /** Of all connections, those that stand. */
  readonly open: number;
  /** No more visitors, and those that there are lose their connection. */
  stop(): void;
}

export interface PlantedOptions {
  readonly tls?: tls.TlsOptions;
  /** Between the connection and the server's part of the TLS handshake. */
  readonly tlsDelayMs?: number;
  /** How long that took by the server's own clock. */
  readonly tlsHeldMs?: (ms: number) => void;
  /** Called with the connection itself; true: nothing is read from it, and nothing sent. */
  readonly ignores?: (index: number) => boolean;
}

export async function plantedSockets(
  welcome: (visitor: Visitor) => void,
  options: PlantedOptions = {},
): Promise<PlantedSockets> {
  const visitors: Visitor[] = [];
  const open = new Set<net.Socket>();
  let connections = 0;
  const receive = (socket: net.Socket): void => {
    const visitor = new Visitor(socket, () => {
      visitor.index = visitors.push(visitor) - 1;
      welcome(visitor);
    });
  };
  const server = net.createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
    const index = connections++;
    open.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => open.delete(socket));
    if (options.ignores?.(index) === true) return;
    const secure = options.tls;
    if (secure === undefined) {
      socket.resume();
      receive(socket);
      return;
    }
    const acceptedMs = performance.now();
    setTimeout(() => {
      options.tlsHeldMs?.(performance.now() - acceptedMs);
      const wrapped = new tls.TLSSocket(socket, { isServer: true, ...secure });
      wrapped.on('error', () => undefined);
      receive(wrapped);
    }, options.tlsDelayMs ?? 0);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = (): void => {
    server.close();
    for (const socket of open) socket.resetAndDestroy();
  };
  onTestFinished(stop);
  const { port } = server.address() as net.AddressInfo;
  return {
    port,
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    visitors,
    stop,
    get connections() {
      return connections;
    },
    get open() {
      return open.size;
    },
  };
}

const opcodes = { text: 1, close: 8, ping: 9, pong: 10 };

/** One connection that asks for an upgrade, and what the server may do with it. */
export class Visitor {
  readonly socket: net.Socket;
  /** From 0, in the order in which they asked. */
  index = -1;
  /** The request as it was sent. */
  request = '';
  received = 0;
  sent = 0;
  pings = 0;
  /** Of the client's close frame; 1005 for one without a code. */
  closeCode: number | undefined;
  /** By the number of the ping, from 0. */
  answersPing: (index: number) => boolean = () => true;
  onText: (text: string) => void = () => undefined;
  #isUpgraded = false;
  #waiting: Buffer = Buffer.alloc(0);

  constructor(socket: net.Socket, asked: () => void) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#waiting = Buffer.concat([this.#waiting, chunk]);
      if (this.request === '') {
        const end = this.#waiting.indexOf('\r\n\r\n');
        if (end < 0) return;
        this.request = this.#waiting.subarray(0, end + 4).toString('latin1');
        this.#waiting = this.#waiting.subarray(end + 4);
        asked();
      }
      if (this.#isUpgraded) this.#readFrames();
    });
  }

  get path(): string {
    return this.request.split(' ', 2)[1]!;
  }

  header(name: string): string | undefined {
    return new RegExp(`\r\n${name}: ([^\r]*)\r\n`, 'i').exec(this.request)?.[1];
  }

  /** 101. @param head further lines of the answer, each with its line break */
  accept(head = ''): void {
    const key = this.header('sec-websocket-key') ?? '';
    const answer = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    this.#isUpgraded = true;
    this.socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${answer}\r\n${head}\r\n`,
    );
  }

  refuse(status: number, head = '', body = ''): void {
    const length = `content-length: ${Buffer.byteLength(body)}`;
    this.socket.end(`HTTP/1.1 ${status} Planted\r\n${length}\r\nconnection: close\r\n${head}\r\n${body}`);
  }

  send(text: string): void {
    this.sent++;
    this.socket.write(frame(opcodes.text, Buffer.from(text)));
  }

  /** Ends the connection once the client has answered. */
  close(code: number, reason = ''): void {
    const payload = Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]);
    this.socket.write(frame(opcodes.close, payload));
  }

  /** Without a close frame. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  #readFrames(): void {
    for (let next = readFrame(this.#waiting); next !== undefined; next = readFrame(this.#waiting)) {
      this.#waiting = this.#waiting.subarray(next.length);
      this.#handle(next.opcode, next.payload);
    }
  }

  #handle(opcode: number, payload: Buffer): void {
    if (opcode === opcodes.text) {
      this.received++;
      this.onText(payload.toString());
    } else if (opcode === opcodes.ping) {
      if (this.answersPing(this.pings++)) this.socket.write(frame(opcodes.pong, payload));
    } else if (opcode === opcodes.close) {
      this.closeCode = payload.length < 2 ? 1005 : payload.readUInt16BE(0);
      this.socket.end(frame(opcodes.close, payload.subarray(0, 2)));
    }
  }
}

/** A whole frame without a mask, as servers send them. */
function frame(opcode: number, payload: Uint8Array): Buffer {
  const { length } = payload;
  const first = 0x80 | opcode;
  const head =
    length < 126 ? [first, length] : length < 65_536 ? [first, 126, length >> 8, length & 255] : [first, 127];
  if (length < 65_536) return Buffer.concat([Buffer.from(head), payload]);
  const long = Buffer.alloc(8);
  long.writeBigUInt64BE(BigInt(length));
  return Buffer.concat([Buffer.from(head), long, payload]);
}

/** The first frame of a client, if it is there whole. */
function readFrame(
  bytes: Buffer,
): { readonly opcode: number; readonly payload: Buffer; readonly length: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes[1]! & 127;
  const maskAt = short === 127 ? 10 : short === 126 ? 4 : 2;
  if (bytes.length < maskAt + 4) return undefined;
  const size = short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short;
  const start = maskAt + 4;
  if (bytes.length < start + size) return undefined;
  const payload = Buffer.from(bytes.subarray(start, start + size));
  for (let at = 0; at < size; at++) payload[at]! ^= bytes[maskAt + (at % 4)]!;
  return { opcode: bytes[0]! & 15, payload, length: start + size };
}
