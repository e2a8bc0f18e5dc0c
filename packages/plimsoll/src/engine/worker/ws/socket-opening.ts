/** One attempt to open a socket, from when it is due to when it can be used, or to the lack of one. */
import { builtIn } from '../../../kernel/built-in.ts';
import { TestFileError, UsageError } from '../../../kernel/errors.ts';
import { parseDurationMs } from '../../../kernel/units.ts';
import type { SocketError, SocketOptions } from '../../../model/socket.ts';
import type { SocketPhase } from '../../../stats/socket-phases.ts';
import type { ConnectionThread } from '../../../protocol/http1/connection.ts';
import { appendQuery, expandPath } from '../../../protocol/http1/path.ts';
import { resolveUrl, type TargetUrl } from '../../../protocol/http1/target-url.ts';
import type { DialTimings } from '../../../protocol/net/dial.ts';
import { WebSocketConnection } from '../../../protocol/websocket/web-socket-connection.ts';
import type {
  Opened,
  Refusal,
  WebSocketOptions,
  WebSocketTimings,
  WebSocketUser,
} from '../../../protocol/websocket/web-socket.ts';
import type { DueSource } from '../http/vu-http.ts';
import type { Ending, SeriesRecord } from '../series-record.ts';
import type { TestSettings } from '../test-settings.ts';
import { retryAfterSeconds } from './retry-after.ts';
import type { Scheduler } from '../scheduler.ts';
import type { AnySocket, Attempt } from './socket-base.ts';
import { TimedRequest } from './timed-request.ts';

const defaultMaxMessageBytes = 16 * 1024 * 1024;
const defaultThresholdBytes = 1024;
const closeTimeoutMs = 5000;

export interface SocketContext {
  readonly settings: TestSettings;
  readonly thread: ConnectionThread;
  readonly scheduler: Scheduler;
  readonly vu: DueSource;
  readonly scenario: string;
}

/** 'done', or why the server let nobody in. */
export type GreetingOutcome = 'done' | SocketError;

/** What a WebSocket and what is built on it do differently. */
export interface SocketKind<Made extends AnySocket = AnySocket> {
  /** Begins the names of its series. */
  readonly word: string;
  /** Whether messages pass before it can be used; they go to `greet`. */
  readonly hasGreeting: boolean;
  /** undefined: more must come. Errors: what is no greeting. */
  greet(data: string | Uint8Array, send: (data: string | Uint8Array) => boolean): GreetingOutcome | undefined;
  /** Called once, with the connection or the lack of one. */
  make(attempt: Attempt): Made;
  /** The connection has ended, and the socket has been told. */
  over(socket: Made): void;
}

/** One attempt, from when it is due to the WebSocket or the lack of one. */
export class SocketOpening<Made extends AnySocket> implements WebSocketUser {
  readonly #context: SocketContext;
  readonly #kind: SocketKind<Made>;
  readonly #connection: WebSocketConnection;
  readonly #request: TimedRequest;
  readonly #timeoutMs: number;
  readonly #name: string;
  readonly #target: TargetUrl;
  readonly #series: SeriesRecord;
  /** Before the connection is begun: the work of that is part of it. */
  readonly #askedMs: number;
  #opened: { readonly atMs: number; readonly terms: Opened } | undefined;
  #socket: Made | undefined;

