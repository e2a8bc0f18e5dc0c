/**
 * Socket.IO 5 over Engine.IO 4, as a client on a WebSocket, by the official parsers: what the messages of the socket mean,
 * and what to send. Knows no connection.
 */
import type * as engineParser from 'engine.io-parser';
import type * as socketParser from 'socket.io-parser';
import type { Decoder, Encoder, Packet } from 'socket.io-parser';

export type Incoming =
  /** The session of Engine.IO; the namespace is asked for next. */
  | { readonly type: 'open'; readonly pingIntervalMs: number; readonly pingTimeoutMs: number }
  /** To be answered with `pong`. */
  | { readonly type: 'ping' }
  | { readonly type: 'connected'; readonly id: string }
  /** The namespace refused us. */
  | { readonly type: 'refused'; readonly message: string; readonly data: unknown }
  | {
      readonly type: 'event';
      readonly name: string;
      readonly args: readonly unknown[];
      readonly ackId: number | undefined;
    }
  | { readonly type: 'ack'; readonly id: number; readonly args: readonly unknown[] }
  /** The server puts us out of the namespace, and means it. */
  | { readonly type: 'disconnected' }
  /** The server ends the session of Engine.IO, when it shuts down for one. */
  | { readonly type: 'closed' };

export const pong = '3';

/** The official parsers; loaded when a test first asks for Socket.IO, because starting is a budget. */
export interface Parsers {
  readonly socket: typeof socketParser;
  readonly engine: typeof engineParser;
}

let loaded: Promise<Parsers> | undefined;

export function loadParsers(): Promise<Parsers> {
  loaded ??= Promise.all([import('socket.io-parser'), import('engine.io-parser')]).then(([socket, engine]) => ({
    socket,
    engine,
  }));
  return loaded;
}

export class SocketIoCodec {
  readonly #parsers: Parsers;
  readonly #namespace: string;
  readonly #encoder: Encoder;
  readonly #decoder: Decoder;
  #decoded: Packet | undefined;

  constructor(parsers: Parsers, namespace: string) {
    this.#parsers = parsers;
    this.#namespace = namespace;
    this.#encoder = new parsers.socket.Encoder();
    this.#decoder = new parsers.socket.Decoder();
    this.#decoder.on('decoded', (packet) => {
      this.#decoded = packet;
    });
  }

  /** undefined: nothing to act on, or more must come. Errors: what the parsers throw at rubbish. */
  read(data: string | Uint8Array): Incoming | undefined {
    const binary = typeof data === 'string' ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    const { type, data: content } = this.#parsers.engine.decodePacket(binary, 'nodebuffer') as {
      type: string;
      data: string | Buffer;
    };
    switch (type) {
      case 'open':
        return sessionOf(content as string);
      case 'ping':
        return { type: 'ping' };
      case 'close':
        return { type: 'closed' };
      case 'message':
        return this.#readPacket(content);
      case 'noop':
      case 'pong':
        return undefined;
      default:
        throw new Error('it is no Engine.IO packet');
    }
  }

  #readPacket(content: string | Buffer): Incoming | undefined {
    this.#decoded = undefined;
    this.#decoder.add(content);
    const packet = this.#decoded as Packet | undefined;
    // Of another namespace: nobody here has asked for it.
    if (packet?.nsp !== this.#namespace) return undefined;
    const { PacketType } = this.#parsers.socket;
    const data: unknown = packet.data;
    switch (packet.type) {
      case PacketType.CONNECT:
        return { type: 'connected', id: (data as { sid?: string } | undefined)?.sid ?? '' };
      case PacketType.CONNECT_ERROR: {
        const { message = 'refused', data: details } = (data ?? {}) as { message?: string; data?: unknown };
        return { type: 'refused', message, data: details };
      }
      case PacketType.DISCONNECT:
        return { type: 'disconnected' };
      case PacketType.EVENT:
      case PacketType.BINARY_EVENT: {
        const [name, ...args] = data as [unknown, ...unknown[]];
        return { type: 'event', name: String(name), args, ackId: packet.id };
      }
      case PacketType.ACK:
      case PacketType.BINARY_ACK:
        return { type: 'ack', id: packet.id ?? -1, args: data as unknown[] };
    }
  }

  connect(auth: Readonly<Record<string, unknown>> | undefined): readonly (string | Uint8Array)[] {
    return this.#write({ type: this.#parsers.socket.PacketType.CONNECT, nsp: this.#namespace, data: auth });
  }

  disconnect(): readonly (string | Uint8Array)[] {
    return this.#write({ type: this.#parsers.socket.PacketType.DISCONNECT, nsp: this.#namespace });
  }

  /** Binary values in `args` travel as frames of their own, after the first. */
  event(name: string, args: readonly unknown[], ackId: number | undefined): readonly (string | Uint8Array)[] {
    const type = this.#parsers.socket.PacketType.EVENT;
    const data = [name, ...args];
    return this.#write(
      ackId === undefined ? { type, nsp: this.#namespace, data } : { type, nsp: this.#namespace, data, id: ackId },
    );
  }

  ack(id: number, args: readonly unknown[]): readonly (string | Uint8Array)[] {
    return this.#write({ type: this.#parsers.socket.PacketType.ACK, nsp: this.#namespace, data: args, id });
  }

  #write(packet: Packet): readonly (string | Uint8Array)[] {
    // '4': a message of Engine.IO; binary frames need no mark.
    return this.#encoder
      .encode(packet)
      .map((part: string | Uint8Array) => (typeof part === 'string' ? `4${part}` : part));
  }
}

function sessionOf(text: string): Incoming {
  const { pingInterval, pingTimeout } = JSON.parse(text) as { pingInterval?: unknown; pingTimeout?: unknown };
  if (typeof pingInterval !== 'number' || typeof pingTimeout !== 'number') {
    throw new Error('its handshake says nothing of the heartbeat');
  }
  return { type: 'open', pingIntervalMs: pingInterval, pingTimeoutMs: pingTimeout };
}
