/** Server-sent events as a test file meets them. The behaviour behind these types is in `engine/worker/sse`. */
import type { Duration } from './load-model.ts';
import type { NextOptions, OpenOptions, SocketEnd, SocketError } from './socket.ts';

export interface StreamEvent {
  /** 'message' where the server named none. */
  readonly type: string;
  readonly data: string;
  /** The last event id as of this event; '' where the server gave none. */
  readonly id: string;
  /** Milliseconds of the tool's clock; only differences mean something. */
  readonly receivedMs: number;
  /** Throws a readable error when the data is not JSON. */
  json<T = unknown>(): T;
}

export interface StreamReconnectOptions {
  /** How long to wait before, until the server says so with `retry`: from 1 ms, also where that says less. Default 3 s. */
  readonly delay?: Duration;
  /** After an attempt that failed the wait doubles, up to this, no less than `delay`. Default: it stays as it is. */
  readonly maxDelay?: Duration;
}

export interface SseOptions extends OpenOptions {
  /** Values for `{name}` in the path; they are percent-encoded and not part of the series' name. */
  readonly path?: Readonly<Record<string, string | number>>;
  /** Sent as `last-event-id`, for a stream that goes on where another one ended. */
  readonly lastEventId?: string;
  /** Comes back when the connection is lost or the answer ends, as browsers do. Default false. */
  readonly reconnect?: boolean | StreamReconnectOptions;
  /** A longer event ends the stream with 1009. Default 16 MiB. */
  readonly maxEventBytes?: number;
  /**
   * The server's own stamp in an event, in milliseconds since 1970; undefined where it has none. The time from it to the
   * event's arrival is the series 'EVENT /path'.
   */
  readonly latencyFrom?: (event: StreamEvent) => number | undefined;
}

export interface EventStream {
  /** The first attempt led to an event stream. */
  readonly ok: boolean;
  /** Of the last answer; 0 without one. */
  readonly status: number;
  /** Why there was no stream, or why it came to its end; undefined where all was in order. */
  readonly error: SocketError | undefined;
  /** A header of the last answer, `retry-after` of a refusal for one. */
  header(name: string): string | undefined;
  /** From when the first attempt was due to the head of its answer. */
  readonly connectMs: number;
  /** Events may come now: false also while it is being opened anew. */
  readonly isOpen: boolean;
  /** What a reconnection would send; '' for nothing. */
  readonly lastEventId: string;
  /** The server's `retry`; undefined until it has said one. */
  readonly retryMs: number | undefined;
  /** Returns this, or ends the iteration where `ok` is false. */
  orThrow(): this;
  /**
   * The first event, of that type or of any, that the predicate likes, of those that have come and nobody has taken or of
   * those to come. Ends the iteration, or the step it is in, when time is over or the stream ends for good before.
   */
  next(type?: string, predicate?: (event: StreamEvent) => boolean, options?: NextOptions): Promise<StreamEvent>;
  /** Hands every event of that type to the handler, also those nobody has taken yet. Returns what takes it away. */
  on(type: string, handler: (event: StreamEvent) => void): () => void;
  /** Likewise for events of any type. */
  onAny(handler: (event: StreamEvent) => void): () => void;
  /** Told once, when the stream has ended for good. */
  onClose(handler: (end: SocketEnd) => void): () => void;
  /** As of a WebSocket: what the body does is one request of the series `name`, from now to the end of the body. */
  step<T>(name: string, body: () => Promise<T>, options?: NextOptions): Promise<T | undefined>;
  /** Leaves for good; resolves when the connection has ended. */
  close(): Promise<SocketEnd>;
  /** Breaks the connection as a lost network does: with `reconnect` the stream comes back, else it has ended. */
  terminate(how: 'reset' | 'fin'): void;
  /** Reads nothing more: a client that is too slow, or whose network is gone. */
  silence(): void;
}

export interface Sse {
  /** A path of the target, or http://…, https://…. Resolves also when there is no stream: look at `ok`. */
  connect(path: string, options?: SseOptions): Promise<EventStream>;
}
