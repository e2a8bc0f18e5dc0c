/** One attempt to open a socket, from when it is due to when it can be used, or to the lack of one. */
import { parseDurationMs } from '../../../kernel/units.ts';
import type { SocketError, SocketOptions } from '../../../model/socket.ts';
import type { TargetUrl } from '../../../protocol/http1/target-url.ts';
import type { Opened, Refusal, WebSocketTimings, WebSocketUser } from '../../../protocol/websocket/web-socket.ts';
import type { Ending, SeriesRecord } from '../series-record.ts';
import type { Carrier } from './carrier.ts';
import type { AnySocket, Attempt } from './socket-base.ts';
import { TimedRequest } from './timed-request.ts';
import { targetOf, type SocketContext, type Way } from './web-socket-way.ts';

/** 'done', or why the server let nobody in. */
export type GreetingOutcome = 'done' | SocketError;

/** What a WebSocket and what is built on it do differently. */
export interface SocketKind<Made extends AnySocket = AnySocket> {
  /** Begins the names of its series. */
  readonly word: string;
  /** Makes what carries its messages. Errors: TestFileError, UsageError, TargetNotAllowedError. */
  connect(way: Way, user: WebSocketUser): Carrier;
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
  readonly #connection: Carrier;
  readonly #request: TimedRequest;
  readonly #timeoutMs: number;
  readonly #name: string;
  readonly #target: TargetUrl;
  readonly #series: SeriesRecord;
  #opened: { readonly timings: WebSocketTimings; readonly terms: Opened } | undefined;
  #socket: Made | undefined;

  /** Errors: TestFileError, UsageError, TargetNotAllowedError, thrown where the test asks. */
  constructor(context: SocketContext, path: string, options: SocketOptions, kind: SocketKind<Made>) {
    const { settings, scenario } = context;
    this.#context = context;
    this.#kind = kind;
    this.#timeoutMs = options.timeout === undefined ? settings.http.timeoutMs : parseDurationMs(options.timeout);
    this.#name = options.name ?? `${kind.word} ${path.replace(/[?#].*$/s, '')}`;
    this.#series = settings.recorder.series(this.#name, 'request', scenario);
    this.#request = new TimedRequest(settings, this.#series, {
      expired: () => {
        this.#connection.close();
        this.#fail('timeout', 'timeout', `no WebSocket within ${this.#timeoutMs} ms`, undefined);
      },
      cut: () => {
        this.#connection.close();
      },
    });
    const way = { context, path, options, name: this.#name, timeoutMs: this.#timeoutMs };
    this.#target = targetOf(way);
    this.#connection = kind.connect(way, this);
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
    const now = settings.clock.now();
    const issuedMs = pendingIssuedMs === 0 ? now : pendingIssuedMs;
    if (dueMs === 0) this.#request.issue(now, now, 0, now, this.#timeoutMs);
    else if (vu.isOpenModel) this.#request.issue(dueMs, issuedMs, issuedMs - dueMs, now, this.#timeoutMs);
    else this.#request.issue(now, now, now - dueMs, now, this.#timeoutMs);
  }

  opened(timings: WebSocketTimings, terms: Opened): void {
    const { vu } = this.#context;
    const now = this.#context.settings.clock.now();
    this.#opened = { timings, terms };
    this.#request.sentMs = now - timings.upgradeMs;
    this.#request.firstByteMs = now;
    // 101 where it is a WebSocket.
    this.#request.status = terms.head.status;
    const cookies = terms.head.hasSetCookie ? terms.head.setCookies() : [];
    if (cookies.length > 0) vu.cookies.store(cookies, this.#target.origin, this.#target.path);
    if (!this.#kind.hasGreeting) this.#succeed();
  }

  /** It can be used: what its kind asks for beyond the WebSocket is done, too. */
  #succeed(): void {
    const { settings } = this.#context;
    const { recorder } = settings;
    const { timings, terms } = this.#opened!;
    const now = settings.clock.now();
    const { sockets } = recorder;
    sockets.opened++;
    sockets.open++;
    if (timings.dnsMs > 0) recorder.dns.record(timings.dnsMs * 1000);
    if (timings.tlsMs > 0) recorder.tls.record(timings.tlsMs * 1000);
    sockets.connect.record((now - this.#request.dueMs) * 1000);
    this.#request.end('expected', now);
    this.#finish({ connection: this.#connection, head: terms.head, protocol: terms.protocol, error: undefined });
  }

  refused({ error, head }: Refusal): void {
    const isLimited = head?.status === 429;
    const ending = isLimited ? 'limited' : error.kind === 'timeout' ? 'timeout' : 'failed';
    this.#fail(ending, isLimited ? 'limited' : error.kind, error.message, head);
  }

  #fail(ending: Ending, kind: string, message: string, head: Refusal['head']): void {
    const { settings } = this.#context;
    this.#request.status = head?.status ?? this.#request.status;
    if (!this.#request.end(ending, settings.clock.now(), kind, message)) return;
    settings.recorder.sockets.refused++;
    this.#finish({ connection: undefined, head, protocol: '', error: { kind, message } });
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
      this.#fail('failed', outcome.kind, outcome.message, this.#opened?.terms.head);
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

  pong(): void {
    this.#socket?.ponged();
  }

  closed(code: number, reason: string, wasClean: boolean): void {
    const socket = this.#socket;
    if (socket === undefined) {
      this.#fail('failed', 'closed', `the server closed with ${code} before the socket could be used`, undefined);
    } else if (socket.ok) {
      socket.ended({ code, reason, wasClean });
      this.#kind.over(socket);
    }
  }
}
