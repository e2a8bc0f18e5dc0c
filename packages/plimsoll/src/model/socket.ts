/** WebSockets as a test file meets them. The behaviour behind these types is in `engine/worker/ws`. */
import type { Duration } from './load-model.ts';

/** Why there is no socket or stream: the kinds are those of requests. */
export interface SocketError {
  readonly kind: string;
  readonly message: string;
}

/** How a socket or a stream is asked for. */
export interface OpenOptions {
  /** Appended to the path; not part of the series' name. An array repeats the key. */
  readonly query?: Readonly<Record<string, string | number | boolean | readonly (string | number)[] | undefined>>;
  /** Sent with the request that asks for it. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A token: `authorization: Bearer …`. */
  readonly bearer?: string;
  /** `authorization: Basic …`. */
  readonly basic?: { readonly user: string; readonly password: string };
  /** From the name's look-up to the head of the answer. Default: the test's `http.timeout`. */
  readonly timeout?: Duration;
  /** Replaces the series' name, which is 'WS /path', 'IO /namespace' or 'SSE /path'. */
  readonly name?: string;
}

/** How a socket is opened, of whatever kind. */
export interface ConnectOptions extends OpenOptions {
  /** Offers permessage-deflate; messages from `threshold` bytes on (default 1024) are then sent compressed. Default false. */
  readonly compress?:
    | boolean
    | {
        readonly threshold?: number;
        /** Asks the server to forget its window after each message: less memory on both sides. */
        readonly serverNoContextTakeover?: boolean;
      };
  /** A longer message ends the connection: a WebSocket with 1006 and the reason in words, polling with 1009. Default 16 MiB. */
  readonly maxMessageBytes?: number;
}

export interface SocketOptions extends ConnectOptions {
  /** Values for `{name}` in the path; they are percent-encoded and not part of the series' name. */
  readonly path?: Readonly<Record<string, string | number>>;
  /** Subprotocols, the most wanted first. */
  readonly protocols?: readonly string[];
}

export interface SocketMessage {
  readonly data: string | Uint8Array;
  readonly isBinary: boolean;
  /** Milliseconds of the tool's clock; only differences mean something. */
  readonly receivedMs: number;
  /** The data as UTF-8. */
  text(): string;
  /** Throws a readable error when the data is not JSON. */
  json<T = unknown>(): T;
}

export interface SocketEnd {
  /**
   * 1005: a close frame without a code; 1006: none at all, or the server broke the protocol. Of an event stream: 1000 whole
   * or left, 1006 broken off, 1009 an event too large. Of Socket.IO's polling too: 1009 a message too large.
   */
  readonly code: number;
  /** What the server gave; else, where the end was not orderly, why in words: its fault, that of the network, or the test's own leaving. */
  readonly reason: string;
  readonly wasClean: boolean;
}

export interface NextOptions {
  /** Default: the test's `http.timeout`. */
  readonly timeout?: Duration;
}

/** A message in several frames, compressed or not. */
export interface SendOptions {
  /** The most that one frame carries; of a text the cut may go through a character. */
  readonly fragmentBytes: number;
  /** A ping after every frame but the last, as the protocol allows. Default false. */
  readonly pingsBetween?: boolean;
}

export interface Socket {
  /** The WebSocket stood. */
  readonly ok: boolean;
  /** Of the answer to the upgrade: 101 where it stood; 0 without an answer. */
  readonly status: number;
  /** Why it did not stand; undefined where it did. */
  readonly error: SocketError | undefined;
  /** The subprotocol agreed on, or ''. */
  readonly protocol: string;
  /** A header of the answer to the upgrade, `retry-after` of a refusal for one. */
  header(name: string): string | undefined;
  /** From when it was due to when it stood. */
  readonly connectMs: number;
  readonly isOpen: boolean;
  /** What the system has not taken yet: it grows when the server does not read. */
  readonly bufferedBytes: number;
  /** Returns this, or ends the iteration where `ok` is false. */
  orThrow(): this;
  /** false: it is not open, and nothing was sent. */
  send(data: string | Uint8Array, options?: SendOptions): boolean;
  /** The value as JSON. */
  sendJson(value: unknown): boolean;
  /**
   * The first message, of those that have come and nobody has taken or of those to come, that the predicate likes. Ends
   * the iteration, or the step it is in, when time is over or the socket ends before.
   */
  next(predicate?: (message: SocketMessage) => boolean, options?: NextOptions): Promise<SocketMessage>;
  /**
   * Hands every message to the handler, also those that have come and nobody has taken. A `next` that
   * waits still sees them. Returns what takes the handler away.
   */
  on(event: 'message', handler: (message: SocketMessage) => void): () => void;
  on(event: 'close', handler: (end: SocketEnd) => void): () => void;
  /** A ping and its pong: a series 'PING …'. The round trip in ms, or undefined when no pong came. */
  ping(options?: NextOptions): Promise<number | undefined>;
  /**
   * A request and its reply: what the body does on this socket is one request of the series `name`, from now to the end of
   * the body. A `next` in it that gets nothing fails it, and gives undefined; anything else thrown ends the iteration too.
   */
  step<T>(name: string, body: () => Promise<T>, options?: NextOptions): Promise<T | undefined>;
  /**
   * The closing handshake; resolves when the connection has ended. The code is 1000, or 3000 to 4999; the reason has at most
   * 123 bytes of UTF-8. Anything else ends the iteration.
   */
  close(code?: number, reason?: string): Promise<SocketEnd>;
  /** Leaves without a close frame. */
  terminate(how: 'reset' | 'fin'): void;
  /** Reads and answers nothing more, as if the network were gone. */
  silence(): void;
}

export interface Ws {
  /** A path of the target, or ws://…, wss://…. Resolves also when there is no WebSocket: look at `ok`. */
  connect(path: string, options?: SocketOptions): Promise<Socket>;
}
