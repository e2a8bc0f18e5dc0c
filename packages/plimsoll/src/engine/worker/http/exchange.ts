/**
 * One request from the moment the test asks for it to its end: waiting for a connection, sending, redirects, the one
 * repeat that is safe, the time-out. Hot path: one object per request, no closure, no timer of its own.
 */
import type { Connection, ConnectionUser } from '../../../protocol/http1/connection.ts';
import type { HeadMemo } from '../../../protocol/http1/head-memo.ts';
import type { ResponseHead } from '../../../protocol/http1/response-head.ts';
import { transportError, type TransportError } from '../../../protocol/net/error-kind.ts';
import type { Ending, SeriesRecord } from '../series-record.ts';
import type { Expiring, TimeoutList } from '../timeouts.ts';
import type { TestSettings } from '../test-settings.ts';
import type { CookieHolder } from './cookie-holder.ts';
import { followRedirect } from './follow-redirect.ts';
import type { PreparedRequest } from './prepared-request.ts';
import type { RequestBuilder } from './request-builder.ts';
import { sendStream } from './stream-body.ts';
import type { OriginPool, VuConnections, Waiter } from './vu-connections.ts';

/** Who asked. `ended` is called exactly once for each exchange that was issued, unless the test cut it. */
export interface ExchangeOwner {
  readonly connections: VuConnections;
  readonly cookies: CookieHolder;
  readonly builder: RequestBuilder;
  exchangeEnded(exchange: Exchange): void;
}

/**
 * Beside the distance: what the two ends may take to notice, on machines that are busy. An orderly end is how servers let
 * go of idle connections, and a loaded generator may read of it late; a reset is seldom that, and told sooner. Whatever
 * takes longer may be a server that worked on the request and failed; one that fails within that time, orderly, is asked
 * a second time, and counted.
 */
const crossingMs = { closed: 250, reset: 100 } as const;
const idempotent = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE']);

export class Exchange implements ConnectionUser, Waiter, Expiring {
  readonly #settings: TestSettings;
  readonly #owner: ExchangeOwner;
  request: PreparedRequest;
  /** Where latency starts: due in arrival-rate models, issued in VU models. */
  dueMs = 0;
  issuedMs = 0;
  sentMs = 0;
  firstByteMs = 0;
  doneMs = 0;
  status = 0;
  /** '' where the answer was the expected one. */
  errorKind = '';
  errorMessage = '';
  ok = false;
  head: ResponseHead | undefined = undefined;
  body: Uint8Array | undefined = undefined;
  start = 0;
  end = 0;
  dropped = false;
  ended = false;
  #pool: OriginPool | undefined = undefined;
  #connection: Connection | undefined = undefined;
  #bytesReadBefore = 0;
  #givenMs = 0;
  #followed = 0;
  #repeated = false;
  expiryStartMs = 0;
  expiryList: TimeoutList | undefined = undefined;
  previousExpiring: Expiring | undefined = undefined;
  nextExpiring: Expiring | undefined = undefined;

  constructor(settings: TestSettings, owner: ExchangeOwner, request: PreparedRequest) {
    this.#settings = settings;
    this.#owner = owner;
    this.request = request;
  }

  get method(): string {
    return this.request.method;
  }
  get memo(): HeadMemo | undefined {
    return this.request.memo;
  }
  get keepBody(): boolean {
    return this.request.keepBody;
  }
  get maxBodyBytes(): number {
    return this.#settings.maxBodyBytes;
  }
  get series(): SeriesRecord {
    return this.request.series;
  }
  get url(): string {
    return this.request.url;
  }
  get traceId(): string {
    return this.request.trace.id;
  }

  /** Counts the request as issued and gets it on its way. An exchange may be issued again after it has ended. */
  issue(dueMs: number, issuedMs: number, nowMs: number): void {
    const { request } = this;
    this.ok = false;
    this.dueMs = dueMs;
    this.issuedMs = issuedMs;
    this.sentMs = 0;
    this.firstByteMs = 0;
    this.status = 0;
    this.errorKind = '';
    this.ended = false;
    this.#followed = 0;
    this.#repeated = false;
    request.series.issued++;
    this.#settings.recorder.issue(nowMs, dueMs);
    this.#settings.timeouts.list(request.timeoutMs).add(this, nowMs);
    this.#pool = this.#owner.connections.pool(request.origin);
    this.#pool.acquire(this, nowMs);
  }

  connected(connection: Connection, nowMs: number): void {
    const { request } = this;
    this.#connection = connection;
    this.#bytesReadBefore = connection.bytesRead;
    this.#givenMs = nowMs;
    if (this.sentMs === 0) this.sentMs = nowMs;
    request.series.bytesOut += request.byteLength;
    if (request.stream === undefined) connection.send(this, request.bytes);
    else sendStream(connection, this, request.bytes as string, request.stream);
  }

  notConnected(error: TransportError, nowMs: number): void {
    this.#pool = undefined;
    this.#fail(error, nowMs);
  }

