/** One attempt to open a socket, from when it is due to when it can be used, or to the lack of one. */
import { TestFileError, UsageError } from '../../../kernel/errors.ts';
import type { SocketError, SocketOptions } from '../../../model/socket.ts';
import type { DialTimings } from '../../../protocol/net/dial.ts';
import { WebSocketConnection } from '../../../protocol/websocket/web-socket-connection.ts';
import type {
  Opened,
  Refusal,
  WebSocketOptions,
  WebSocketTimings,
  WebSocketUser,
} from '../../../protocol/websocket/web-socket.ts';
import type { SocketPhase } from '../../../stats/socket-phases.ts';
import type { Ending } from '../series-record.ts';
import { endingOf, OpeningRequest, type SocketContext } from './opening-request.ts';
import type { AnySocket, Attempt } from './socket-base.ts';

const defaultMaxMessageBytes = 16 * 1024 * 1024;
const defaultThresholdBytes = 1024;
const closeTimeoutMs = 5000;

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
  readonly #request: OpeningRequest;
  #terms: Opened | undefined;
  #socket: Made | undefined;

  /** Errors: TestFileError, UsageError, TargetNotAllowedError, thrown where the test asks. */
  constructor(context: SocketContext, path: string, options: SocketOptions, kind: SocketKind<Made>) {
    this.#context = context;
    this.#kind = kind;
    const owner = {
      expired: () => {
        const phase = this.#phase;
        this.#connection.close();
        this.#fail('timeout', phase, { kind: 'timeout', message: `no WebSocket within ${this.#request.timeoutMs} ms` });
      },
      cut: () => {
        this.#connection.close();
      },
    };
    this.#request = new OpeningRequest(context, kind.word, path, options, owner, asHttp(path));
    this.#connection = new WebSocketConnection(this.#optionsOf(options), context.thread, this, context.vu.random);
  }

  #optionsOf(options: SocketOptions): WebSocketOptions {
    const { target, origin, cookie, timeoutMs } = this.#request;
    return {
      target: origin.nextTarget(),
      path: target.path,
      hostHeader: target.origin.hostHeader,
      headers: this.#request.headers(options),
      cookie,
      protocols: options.protocols ?? [],
      deflate: deflateOf(options),
      maxMessageBytes: options.maxMessageBytes ?? defaultMaxMessageBytes,
      // The list of time-outs ends the whole attempt.
      handshakeTimeoutMs: timeoutMs,
      closeTimeoutMs,
    };
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
    if (!this.#kind.hasGreeting) this.#succeed(terms);
  }

  /** It can be used: what its kind asks for beyond the WebSocket is done, too. */
  #succeed({ head, protocol }: Opened): void {
    this.#request.succeed();
    this.#finish({ connection: this.#connection, head, protocol, error: undefined });
  }

  refused({ error: cause, phase, head }: Refusal): void {
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
    this.#socket = this.#kind.make({ ...outcome, connectMs: ageMs, name, scenario });
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

/** Paths resolve against a target that is named by its HTTP address. Errors: UsageError. */
function asHttp(path: string): string {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(path)?.[1]?.toLowerCase();
  if (scheme === undefined || scheme === 'http' || scheme === 'https') return path;
  if (scheme === 'ws' || scheme === 'wss') return path.replace(/^ws/i, 'http');
  throw new UsageError(`a WebSocket has no address that begins with '${scheme}://'`, {
    hint: "write a path, or 'ws://…' or 'wss://…'",
  });
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
