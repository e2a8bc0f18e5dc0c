/** An attempt to open a socket or a stream, as the books see it: a request of its series that ends in one or in none. */
import { builtIn } from '../../../kernel/built-in.ts';
import { withoutUserInfo } from '../../../kernel/shown-url.ts';
import { parseDurationMs } from '../../../kernel/units.ts';
import type { OpenOptions, SocketError } from '../../../model/socket.ts';
import type { ConnectionThread } from '../../../protocol/http1/connection.ts';
import { appendQuery, expandPath } from '../../../protocol/http1/path.ts';
import type { ResponseHead } from '../../../protocol/http1/response-head.ts';
import { resolveUrl, type TargetUrl } from '../../../protocol/http1/target-url.ts';
import type { DialTimings } from '../../../protocol/net/dial.ts';
import type { TransportError } from '../../../protocol/net/error-kind.ts';
import type { SocketPhase } from '../../../stats/socket-phases.ts';
import type { TestOrigin } from '../http/origins.ts';
import { layersOf } from '../http/credentials.ts';
import type { RequestBuilder } from '../http/request-builder.ts';
import { traceOf, type RequestTrace } from '../http/request-trace.ts';
import type { DueSource } from '../http/vu-http.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Ending, SeriesRecord } from '../series-record.ts';
import type { TestSettings } from '../test-settings.ts';
import { retryAfterSeconds } from './retry-after.ts';
import { TimedRequest, type TimedOwner } from './timed-request.ts';

export interface SocketContext {
  readonly settings: TestSettings;
  /** For requests that are not the load. */
  readonly quiet: TestSettings;
  /** Of those, for the whole scenario. */
  readonly quietBuilder: RequestBuilder;
  readonly thread: ConnectionThread;
  readonly scheduler: Scheduler;
  readonly vu: DueSource;
  readonly scenario: string;
}

/** What a test may say of any attempt. */
export type AttemptOptions = OpenOptions & { readonly path?: Readonly<Record<string, string | number>> };

/** A server that takes longer has not answered; what is cut off sooner may have been on its way. */
const unansweredAfterMs = 1000;

export class OpeningRequest implements TimedOwner {
  readonly #context: SocketContext;
  readonly #owner: TimedOwner;
  readonly #series: SeriesRecord;
  readonly #request: TimedRequest;
  /** Before the connection is begun: the work of that is part of it. */
  readonly #askedMs: number;
  readonly name: string;
  readonly timeoutMs: number;
  readonly target: TargetUrl;
  readonly trace: RequestTrace;

  /**
   * Errors: UsageError.
   *
   * @param word begins the name of its series
   * @param address the path, where the test wrote it in another scheme
   */
  constructor(
    context: SocketContext,
    word: string,
    path: string,
    options: AttemptOptions,
    owner: TimedOwner,
    address = path,
  ) {
    const { settings, scenario } = context;
    this.#context = context;
    this.#owner = owner;
    this.timeoutMs = options.timeout === undefined ? settings.http.timeoutMs : parseDurationMs(options.timeout);
    this.name = seriesName(word, path, options);
    this.#series = settings.recorder.series(this.name, 'request', scenario);
    this.target = resolveUrl(settings.base, appendQuery(expandPath(address, options.path), options.query));
    this.trace = traceOf(settings.http.trace, settings.http.headers, options.headers);
    this.#request = new TimedRequest(settings, this.#series, this, this.trace.id);
    loadBuiltIns(this.target);
    this.#askedMs = settings.clock.now();
  }

  /** TimedOwner: passed on to whoever asked, as is `cut`. */
  expired(): void {
    this.#owner.expired();
  }

  cut(): void {
    this.#countUnanswered();
    this.#owner.cut();
  }

  #countUnanswered(): void {
    const { clock, recorder } = this.#context.settings;
    if (clock.now() - this.#askedMs >= unansweredAfterMs) recorder.sockets.unanswered++;
  }

  /** Errors: TargetNotAllowedError. */
  get origin(): TestOrigin {
    return this.#context.settings.origins.of(this.target.origin);
  }

  /** Of the VU, for the target. */
  get cookie(): string {
    const { cookies } = this.#context.vu;
    return cookies.isEmpty ? '' : cookies.headerFor(this.target.origin, this.target.path);
  }

  /** Beside the test's own. */
  get traceHeaders(): Record<string, string> {
    return this.trace.header === '' ? {} : { traceparent: this.trace.header };
  }

  /** With the test's own headers and credentials, as far as they go there, and the trace. Names are in lower case. */
  headers(options: AttemptOptions): Record<string, string> {
    const headers: Record<string, string> = {};
    for (const layer of layersOf(this.#context.settings, this.target, options)) {
      for (const [name, value] of Object.entries(layer)) headers[name.toLowerCase()] = value;
    }
    if (this.trace.header !== '') headers['traceparent'] = this.trace.header;
    return headers;
  }

  /** An attempt of the iteration: due when its schedule or its sleep says so, or now. */
  start(): void {
    const { vu } = this.#context;
    const { pendingDueMs, pendingIssuedMs } = vu;
    vu.pendingDueMs = 0;
    vu.pendingIssuedMs = 0;
    if (pendingDueMs !== 0 && pendingIssuedMs === 0) vu.sleepLagMs = -1;
    this.#issue(pendingDueMs, pendingIssuedMs);
  }

  /** An attempt that no iteration has asked for: what was lost comes back. */
  startAt(dueMs: number): void {
    this.#issue(dueMs, 0);
  }

  /** @param pendingIssuedMs when the pacer got to an arrival that had to queue for a VU; the rest is wait. 0: it is now */
  #issue(dueMs: number, pendingIssuedMs: number): void {
    const { settings, vu } = this.#context;
    settings.recorder.sockets.attempts++;
    const now = settings.clock.now();
    const askedMs = this.#askedMs;
    const issuedMs = pendingIssuedMs === 0 ? askedMs : pendingIssuedMs;
    // After a sleep or a wait to come back; the lag of an arrival is recorded as it arrives.
    if (dueMs !== 0 && pendingIssuedMs === 0) settings.recorder.lag.record((askedMs - dueMs) * 1000);
    if (dueMs !== 0 && vu.isOpenModel) this.#request.issue(dueMs, issuedMs, now, this.timeoutMs);
    else this.#request.issue(askedMs, askedMs, now, this.timeoutMs);
  }

