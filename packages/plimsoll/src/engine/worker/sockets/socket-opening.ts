/** One attempt to open a socket, from when it is due to when it can be used, or to the lack of one. */
import type { SocketError, SocketOptions } from '../../../model/socket.ts';
import type { DialTimings } from '../../../protocol/net/dial.ts';
import type { TransportError } from '../../../protocol/net/error-kind.ts';
import type { Opened, Refusal, WebSocketTimings, WebSocketUser } from '../../../protocol/websocket/web-socket.ts';
import type { SocketPhase } from '../../../stats/socket-phases.ts';
import type { Ending } from '../series-record.ts';
import type { Carrier } from './carrier.ts';
import { endingOf, OpeningRequest, type SocketContext } from './opening-request.ts';
import type { AnySocket, Attempt, SocketKeeper } from './socket-base.ts';
import type { TimedOwner } from './timed-request.ts';
import { asHttp, type Way } from './web-socket-way.ts';

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
  readonly keeper: SocketKeeper;
}

/** One attempt, from when it is due to the socket or the lack of one. */
export class SocketOpening<Made extends AnySocket> implements WebSocketUser, TimedOwner {
  readonly #context: SocketContext;
  readonly #kind: SocketKind<Made>;
  readonly #connection: Carrier;
  readonly #request: OpeningRequest;
  #terms: Opened | undefined;
  #socket: Made | undefined;
  #hasFailed = false;

  /** Errors: TestFileError, UsageError, TargetNotAllowedError, thrown where the test asks. */
  constructor(context: SocketContext, path: string, options: SocketOptions, kind: SocketKind<Made>) {
    this.#context = context;
    this.#kind = kind;
    const address = asHttp(path);
    this.#request = new OpeningRequest(context, kind.word, path, options, this, address);
    this.#connection = kind.connect({ context, request: this.#request, address, options }, this);
  }

  /** TimedOwner. */
  expired(): void {
    const phase = this.#phase;
    this.#connection.close();
    const message = `it could not be used within ${this.#request.timeoutMs} ms`;
    this.#fail('timeout', phase, { kind: 'timeout', message });
  }

  /** TimedOwner. */
  cut(): void {
    this.#connection.close();
  }

  get #phase(): SocketPhase {
    return this.#terms === undefined ? this.#connection.phase : 'namespace';
  }

  start(): void {
    this.#request.start();
  }

  /** An attempt that no iteration has asked for. */
  startAt(dueMs: number): void {
    this.#request.startAt(dueMs);
  }

  connected(timings: DialTimings): void {
    this.#request.connected(timings);
  }

  opened({ upgradeMs }: WebSocketTimings, terms: Opened): void {
    this.#terms = terms;
    this.#request.answered(terms.head, upgradeMs);
    // The requests of polling have kept theirs.
    if (this.#connection.transport !== 'polling') this.#request.keepCookies(terms.head);
    if (!this.#kind.hasGreeting) this.#succeed(terms);
  }

  /** It can be used: what its kind asks for beyond the WebSocket is done, too. */
  #succeed({ head, protocol }: Opened): void {
    this.#request.succeed();
    this.#finish({ connection: this.#connection, head, protocol, error: undefined });
  }

  refused({ error: cause, phase, head }: Refusal): void {
    if (head !== undefined && this.#connection.transport !== 'polling') this.#request.keepCookies(head);
    const { ending, error } = endingOf(cause, head);
    this.#fail(ending, phase, error, head);
  }

  #fail(ending: Ending, phase: SocketPhase, error: SocketError, head?: Refusal['head']): void {
    if (!this.#request.fail(ending, phase, error, head)) return;
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
    if (outcome === 'done') {
      this.#request.joined();
      this.#succeed(this.#terms!);
    } else if (outcome !== undefined) {
      this.#fail('failed', 'namespace', outcome, this.#terms?.head);
      this.#connection.close(1000);
    }
  }

  #finish(outcome: Pick<Attempt, 'connection' | 'head' | 'protocol' | 'error'>): void {
    const { name, ageMs } = this.#request;
    const { scenario } = this.#context;
    // The handshake's bytes are the request's; what follows is the socket's.
    this.#request.countBytes(this.#connection.bytesIn, this.#connection.bytesOut);
    const socket = this.#kind.make({ connectMs: ageMs, name, scenario, ...outcome });
    // One that comes back exists already: what becomes of a connection that it never had is not its end.
    if (outcome.connection === undefined) {
      this.#hasFailed = true;
      return;
    }
    this.#socket = socket;
    socket.keeper = this.#kind.keeper;
    this.#connection.handTo?.(socket);
  }

  message(data: string | Uint8Array): void {
    if (this.#socket !== undefined) this.#socket.message(data);
    else if (!this.#hasFailed) this.#greeted(data);
  }

  pong(payload: Uint8Array): void {
    this.#socket?.pong(payload);
  }

  closed(code: number, reason: string, wasClean: boolean, error: TransportError | undefined): void {
    const socket = this.#socket;
    if (socket === undefined) {
      const why = error?.message ?? `the server closed with ${code}`;
      const message = `${why}, before the socket could be used`;
      this.#fail('failed', 'namespace', { kind: 'closed', message });
    } else {
      socket.closed(code, reason, wasClean, error);
    }
  }
}
