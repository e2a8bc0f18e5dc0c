/** What every kind of socket has in common: messages that are waited for, replies that are timed, and the books. */
import { parseDurationMs } from '../../../kernel/units.ts';
import type { NextOptions, SocketEnd, SocketError } from '../../../model/socket.ts';
import type { ResponseHead } from '../../../protocol/http1/response-head.ts';
import { describeError } from '../describe-error.ts';
import type { TestSettings } from '../test-settings.ts';
import type { Carrier } from './carrier.ts';
import { Inbox, type Waiter } from './inbox.ts';
import { SocketFault } from './socket-fault.ts';
import { TimedRequest } from './timed-request.ts';

/** How the attempt to open it went. */
export interface Attempt {
  readonly connection: Carrier | undefined;
  readonly head: ResponseHead | undefined;
  /** The subprotocol, or ''. */
  readonly protocol: string;
  readonly connectMs: number;
  readonly error: SocketError | undefined;
  /** Of its series: 'WS /path'. */
  readonly name: string;
  readonly scenario: string;
}

/** What the rest of the engine needs of a socket, whatever its messages. */
export interface AnySocket {
  readonly ok: boolean;
  received(data: string | Uint8Array): void;
  ponged(): void;
  ended(end: SocketEnd): void;
  settle(): void;
  release(): void;
}

export abstract class SocketBase<Message> implements AnySocket {
  protected readonly settings: TestSettings;
  /** The one that brought the connection; another one where it was lost and came back. */
  protected attempt: Attempt;
  readonly #inbox = new Inbox<Message>();
  readonly #onClose: ((end: SocketEnd) => void)[] = [];
  #end: SocketEnd | undefined;
  #isOver = false;
  // What the books have had of the connection's own counts.
  #bytesIn: number;
  #bytesOut: number;

  constructor(settings: TestSettings, attempt: Attempt) {
    this.settings = settings;
    this.attempt = attempt;
    if (attempt.connection === undefined) this.#end = { code: 1006, reason: '', wasClean: false };
    this.#bytesIn = attempt.connection?.bytesIn ?? 0;
    this.#bytesOut = attempt.connection?.bytesOut ?? 0;
  }

  /** It was lost, and stands again. */
  protected reopened(attempt: Attempt): void {
    this.attempt = attempt;
    this.#end = undefined;
    this.#bytesIn = attempt.connection?.bytesIn ?? 0;
    this.#bytesOut = attempt.connection?.bytesOut ?? 0;
  }

  /** Whether its end, if it has ended, is not the last word. */
  comesBack(): boolean {
    return false;
  }

  /** A message of the WebSocket has come. */
  abstract received(data: string | Uint8Array): void;

  get ok(): boolean {
    return this.attempt.connection !== undefined;
  }
  get status(): number {
    return this.attempt.head?.status ?? 0;
  }
  get error(): SocketError | undefined {
    return this.attempt.error;
  }
  get connectMs(): number {
    return this.attempt.connectMs;
  }
  get isOpen(): boolean {
    return this.attempt.connection?.state === 'open';
  }
  get bufferedBytes(): number {
    return this.attempt.connection?.bufferedBytes ?? 0;
  }

  /** It has ended, and is not back. */
  protected get isLost(): boolean {
    return this.#end !== undefined;
  }

  orThrow(): this {
    if (this.ok) return this;
    throw new SocketFault('closed', `${this.attempt.name} failed: ${this.error?.message ?? 'no WebSocket'}`);
  }