  /** Errors: TestFileError, UsageError, TargetNotAllowedError, thrown where the test asks. */
  constructor(context: SocketContext, path: string, options: SocketOptions, kind: SocketKind<Made>) {
    const { settings, thread, vu, scenario } = context;
    this.#context = context;
    this.#kind = kind;
    this.#timeoutMs = options.timeout === undefined ? settings.http.timeoutMs : parseDurationMs(options.timeout);
    this.#name = options.name ?? `${kind.word} ${path.replace(/[?#].*$/s, '')}`;
    this.#series = settings.recorder.series(this.#name, 'request', scenario);
    this.#request = new TimedRequest(settings, this.#series, {
      expired: () => {
        const phase = this.#phase;
        this.#connection.close();
        this.#fail('timeout', phase, { kind: 'timeout', message: `no WebSocket within ${this.#timeoutMs} ms` });
      },
      cut: () => {
        this.#connection.close();
      },
    });
    const pattern = appendQuery(expandPath(asHttp(path), options.path), options.query);
    this.#target = resolveUrl(settings.base, pattern);
    loadBuiltIns(this.#target);
    this.#askedMs = settings.clock.now();
    this.#connection = new WebSocketConnection(this.#optionsOf(options), thread, this, vu.random);
  }

  #optionsOf(options: SocketOptions): WebSocketOptions {
    const { settings, vu } = this.#context;
    const target = this.#target;
    const origin = settings.origins.of(target.origin);
    return {
      target: origin.nextTarget(),
      path: target.path,
      hostHeader: target.origin.hostHeader,
      headers: headersOf(target, options, settings),
      cookie: vu.cookies.isEmpty ? '' : vu.cookies.headerFor(target.origin, target.path),
      protocols: options.protocols ?? [],
      deflate: deflateOf(options),
      maxMessageBytes: options.maxMessageBytes ?? defaultMaxMessageBytes,
      // The list of time-outs ends the whole attempt.
      handshakeTimeoutMs: this.#timeoutMs,
      closeTimeoutMs,
    };
  }

  get #phase(): SocketPhase {
    return this.#opened === undefined ? this.#connection.phase : 'namespace';
  }

  /** An attempt of the iteration: due when its schedule or its sleep says so, or now. */
  start(): void {
    const { vu } = this.#context;
    const { pendingDueMs, pendingIssuedMs } = vu;
    vu.pendingDueMs = 0;
    vu.pendingIssuedMs = 0;
    this.#issue(pendingDueMs, pendingIssuedMs);
  }

  /** An attempt that no iteration has asked for. */
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
    if (dueMs === 0) this.#request.issue(askedMs, askedMs, 0, now, this.#timeoutMs);
    else if (vu.isOpenModel) this.#request.issue(dueMs, issuedMs, issuedMs - dueMs, now, this.#timeoutMs);
    else this.#request.issue(askedMs, askedMs, askedMs - dueMs, now, this.#timeoutMs);
  }

  connected({ dnsMs, connectMs, tlsMs }: DialTimings): void {
    const { recorder } = this.#context.settings;
    const { phases } = recorder.sockets;
    phases.tcp.record(connectMs * 1000);
    if (dnsMs > 0) {
      phases.dns.record(dnsMs * 1000);
      recorder.dns.record(dnsMs * 1000);
    }
    if (tlsMs > 0) {
      phases.tls.record(tlsMs * 1000);
      recorder.tls.record(tlsMs * 1000);
    }
  }

  opened({ upgradeMs }: WebSocketTimings, terms: Opened): void {
    const { vu, settings } = this.#context;
    const now = settings.clock.now();
    this.#opened = { atMs: now, terms };
    settings.recorder.sockets.phases.upgrade.record(upgradeMs * 1000);
    this.#request.sentMs = now - upgradeMs;
    this.#request.firstByteMs = now;
    this.#request.status = 101;
    const cookies = terms.head.hasSetCookie ? terms.head.setCookies() : [];
    if (cookies.length > 0) vu.cookies.store(cookies, this.#target.origin, this.#target.path);
    if (!this.#kind.hasGreeting) this.#succeed();
  }

  /** It can be used: what its kind asks for beyond the WebSocket is done, too. */
  #succeed(): void {
    const { settings } = this.#context;
    const { atMs, terms } = this.#opened!;
    const now = settings.clock.now();
    const { sockets } = settings.recorder;
    sockets.opened++;
    sockets.open++;
    if (this.#kind.hasGreeting) sockets.phases.namespace.record((now - atMs) * 1000);
    sockets.connect.record((now - this.#request.dueMs) * 1000);
    this.#request.end('expected', now);
    this.#finish({ connection: this.#connection, head: terms.head, protocol: terms.protocol, error: undefined });
  }

  refused({ error, phase, head }: Refusal): void {
    const isLimited = head?.status === 429;
    const ending = isLimited ? 'limited' : error.kind === 'timeout' ? 'timeout' : 'failed';
    this.#fail(ending, phase, { kind: isLimited ? 'limited' : error.kind, message: error.message }, head);
  }

  #fail(ending: Ending, phase: SocketPhase, error: SocketError, head?: Refusal['head']): void {
    const { clock, recorder } = this.#context.settings;
    this.#request.status = head?.status ?? this.#request.status;
    if (!this.#request.end(ending, clock.now(), error.kind, error.message)) return;
    recorder.sockets.refuse(phase);
    // After the upgrade it is no longer its answer that refuses.
    if (phase === 'upgrade' && head !== undefined) {
      recorder.sockets.countAnswer(head.status, retryAfterSeconds(head, clock.wallMs()));
    }
    this.#finish({ connection: undefined, head, protocol: '', error });
  }

  /** A message before it can be used is its kind's greeting. */
  #greeted(data: string | Uint8Array): void {
    let outcome: GreetingOutcome | undefined;
    try {
      outcome = this.#kind.greet(data, (part) => this.#connection.send(part));
    } catch (error) {
      outcome = { kind: 'protocol', message: `the server's greeting is not valid: ${(error as Error).message}` };
    }
    if (outcome === 'done') this.#succeed();
    else if (outcome !== undefined) {
      this.#fail('failed', 'namespace', outcome, this.#opened?.terms.head);
      this.#connection.close(1000);
    }
  }

  #finish(outcome: Pick<Attempt, 'connection' | 'head' | 'protocol' | 'error'>): void {
    const { settings, scenario } = this.#context;
    const connectMs = settings.clock.now() - this.#request.dueMs;
    // The handshake's bytes are the request's; what follows is the socket's.
    this.#series.bytesIn += this.#connection.bytesIn;
    this.#series.bytesOut += this.#connection.bytesOut;
    this.#socket = this.#kind.make({ ...outcome, connectMs, name: this.#name, scenario });
  }

  message(data: string | Uint8Array): void {
    if (this.#socket !== undefined) this.#socket.received(data);
    else this.#greeted(data);
  }

  pong(payload: Uint8Array): void {
    this.#socket?.ponged(payload);
  }

  closed(code: number, reason: string, wasClean: boolean): void {
    const socket = this.#socket;
    if (socket === undefined) {
      const message = `the server closed with ${code} before the socket could be used`;
      this.#fail('failed', 'namespace', { kind: 'closed', message });
    } else if (socket.ok) {
      socket.ended({ code, reason, wasClean });
      this.#kind.over(socket);
    }
  }
}

/** Loading them takes the first socket of a thread 10 to 20 ms, and they are no part of the server's time. */
function loadBuiltIns({ origin }: TargetUrl): void {
  builtIn.crypto();
  if (origin.protocol === 'https:') builtIn.tls();
}

/** Paths resolve against a target that is named by its HTTP address. Errors: UsageError. */
function asHttp(path: string): string {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(path)?.[1]?.toLowerCase();
  if (scheme === undefined || scheme === 'http' || scheme === 'https') return path;
  if (scheme === 'ws' || scheme === 'wss') return path.replace(/^ws/i, 'http');
  throw new UsageError(`a WebSocket has no address that begins with '${scheme}://'`, {
    hint: "write a path, or 'ws://…' or 'wss://…'",
  });
}

/** The test's own headers and credentials go to the target's own origin only, as with requests. */
function headersOf(target: TargetUrl, options: SocketOptions, { base, http }: TestSettings): Record<string, string> {
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

function deflateOf({ compress = false }: SocketOptions): WebSocketOptions['deflate'] {
  if (compress === false) return undefined;
  if (compress === true) return { thresholdBytes: defaultThresholdBytes };
  const { threshold = defaultThresholdBytes, serverNoContextTakeover = false } = compress;
  if (!(threshold >= 0)) {
    throw new TestFileError(`compress.threshold is ${threshold}`, { hint: 'give it in bytes, 0 for every message' });
  }
  return { thresholdBytes: threshold, serverNoContextTakeover };
}
