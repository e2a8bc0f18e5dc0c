/** Socket.IO as a test file meets it. The behaviour behind these types is in `engine/worker/io`. */
import type { Duration } from './load-model.ts';
import type { ConnectOptions, NextOptions, SocketEnd, SocketError } from './socket.ts';

/** How long to wait before each attempt to come back. The defaults are those of the official client. */
export interface ReconnectOptions {
  /** Before the first attempt. Default '1s'. */
  readonly delay?: Duration;
  /** No wait is longer. Default '5s', or `delay` where that is longer. */
  readonly maxDelay?: Duration;
  /** Each wait is so many times the one before. Default 2. */
  readonly factor?: number;
  /** A wait is made shorter or longer by up to this share of itself, from the seed, so that not all come back at once. Default 0.5. */
  readonly jitter?: number;
  /** It is given up after so many in a row. Default: none is the last, until the end of the test. */
  readonly attempts?: number;
}

export interface Reconnected {
  /** That it took; 1 where the first was good. */
  readonly attempts: number;
  /** From the loss to when the namespace was joined again. */
  readonly awayMs: number;
}

/** What carries a session: a WebSocket, or HTTP requests that wait for what the server has to say. */
export type IoTransport = 'polling' | 'websocket';

export interface IoOptions extends ConnectOptions {
  /** Default '/'. */
  readonly namespace?: string;
  /** Sent with the request for the namespace: what `socket.handshake.auth` is at the server. */
  readonly auth?: Readonly<Record<string, unknown>>;
  /**
   * ['websocket'], the default: at once. ['polling', 'websocket']: as browsers do, by polling until a WebSocket of the same
   * session stands; where that fails, polling goes on. ['polling']: for good.
   */
  readonly transports?: readonly IoTransport[];
  /**
   * Comes back by itself once it has been joined and the connection is lost: by the network, a server that ends, a missed
   * heartbeat, or `terminate` and `silence`. Not after `close`, nor when the server disconnects it or refuses the namespace.
   * Default false.
   */
  readonly reconnect?: boolean | ReconnectOptions;
}

export interface IoEvent {
  readonly name: string;
  readonly args: readonly unknown[];
  /** Milliseconds of the tool's clock; only differences mean something. */
  readonly receivedMs: number;
}

export interface IoSocket {
  /** The namespace was joined. */
  readonly ok: boolean;
  /** Of the first answer: 101 where a WebSocket stood, 200 of polling; 0 without an answer. */
  readonly status: number;
  /** Why it did not, or why it was not joined again; of kind 'namespace' where the namespace refused. */
  readonly error: SocketError | undefined;
  /** What the server sent along with its refusal. */
  readonly refusal: unknown;
  /** That carries it now. */
  readonly transport: IoTransport;
  /** The server's name for this socket, a new one each time it is joined; '' where there is none. */
  readonly id: string;
  /** From when it was due to when the namespace was joined; of the last time. */
  readonly connectMs: number;
  /** false while it is lost and not back. */
  readonly isOpen: boolean;
  /** What the system has not taken yet. */
  readonly bufferedBytes: number;
  /** Returns this, or ends the iteration where `ok` is false. */
  orThrow(): this;
  /** false: it is not open, and nothing was sent. */
  emit(name: string, ...args: readonly unknown[]): boolean;
  /** The first argument of the acknowledgement. Ends the iteration, or its step, when none comes within `http.timeout`. */
  emitWithAck<T = unknown>(name: string, ...args: readonly unknown[]): Promise<T>;
  /**
   * Hands every event of that name to the handler, also those that have come and nobody has taken. A
   * `next` that waits still sees them. Returns what takes the handler away.
   */
  on(name: string, handler: (...args: readonly unknown[]) => void): () => void;
  /**
   * Hands every event to the handler, whatever its name and also those nobody has taken yet, before the handlers of `on`;
   * `next` still sees them. An event that asks for an acknowledgement has the function that gives it as its last argument.
   * Returns what takes the handler away.
   */
  onAny(handler: (event: IoEvent) => void): () => void;
  /** Told each time the connection has ended: once, or with `reconnect` after every loss. Returns what takes it away. */
  onClose(handler: (end: SocketEnd) => void): () => void;
  /** Told when it was lost and the namespace is joined again, under a new `id`; the server knows nothing of its rooms. */
  onReconnect(handler: (info: Reconnected) => void): () => void;
  /** The first event of that name that the predicate likes, of those nobody has taken or of those to come. With `reconnect` it waits through a loss. */
  next(name: string, predicate?: (event: IoEvent) => boolean, options?: NextOptions): Promise<IoEvent>;
  /** As of a WebSocket: a question and its answer as one request of the series `name`. */
  step<T>(name: string, body: () => Promise<T>, options?: NextOptions): Promise<T | undefined>;
  /** Leaves the namespace and closes, for good; resolves when the connection has ended. */
  close(): Promise<SocketEnd>;
  /** Leaves without a word; with `reconnect` it comes back. */
  terminate(how: 'reset' | 'fin'): void;
  /** Reads and answers nothing more, as if the network were gone. */
  silence(): void;
}

export interface Io {
  /** `path` is the server's own, default '/socket.io/'. Resolves also when refused: look at `ok`. */
  connect(options?: IoOptions & { readonly path?: string }): Promise<IoSocket>;
}