  /** false: it is not open, and nothing was sent. */
  protected write(parts: readonly (string | Uint8Array)[]): boolean {
    const { connection } = this.attempt;
    if (this.#isOver || connection?.state !== 'open') return false;
    for (const part of parts) connection.send(part);
    this.countBytes();
    return true;
  }

  /** Counts a message, gives it to `handle`, and keeps it for `next` unless that has had it. Hot path. */
  protected deliver(message: Message, handle: (message: Message) => boolean): void {
    if (this.#isOver) return;
    const { sockets } = this.settings.recorder;
    sockets.messagesIn++;
    const isHandled = handle(message);
    if (isHandled) sockets.taken++;
    this.#inbox.put(message, isHandled);
  }

  /** What ends a wait is thrown from here, so that its stack leads to the test's own line. */
  protected async take(
    wants: (message: Message) => boolean,
    options: NextOptions,
    isHandled: boolean,
  ): Promise<Message> {
    const { sockets } = this.settings.recorder;
    const found = this.#inbox.find(wants);
    if (found !== undefined) {
      sockets.taken++;
      return found;
    }
    if (this.#end !== undefined && !this.comesBack()) throw this.gone();
    const timeoutMs = this.timeoutMs(options);
    const outcome = await this.#wait(wants, timeoutMs);
    if (outcome === 'closed') throw this.gone();
    if (outcome === 'timeout') {
      throw new SocketFault('timeout', `${this.attempt.name}: no such message within ${timeoutMs} ms`);
    }
    if (!isHandled) sockets.taken++;
    return outcome.message;
  }

  #wait(
    wants: (message: Message) => boolean,
    timeoutMs: number,
  ): Promise<{ readonly message: Message } | 'closed' | 'timeout'> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter<Message> = {
        wants,
        take: (message) => {
          timer.cancel();
          resolve({ message });
        },
        fail: (error) => {
          timer.cancel();
          if (error === undefined) resolve('closed');
          else reject(error);
        },
      };
      const timer = this.settings.clock.after(timeoutMs, () => {
        this.#inbox.forget(waiter);
        resolve('timeout');
      });
      this.#inbox.wait(waiter);
    });
  }

  async step<T>(name: string, body: () => Promise<T>, options: NextOptions = {}): Promise<T | undefined> {
    const { clock } = this.settings;
    let giveUp: (value: undefined) => void = () => undefined;
    const givenUp = new Promise<undefined>((resolve) => {
      giveUp = resolve;
    });
    const request = this.timed(name, options, () => {
      giveUp(undefined);
    });
    try {
      // A body that outlives its time goes on, and counts no more.
      const value = await Promise.race([body(), givenUp]);
      request.end('expected', clock.now());
      return value;
    } catch (error) {
      const now = clock.now();
      if (!(error instanceof SocketFault)) {
        request.end('failed', now, 'other', error instanceof Error ? error.message : String(error));
        throw error;
      }
      request.end(error.kind === 'timeout' ? 'timeout' : 'failed', now, error.kind, error.message);
      return undefined;
    }
  }

  onClose(handler: (end: SocketEnd) => void): () => void {
    return listed(this.#onClose, handler);
  }

  /** Resolves when the connection has ended; `leave` says good-bye. */
  protected end(leave: (connection: Carrier) => void): Promise<SocketEnd> {
    const { connection } = this.attempt;
    if (this.#end !== undefined || connection === undefined) return Promise.resolve(this.#end!);
    const ended = new Promise<SocketEnd>((resolve) => this.#onClose.push(resolve));
    leave(connection);
    this.countBytes();
    return ended;
  }

  terminate(how: 'reset' | 'fin'): void {
    this.attempt.connection?.terminate(how);
  }

  silence(): void {
    this.attempt.connection?.silence();
  }

  ponged(): void {
    this.countBytes();
  }

  ended(end: SocketEnd): void {
    this.countBytes();
    this.#end = end;
    if (!this.#isOver) {
      this.settings.recorder.sockets.open--;
      this.settings.recorder.sockets.countClose(end.code);
    }
    for (const handler of this.#onClose) this.call(() => handler(end));
    if (!this.comesBack()) this.failWaits();
  }

  /** Nothing more will come. */
  protected failWaits(): void {
    this.#inbox.failAll();
  }

  /** The test is over, and its books are closed. */
  settle(): void {
    if (this.#isOver) return;
    this.countBytes();
    this.#isOver = true;
  }

  release(): void {
    this.settle();
    this.attempt.connection?.close(1001);
  }

  protected timed(name: string, options: NextOptions, over: () => void): TimedRequest {
    const { recorder, clock } = this.settings;
    const series = recorder.series(name, 'request', this.attempt.scenario);
    const now = clock.now();
    const timeoutMs = this.timeoutMs(options);
    const request = new TimedRequest(this.settings, series, {
      expired: () => {
        request.end('timeout', clock.now(), 'timeout', `no answer within ${timeoutMs} ms`);
        over();
      },
      cut: () => undefined,
    });
    request.issue(now, now, 0, now, timeoutMs);
    request.sentMs = now;
    return request;
  }

  protected timeoutMs({ timeout }: NextOptions): number {
    return timeout === undefined ? this.settings.http.timeoutMs : parseDurationMs(timeout);
  }

  /** What a handler of the test throws is counted by its place, and the socket goes on. */
  protected call(handler: () => void): void {
    try {
      handler();
    } catch (error) {
      const { place, message, stack } = describeError(error);
      this.settings.recorder.countException(place, message, stack);
    }
  }

  protected gone(): SocketFault {
    const { name, error } = this.attempt;
    const why = error === undefined ? `it ended with ${this.#end?.code ?? 1006}` : error.message;
    return new SocketFault('closed', `${name}: the socket is not open: ${why}`);
  }

  protected countBytes(): void {
    const { connection } = this.attempt;
    if (connection === undefined || this.#isOver) return;
    const { sockets } = this.settings.recorder;
    sockets.bytesIn += connection.bytesIn - this.#bytesIn;
    sockets.bytesOut += connection.bytesOut - this.#bytesOut;
    this.#bytesIn = connection.bytesIn;
    this.#bytesOut = connection.bytesOut;
  }
}

/** Puts a handler on a list; gives back what takes it off. */
export function listed<Handler>(handlers: Handler[], handler: Handler): () => void {
  handlers.push(handler);
  return () => {
    const at = handlers.indexOf(handler);
    if (at >= 0) handlers.splice(at, 1);
  };
}
