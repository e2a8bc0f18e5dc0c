/** What a WebSocket is asked for, and what it tells. */
import type { Headers } from '../http1/request-head.ts';
import type { ResponseHead } from '../http1/response-head.ts';
import type { ConnectionTarget, DialTimings, OpeningPhase } from '../net/dial.ts';
import type { TransportError } from '../net/error-kind.ts';
import type { HandshakeTerms } from './handshake.ts';
import type { DeflateOffer } from './permessage-deflate.ts';

export interface Opened extends HandshakeTerms {
  readonly head: ResponseHead;
}

export interface WebSocketOptions {
  readonly target: ConnectionTarget;
  /** Path and query. */
  readonly path: string;
  readonly hostHeader: string;
  readonly headers: Headers;
  /** 'a=1; b=2'; '' for none. */
  readonly cookie: string;
  readonly protocols: readonly string[];
  /** undefined: compression is not offered. */
  readonly deflate: (DeflateOffer & { readonly thresholdBytes: number }) | undefined;
  /** Of what is received, inflated. Beyond it the connection is failed with 1009. */
  readonly maxMessageBytes: number;
  /** For the peer's close frame, and its end of the connection. */
  readonly closeTimeoutMs: number;
}

export interface WebSocketTimings {
  readonly dnsMs: number;
  readonly connectMs: number;
  readonly tlsMs: number;
  readonly upgradeMs: number;
}

/** Why there is no WebSocket, and how far it came. */
export interface Refusal {
  readonly error: TransportError;
  readonly phase: OpeningPhase;
  /** The answer that was no 101. */
  readonly head: ResponseHead | undefined;
}

/** What an open connection tells. */
export interface OpenUser {
  /** A text, or bytes that the receiver may keep. */
  message(data: string | Uint8Array): void;
  pong(payload: Uint8Array): void;
  /** The peer asked; it has been answered, or will be if it reads and asks nothing more before. */
  pinged?(payload: Uint8Array): void;
  /** 1005: a close frame without a code; 1006: none at all. `error`: why, where it was no orderly end. */
  closed(code: number, reason: string, wasClean: boolean, error: TransportError | undefined): void;
}

/** What a connection tells from its beginning on. Exactly one of `opened` and `refused`; after `opened`, once, `closed`. */
export interface WebSocketUser extends OpenUser {
  /** The connection stands; the upgrade is asked for. */
  connected?(timings: DialTimings): void;
  opened(timings: WebSocketTimings, terms: Opened): void;
  refused(refusal: Refusal): void;
}

/** How a message is cut into frames. */
export interface Fragments {
  /** From 1. */
  readonly fragmentBytes: number;
  readonly pingsBetween?: boolean;
}