  /** The connection stands, and what is asked is on its way. */
  connected(timings: DialTimings): void {
    const { recorder } = this.#context.settings;
    this.pooled(timings);
    if (timings.dnsMs > 0) recorder.dns.record(timings.dnsMs * 1000);
    if (timings.tlsMs > 0) recorder.tls.record(timings.tlsMs * 1000);
  }

  /** The same of one of the VU's connections, which the test's own books have already. */
  pooled({ dnsMs, connectMs, tlsMs }: DialTimings): void {
    const { phases } = this.#context.settings.recorder.sockets;
    phases.tcp.record(connectMs * 1000);
    if (dnsMs > 0) phases.dns.record(dnsMs * 1000);
    if (tlsMs > 0) phases.tls.record(tlsMs * 1000);
  }

  /** From when it was due to now. */
  get ageMs(): number {
    return this.#context.settings.clock.now() - this.#request.dueMs;
  }

  /** The head of the answer that was hoped for has come, `sinceMs` after it was asked for. */
  answered(head: ResponseHead, sinceMs: number): void {
    const { settings } = this.#context;
    const now = settings.clock.now();
    settings.recorder.sockets.phases.upgrade.record(sinceMs * 1000);
    this.#request.sentMs = now - sinceMs;
    this.#request.firstByteMs = now;
    this.#request.status = head.status;
  }

  /** What an answer sets that came over no connection of the VU's own. */
  keepCookies(head: ResponseHead): void {
    if (head.hasSetCookie) this.#context.vu.cookies.store(head.setCookies(), this.target.origin, this.target.path);
  }

  /** Socket.IO's part has taken from `answered` to now. */
  joined(): void {
    const { recorder, clock } = this.#context.settings;
    recorder.sockets.phases.namespace.record((clock.now() - this.#request.firstByteMs) * 1000);
  }

  /** It can be used. */
  succeed(): void {
    const { recorder, clock } = this.#context.settings;
    const now = clock.now();
    recorder.sockets.opened++;
    recorder.sockets.open++;
    recorder.sockets.connect.record((now - this.#request.dueMs) * 1000);
    this.#request.end('expected', now);
  }

  /** It came to nothing, in `phase`. false: it had ended before. */
  fail(ending: Ending, phase: SocketPhase, { kind, message }: SocketError, head: ResponseHead | undefined): boolean {
    const { clock, recorder } = this.#context.settings;
    this.#request.status = head?.status ?? this.#request.status;
    if (!this.#request.end(ending, clock.now(), kind, message)) return false;
    recorder.sockets.refuse(phase);
    // After the upgrade it is no longer its answer that refuses.
    if (phase === 'upgrade' && head !== undefined) {
      recorder.sockets.countAnswer(head.status, retryAfterSeconds(head, clock.wallMs()));
    }
    return true;
  }

  /** The server has said that there is nothing more to come: it neither opened nor refused. */
  decline(head: ResponseHead): void {
    this.#request.status = head.status;
    this.#request.end('expected', this.#context.settings.clock.now());
  }

  /** The test has no more use for it: what would have become of it nobody knows, as where the end of the test cuts it off. */
  leave(): void {
    if (this.#request.end('unfinished', this.#context.settings.clock.now(), 'unfinished')) this.#countUnanswered();
  }

  /** What the attempt took on the wire is the request's; what follows is the socket's. */
  countBytes(bytesIn: number, bytesOut: number): void {
    this.#series.bytesIn += bytesIn;
    this.#series.bytesOut += bytesOut;
  }
}

/** 'SSE /path', or the test's own name. */
export function seriesName(word: string, path: string, { name }: AttemptOptions): string {
  if (name !== undefined) return name;
  const end = path.search(/[?#]/);
  return `${word} ${withoutUserInfo(end < 0 ? path : path.slice(0, end))}`;
}

/** How a refusal ends the request, and what the test is told. */
export function endingOf(
  { kind, message }: TransportError,
  head: ResponseHead | undefined,
): { readonly ending: Ending; readonly error: SocketError } {
  if (head?.status === 429) return { ending: 'limited', error: { kind: 'limited', message } };
  return { ending: kind === 'timeout' ? 'timeout' : 'failed', error: { kind, message } };
}

/** Loading them takes the first socket of a thread 10 to 20 ms, and they are no part of the server's time. */
function loadBuiltIns({ origin }: TargetUrl): void {
  builtIn.crypto();
  if (origin.protocol === 'https:') builtIn.tls();
}
