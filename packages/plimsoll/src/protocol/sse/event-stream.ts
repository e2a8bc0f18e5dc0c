/** What an event stream is asked for, and what it tells. */
import type { ConnectionTarget } from '../net/dial.ts';
import type { Headers } from '../http1/request-head.ts';
import type { ResponseHead } from '../http1/response-head.ts';
import type { DialTimings, OpeningPhase } from '../net/dial.ts';
import type { TransportError } from '../net/error-kind.ts';

export interface EventStreamOptions {
  readonly target: ConnectionTarget;
  /** Path and query. */
  readonly path: string;
  /** As in `Origin.hostHeader`. */
  readonly hostHeader: string;
  /** 'http://host:port' for a request through a plain proxy, else ''. */
  readonly absolutePrefix: string;
  readonly headers: Headers;
  /** 'a=1; b=2'; '' for none. */
  readonly cookie: string;
  /** What an earlier connection of the same stream has left; '' for none. */
  readonly lastEventId: string;
  readonly maxEventBytes: number;
}

/** Why there is no stream, and how far the attempt came; the wait for the answer's head is its 'upgrade'. */
export interface StreamRefusal {
  readonly error: TransportError;
  readonly phase: OpeningPhase;
  /** The answer that was no event stream. */
  readonly head: ResponseHead | undefined;
}

/** Streams have no close codes of their own; WebSocket's say the same things (RFC 6455, section 7.4.1). */
export const streamEndCodes = {
  /** The answer is whole, or it was we who left. */
  whole: 1000,
  /** The connection was lost before the answer was whole. */
  broken: 1006,
  /** An event was larger than allowed. */
  tooLarge: 1009,
} as const;

export interface StreamEnd {
  readonly code: (typeof streamEndCodes)[keyof typeof streamEndCodes];
  /** Why, where it was no orderly end. */
  readonly error: TransportError | undefined;
}

/** What a connection tells. Exactly one of `opened` and `refused`; after `opened`, once, `closed`. */
export interface EventStreamUser {
  /** The connection stands; the stream is asked for. */
  connected?(timings: DialTimings): void;
  /** @param answerMs from the connection to the head of the answer */
  opened(answerMs: number, head: ResponseHead): void;
  refused(refusal: StreamRefusal): void;
  event(type: string, data: string, id: string): void;
  closed(end: StreamEnd): void;
}