  answered(head: ResponseHead, body: Uint8Array, start: number, end: number, bodyBytes: number, nowMs: number): void {
    const connection = this.#connection!;
    const { series, keepBody } = this.request;
    series.bytesIn += connection.bytesRead - this.#bytesReadBefore;
    this.#connection = undefined;
    this.#pool!.release(connection, nowMs);
    if (head.hasSetCookie)
      this.#owner.cookies.store(head.setCookies(), this.request.target.origin, this.request.target.path);
    const status = head.status;
    if (status >= 300 && status < 400 && head.location !== undefined && this.#redirect(head, nowMs)) return;
    this.head = head;
    this.status = status;
    this.dropped = !keepBody || end - start < bodyBytes;
    if (keepBody && end > start) {
      const { arena } = this.#settings;
      arena.copy(body, start, end);
      this.body = arena.bytes;
      this.start = arena.start;
      this.end = arena.start + (end - start);
    }
    series.countStatus(status);
    const { expect } = this.request;
    if (expect === undefined ? status < 400 : expect(status)) {
      this.ok = true;
      this.#finish('expected', nowMs);
    } else if (status === 429) {
      this.#finishFailed('limited', 'limited', `status 429, the server limits the rate`, nowMs);
    } else {
      this.#finishFailed('failed', 'status', `status ${status} was not expected`, nowMs);
    }
  }

  /** Whether there was something to follow; else the answer stands as it is. */
  #redirect(head: ResponseHead, nowMs: number): boolean {
    const next = followRedirect(this.request, head, this.#followed, this.#owner.builder, this.#owner.cookies);
    if (next === undefined) return false;
    this.#followed++;
    if ('kind' in next) {
      this.#fail(next, nowMs);
    } else {
      this.request = next;
      this.#repeated = false;
      this.#pool = this.#owner.connections.pool(next.origin);
      this.#pool.acquire(this, nowMs);
    }
    return true;
  }

  broken(error: TransportError, seen: boolean, nowMs: number): void {
    const connection = this.#connection;
    const { request } = this;
    this.#connection = undefined;
    if (connection !== undefined) request.series.bytesIn += connection.bytesRead - this.#bytesReadBefore;
    // The server closed an idle connection while the request was on its way: no fault, where sending again is safe
    // (RFC 9110 section 9.2.2, RFC 9112 section 9.3.1).
    const { kind } = error;
    const lost = kind === 'closed' || kind === 'reset';
    const replayable = !this.#repeated && request.stream === undefined && idempotent.has(request.method);
    if (lost && !seen && replayable && connection !== undefined && this.#wasIdleClose(connection, kind, nowMs)) {
      request.series.resent++;
      this.#repeated = true;
      this.firstByteMs = 0;
      this.#pool!.acquireFresh(this, nowMs);
      return;
    }
    this.#fail(error, nowMs);
  }

  /**
   * The server let go of a connection it thought idle, and the news crossed with the request: it comes within about the
   * time a connection takes, and what the two ends need to notice. A server that worked on the request and then failed
   * must show. (How long the server thought it idle cannot be seen from here: the answer may have waited to be read.)
   */
  #wasIdleClose(connection: Connection, kind: 'closed' | 'reset', nowMs: number): boolean {
    return connection.served > 0 && nowMs - this.#givenMs <= crossingMs[kind] + 2 * connection.connectMs;
  }

  /** The request's own body failed while it was being sent. */
  bodyFailed(error: unknown): void {
    if (this.ended) return;
    this.#letGo();
    const message = error instanceof Error ? error.message : String(error);
    this.#fail(transportError('body', `the request's body failed: ${message}`), this.#settings.clock.now());
  }

  expire(): void {
    this.#letGo();
    const now = this.#settings.clock.now();
    this.#finishFailed('timeout', 'timeout', `no whole answer within ${this.request.timeoutMs} ms`, now);
  }

  /** The test's own signal. */
  abort(): void {
    if (this.ended) return;
    this.#letGo();
    this.#fail(transportError('aborted', 'given up by the test'), this.#settings.clock.now());
  }

  /** The end of the test: recorded at its age, and nobody is told. */
  cut(nowMs: number): void {
    this.#letGo();
    this.ended = true;
    this.doneMs = nowMs;
    this.errorKind = 'unfinished';
    if (this.expiryList) this.expiryList.remove(this);
    this.#settings.recorder.end(this.request.series, 'unfinished', this, nowMs);
  }

  #letGo(): void {
    this.#pool?.forget(this);
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.abandon();
  }

  #fail(error: TransportError, nowMs: number): void {
    this.#finishFailed(error.kind === 'timeout' ? 'timeout' : 'failed', error.kind, error.message, nowMs);
  }

  #finishFailed(ending: Ending, kind: string, message: string, nowMs: number): void {
    this.errorKind = kind;
    this.errorMessage = message;
    this.ok = false;
    if (ending !== 'limited') this.#settings.recorder.countError(this.request.series, kind, message);
    this.#finish(ending, nowMs);
  }

  #finish(ending: Ending, nowMs: number): void {
    this.ended = true;
    this.doneMs = nowMs;
    if (this.expiryList) this.expiryList.remove(this);
    this.#settings.recorder.end(this.request.series, ending, this, nowMs);
    this.#owner.exchangeEnded(this);
  }
}
