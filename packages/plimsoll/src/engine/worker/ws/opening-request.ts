/** An attempt to open a socket or a stream, as the books see it: a request of its series that ends in one or in none. */
import { parseDurationMs } from '../../../kernel/units.ts';
import type { OpenOptions } from '../../../model/socket.ts';
import type { ConnectionThread } from '../../../protocol/http1/connection.ts';
import { appendQuery, expandPath } from '../../../protocol/http1/path.ts';
import type { ResponseHead } from '../../../protocol/http1/response-head.ts';
import { resolveUrl, type TargetUrl } from '../../../protocol/http1/target-url.ts';
import type { TransportError } from '../../../protocol/net/error-kind.ts';
import type { TestOrigin } from '../http/origins.ts';
import type { DueSource } from '../http/vu-http.ts';
import type { Ending, SeriesRecord } from '../series-record.ts';
import type { TestSettings } from '../test-settings.ts';
import { TimedRequest, type TimedOwner } from './timed-request.ts';

export interface SocketContext {
  readonly settings: TestSettings;
  readonly thread: ConnectionThread;
  readonly vu: DueSource;
  readonly scenario: string;
}

/** What a test may say of any attempt. */
export type AttemptOptions = OpenOptions & { readonly path?: Readonly<Record<string, string | number>> };

export class OpeningRequest {
  readonly #context: SocketContext;
  readonly #series: SeriesRecord;
  readonly #request: TimedRequest;
  readonly name: string;
  readonly timeoutMs: number;
  readonly target: TargetUrl;

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
    this.timeoutMs = options.timeout === undefined ? settings.http.timeoutMs : parseDurationMs(options.timeout);
    this.name = seriesName(word, path, options);
    this.#series = settings.recorder.series(this.name, 'request', scenario);
    this.#request = new TimedRequest(settings, this.#series, owner);
    this.target = resolveUrl(settings.base, appendQuery(expandPath(address, options.path), options.query));
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

  /** The test's own headers and credentials go to the target's own origin only, as with requests. */
  headers(options: AttemptOptions): Record<string, string> {
    const { target } = this;
    const { base, http } = this.#context.settings;
    const isOwn = base === undefined || base.origin.href === target.origin.href;
    const headers: Record<string, string> = isOwn ? { ...http.headers } : {};
    const bearer = options.bearer ?? (isOwn && options.basic === undefined ? http.bearer : undefined);
    const basic = options.basic ?? target.basic ?? (isOwn ? http.basic : undefined);
    if (bearer !== undefined) headers['authorization'] = `Bearer ${bearer}`;
    else if (basic !== undefined) {
      headers['authorization'] = `Basic ${Buffer.from(`${basic.user}:${basic.password}`, 'utf8').toString('base64')}`;
    }
    return { ...headers, ...options.headers };
  }

  /** Due as the VU says. */
  start(): void {
    const { settings, vu } = this.#context;
    const now = settings.clock.now();
    const dueMs = vu.pendingDueMs;
    // An arrival that had to queue for a VU was issued when the pacer got to it; the rest is wait.
    const issuedMs = vu.pendingIssuedMs === 0 ? now : vu.pendingIssuedMs;
    vu.pendingDueMs = 0;
    vu.pendingIssuedMs = 0;
    if (dueMs === 0) this.startNow();
    else if (vu.isOpenModel) this.#request.issue(dueMs, issuedMs, issuedMs - dueMs, now, this.timeoutMs);
    else this.#request.issue(now, now, now - dueMs, now, this.timeoutMs);
  }

  /** For what the VU did not ask for: a connection that comes back by itself. */
  startNow(): void {
    const now = this.#context.settings.clock.now();
    this.#request.issue(now, now, 0, now, this.timeoutMs);
  }

  /** From when it was due to now. */
  get ageMs(): number {
    return this.#context.settings.clock.now() - this.#request.dueMs;
  }

  /** The head of an answer has come, `sinceMs` after the request was sent. */
  answered(head: ResponseHead, sinceMs: number): void {
    const { vu, settings } = this.#context;
    const now = settings.clock.now();
    this.#request.sentMs = now - sinceMs;
    this.#request.firstByteMs = now;
    this.#request.status = head.status;
    const cookies = head.hasSetCookie ? head.setCookies() : [];
    if (cookies.length > 0) vu.cookies.store(cookies, this.target.origin, this.target.path);
  }

  /** It can be used. */
  succeed({ dnsMs, tlsMs }: { readonly dnsMs: number; readonly tlsMs: number }): void {
    const { settings } = this.#context;
    const { recorder } = settings;
    const now = settings.clock.now();
    const { sockets } = recorder;
    sockets.opened++;
    sockets.open++;
    if (dnsMs > 0) recorder.dns.record(dnsMs * 1000);
    if (tlsMs > 0) recorder.tls.record(tlsMs * 1000);
    sockets.connect.record((now - this.#request.dueMs) * 1000);
    this.#request.end('expected', now);
  }

  /** It came to nothing. false: it had ended before. */
  fail(ending: Ending, kind: string, message: string, head: ResponseHead | undefined): boolean {
    const { settings } = this.#context;
    this.#request.status = head?.status ?? this.#request.status;
    if (!this.#request.end(ending, settings.clock.now(), kind, message)) return false;
    settings.recorder.sockets.refused++;
    return true;
  }

  /** The server has said that there is nothing more to come: it neither opened nor refused. */
  decline(head: ResponseHead): void {
    this.#request.status = head.status;
    this.#request.end('expected', this.#context.settings.clock.now());
  }

  /** What the attempt took on the wire is the request's; what follows is the socket's. */
  countBytes(bytesIn: number, bytesOut: number): void {
    this.#series.bytesIn += bytesIn;
    this.#series.bytesOut += bytesOut;
  }
}

/** 'SSE /path', or the test's own name. */
export function seriesName(word: string, path: string, { name }: AttemptOptions): string {
  return name ?? `${word} ${path.replace(/[?#].*$/s, '')}`;
}

/** How a refusal ends the request, and the kind that the test is told. */
export function endingOf(error: TransportError, head: ResponseHead | undefined): { ending: Ending; kind: string } {
  if (head?.status === 429) return { ending: 'limited', kind: 'limited' };
  return { ending: error.kind === 'timeout' ? 'timeout' : 'failed', kind: error.kind };
}
