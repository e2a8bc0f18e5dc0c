/** Socket.IO as a test file meets it. The behaviour behind these types is in `engine/worker/ws`. */
import type { ConnectOptions, NextOptions, SocketEnd, SocketError } from './socket.ts';

export interface IoOptions extends ConnectOptions {
  /** Default '/'. */
  readonly namespace?: string;
  /** Sent with the request for the namespace: what `socket.handshake.auth` is at the server. */
  readonly auth?: Readonly<Record<string, unknown>>;
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
  /** Of the answer to the upgrade: 101 where the WebSocket stood; 0 without an answer. */
  readonly status: number;
  /** Why it did not; of kind 'namespace' where the namespace refused. */
  readonly error: SocketError | undefined;
  /** What the server sent along with its refusal. */
  readonly refusal: unknown;
  /** The server's name for this socket; '' where there is none. */
  readonly id: string;
  /** From when it was due to when the namespace was joined. */
  readonly connectMs: number;
  readonly isOpen: boolean;
  /** What the system has not taken yet. */
  readonly bufferedBytes: number;
  /** Returns this, or ends the iteration where `ok` is false. */
  orThrow(): this;
  /** false: it is not open, and nothing was sent. */
  emit(name: string, ...args: readonly unknown[]): boolean;
  /** The first argument of the acknowledgement. Ends the iteration, or its step, when none comes within `http.timeout`. */
  emitWithAck<T = unknown>(name: string, ...args: readonly unknown[]): Promise<T>;
  /** Hands every event of that name to the handler; `next` still sees them. Returns what takes it away. */
  on(name: string, handler: (...args: readonly unknown[]) => void): () => void;
  /**
   * Hands every event to the handler, whatever its name, before the handlers of `on`; `next` still sees them. An event that
   * asks for an acknowledgement has the function that gives it as its last argument. Returns what takes it away.
   */
  onAny(handler: (event: IoEvent) => void): () => void;
  /** Told once, when the socket has ended. */
  onClose(handler: (end: SocketEnd) => void): () => void;
  /** The first event of that name that the predicate likes, of those nobody has taken or of those to come. */
  next(name: string, predicate?: (event: IoEvent) => boolean, options?: NextOptions): Promise<IoEvent>;
  /** As of a WebSocket: a question and its answer as one request of the series `name`. */
  step<T>(name: string, body: () => Promise<T>, options?: NextOptions): Promise<T | undefined>;
  /** Leaves the namespace and closes; resolves when the connection has ended. */
  close(): Promise<SocketEnd>;
  /** Leaves without a word. */
  terminate(how: 'reset' | 'fin'): void;
  /** Reads and answers nothing more, as if the network were gone. */
  silence(): void;
}

export interface Io {
  /** By WebSocket at once. `path` is the server's own, default '/socket.io/'. Resolves also when refused: look at `ok`. */
  connect(options?: IoOptions & { readonly path?: string }): Promise<IoSocket>;
}
