/** A fan-out as a test file meets it: who listens, who publishes, and what is kept in the books of it. */
import type { Duration, Rate, Spacing } from './load-model.ts';
import type { IoEvent, IoSocket } from './socket-io.ts';
import type { Socket, SocketMessage } from './socket.ts';
import type { EventStream, StreamEvent } from './sse.ts';
import type { CommonOptions, TestContext } from './suite.ts';

/** How a subscriber whose connection is gone comes back. */
export interface Backoff {
  /** Before the first attempt. Default 1 s. */
  readonly delay?: Duration;
  /** Each further attempt waits longer by this factor. Default 2. */
  readonly factor?: number;
  /** No wait is longer, jitter included. Default 5 s, or `delay` where that is longer. */
  readonly maxDelay?: Duration;
  /** The share by which each wait is drawn longer or shorter, from 0 to 1. Default 0.5. */
  readonly jitter?: number;
}

/** Takes the connections of many subscribers at once, and measures how they come back. */
export interface Storm {
  /** After the first message is due. */
  readonly at: Duration;
  /** Of the subscribers: a share from 0 to 1, or '30%'. */
  readonly cut: number | `${number}%`;
  /** 'reset' and 'close' end the connection; 'silence' leaves it to the server to find out. Default 'reset'. */
  readonly how?: 'reset' | 'close' | 'silence';
}

export interface FanOutOptions<Data> extends Omit<
  CommonOptions<Data, undefined>,
  'setupVu' | 'warmUp' | 'connections'
> {
  /** Clients that listen. */
  readonly subscribers: number;
  /** VUs that publish, one message at a time each. Default 1. */
  readonly publishers?: number;
  /** Numbered from 0. Default 1. Message k goes to room k mod rooms. */
  readonly rooms?: number;
  /** The rooms of a subscriber. Default: the one with the number subscriber mod rooms. */
  readonly joins?: (subscriber: number, rooms: number) => readonly number[];
  /** Messages a second, over all rooms and publishers. Without it nobody publishes. */
  readonly rate?: Rate;
  readonly duration: Duration;
  /** Default 'poisson'. */
  readonly spacing?: Spacing;
  /** Of the subscribers, those with a worker thread of their own, whose times hold nothing of the crowd's. Default: 0 below 1,000 subscribers, 8 from there on. */
  readonly sentinels?: number;
  /** The subscribers begin to connect evenly over this time. Default: 1 ms for each. */
  readonly connectOver?: Duration;
  /** From then to the first message. Default 1 s, or twice the guard where that is longer. */
  readonly settle?: Duration;
  /** Messages nearer than this to a join, a leave or the end of a connection are ambiguous: nobody is said to be owed them. Default 500 ms. */
  readonly guard?: Duration;
  /** A message that has not come so long after it was published is lost. Default 5 s. */
  readonly drain?: Duration;
  /** Brings back subscribers whose connection is gone or was refused. Default: only where there is a storm. */
  readonly reconnect?: boolean | Backoff;
  readonly storm?: Storm;
}

/** Who the role is played for. */
export interface Subscriber {
  /** From 0; the same whatever the number of workers. */
  readonly index: number;
  readonly rooms: readonly number[];
}

export type SubscriberContext<Data> = TestContext<Data, undefined> & { readonly subscriber: Subscriber };

export interface ReceiveContext<Data> {
  readonly data: Data;
  readonly subscriber: Subscriber;
}

export type JoinContext<Data, Connection> = SubscriberContext<Data> & {
  readonly socket: Connection;
  readonly room: number;
};

export type JoinAllContext<Data, Connection> = SubscriberContext<Data> & {
  readonly socket: Connection;
  readonly rooms: readonly number[];
};

export type PublishContext<Data, Connection> = TestContext<Data, undefined> & {
  readonly room: number;
  /** Which publisher this is, from 0. */
  readonly publisher: number;
  /** Says which message this is, and of which run: put it into the message, and give it back in `receive`. */
  readonly stamp: string;
  /** What `connectPublisher` gave; without that role there is none. */
  readonly socket: Connection;
};

/**
 * What a subscriber got. A text is a stamp. `id` is an id of the service's own that `publish` returned. With `source` and
 * `sequence` it is an event that somebody else published: it has an order, duplicates and leaks. undefined or null: not in
 * the books.
 */
export type Received =
  | string
  | { readonly id: string | number }
  | { readonly room: number; readonly source: string; readonly sequence: number }
  | undefined
  | null;

export type AnyConnection = Socket | IoSocket | EventStream;

/** A WebSocket brings messages, Socket.IO and an event stream bring events. */
export type MessageOf<Connection> = Connection extends IoSocket
  ? IoEvent
  : Connection extends EventStream
    ? StreamEvent
    : SocketMessage;

export interface FanOutRoles<Data, Connection extends AnyConnection> {
  /** Opens a subscriber's connection: `({ io }) => io.connect()`; with `ws` and `sse` likewise. */
  readonly connect: (context: SubscriberContext<Data>) => Promise<Connection>;
  /**
   * Joins one room, and resolves when the service has acknowledged it. What it throws, an answer that says no (false, or one
   * whose `ok` is false), or no answer within `http.timeout`, ends that stay. Without it a subscriber is in its rooms once it is connected.
   */
  readonly join?: (context: JoinContext<Data, Connection>) => Promise<unknown>;
  /** Joins all rooms of a subscriber at once, instead of `join`: they count as joined when it resolves, unless an answer says no. */
  readonly joinAll?: (context: JoinAllContext<Data, Connection>) => Promise<unknown>;
  /** Called for each message of a subscriber: which one it is. */
  readonly receive: (message: MessageOf<Connection>, context: ReceiveContext<Data>) => Received;
  /**
   * Publishes one message: through `socket`, by `http`, or however the service does it. A text or a number that it gives
   * back is the service's own id of the message, and `receive` may name it by that or by the stamp. An answer
   * that says no, false or one whose `ok` is false, or an exception says that it was not published.
   */
  readonly publish?: (context: PublishContext<Data, Connection>) => unknown;
  /** Opens a publisher's connection, before the first message. */
  readonly connectPublisher?: (context: TestContext<Data, undefined>) => Promise<Connection>;
}
