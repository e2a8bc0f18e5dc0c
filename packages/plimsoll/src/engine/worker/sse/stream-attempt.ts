/** One attempt to open an event stream, and the connection it led to. A stream that comes back makes several. */
import type { SocketError } from '../../../model/socket.ts';
import type { SseOptions } from '../../../model/sse.ts';
import type { ResponseHead } from '../../../protocol/http1/response-head.ts';
import type { DialTimings, OpeningPhase } from '../../../protocol/net/dial.ts';
import { EventStreamConnection } from '../../../protocol/sse/event-stream-connection.ts';
import type {
  EventStreamOptions,
  EventStreamUser,
  StreamEnd,
  StreamRefusal,
} from '../../../protocol/sse/event-stream.ts';
import type { Ending } from '../series-record.ts';
import { endingOf, OpeningRequest, type SocketContext } from '../sockets/opening-request.ts';

const defaultMaxEventBytes = 16 * 1024 * 1024;

/** What an attempt tells: `opened` or `failed`; after `opened` events and, once, `closed`. */
export interface AttemptOwner {
  opened(attempt: StreamAttempt, head: ResponseHead): void;
  /** `head`: of the answer that was no stream. `error` is undefined where the server said that there is nothing more. */
  failed(attempt: StreamAttempt, error: SocketError | undefined, head: ResponseHead | undefined): void;
  event(type: string, data: string, id: string): void;
  closed(end: StreamEnd): void;
}

export interface AttemptPlan {
  readonly path: string;
  readonly options: SseOptions;
  readonly lastEventId: string;
  /** Set where it comes back by itself: when that is due. 204 then means that it need not (HTML, section 9.2.1). */
  readonly returnDueMs: number | undefined;
}

export class StreamAttempt implements EventStreamUser {
  readonly #context: SocketContext;
  readonly #owner: AttemptOwner;
  readonly #returnDueMs: number | undefined;
  readonly #request: OpeningRequest;
  readonly #connection: EventStreamConnection;
  // What the books of the sockets have had of the connection's own counts.
  #bytesIn = 0;
  #bytesOut = 0;

  /** Errors: TestFileError, UsageError, TargetNotAllowedError. */
  constructor(context: SocketContext, { path, options, lastEventId, returnDueMs }: AttemptPlan, owner: AttemptOwner) {
    this.#context = context;
    this.#owner = owner;
    this.#returnDueMs = returnDueMs;
    this.#request = new OpeningRequest(context, 'SSE', path, options, {
      expired: () => {
        const { phase } = this.#connection;
        this.#connection.close();
        const message = `no event stream within ${this.#request.timeoutMs} ms`;
        this.#fail('timeout', phase, { kind: 'timeout', message }, undefined);
      },
      cut: () => {
        this.#connection.close();
      },
    });
    this.#connection = new EventStreamConnection(this.#optionsOf(options, lastEventId), context.thread, this);
  }

  #optionsOf(options: SseOptions, lastEventId: string): EventStreamOptions {
    const { target, origin, cookie } = this.#request;
    const { proxyAuthorization } = origin;
    const proxied = proxyAuthorization === undefined ? {} : { 'proxy-authorization': proxyAuthorization };
    return {
      target: origin.nextTarget(),
      path: target.path,
      hostHeader: target.origin.hostHeader,
      absolutePrefix: origin.absolutePrefix,
      headers: { ...this.#request.headers(options), ...proxied },
      cookie,
      lastEventId,
      maxEventBytes: options.maxEventBytes ?? defaultMaxEventBytes,
    };
  }

  start(): void {
    if (this.#returnDueMs === undefined) this.#request.start();
    else this.#request.startAt(this.#returnDueMs);
  }

  get isOpen(): boolean {
    return this.#connection.state === 'open';
  }
  get lastEventId(): string {
    return this.#connection.lastEventId;
  }
  get retryMs(): number | undefined {
    return this.#connection.retryMs;
  }
  /** From when it was due to now. */
  get ageMs(): number {
    return this.#request.ageMs;
  }

  /** Leaves; `closed` follows where it was open, and nothing where it was not: a return is then needed no more. */
  close(): void {
    const { state } = this.#connection;
    this.#connection.close();
    if (state !== 'connecting' || this.#context.settings.life.over) return;
    this.#request.leave();
    this.#request.countBytes(this.#connection.bytesIn, this.#connection.bytesOut);
  }

  terminate(how: 'reset' | 'fin'): void {
    if (this.isOpen) this.#connection.terminate(how);
  }

  silence(): void {
    this.#connection.silence();
  }

  connected(timings: DialTimings): void {
    this.#request.connected(timings);
  }

  opened(answerMs: number, head: ResponseHead): void {
    const { headBytesIn, bytesOut } = this.#connection;
    this.#request.answered(head, answerMs);
    this.#request.keepCookies(head);
    this.#request.succeed();
    this.#context.settings.recorder.sockets.streams++;
    this.#request.countBytes(headBytesIn, bytesOut);
    this.#bytesIn = headBytesIn;
    this.#bytesOut = bytesOut;
    this.#owner.opened(this, head);
  }

  refused({ error: cause, phase, head }: StreamRefusal): void {
    if (head !== undefined) this.#request.keepCookies(head);
    if (this.#returnDueMs !== undefined && head?.status === 204) {
      this.#request.decline(head);
      this.#failed(undefined, head);
      return;
    }
    const { ending, error } = endingOf(cause, head);
    this.#fail(ending, phase, error, head);
  }

  #fail(ending: Ending, phase: OpeningPhase, error: SocketError, head: ResponseHead | undefined): void {
    if (this.#request.fail(ending, phase, error, head)) this.#failed(error, head);
  }

  #failed(error: SocketError | undefined, head: ResponseHead | undefined): void {
    this.#request.countBytes(this.#connection.bytesIn, this.#connection.bytesOut);
    this.#owner.failed(this, error, head);
  }

  event(type: string, data: string, id: string): void {
    this.#owner.event(type, data, id);
  }

  closed(end: StreamEnd): void {
    this.#owner.closed(end);
  }

  /** Puts what has come since the last time into the books of the sockets. */
  countBytes(): void {
    const { bytesIn, bytesOut, headBytesIn } = this.#connection;
    // Before there is a stream, all of it is the request's.
    if (headBytesIn === 0) return;
    const { sockets } = this.#context.settings.recorder;
    sockets.bytesIn += bytesIn - this.#bytesIn;
    sockets.bytesOut += bytesOut - this.#bytesOut;
    this.#bytesIn = bytesIn;
    this.#bytesOut = bytesOut;
  }
}
