/** A WebSocket as a test holds it, and its part of the books. */
import { parseDurationMs } from '../../../kernel/units.ts';
import { TestFileError } from '../../../kernel/errors.ts';
import type { NextOptions, Socket, SocketEnd, SocketError, SocketMessage } from '../../../model/socket.ts';
import type { ResponseHead } from '../../../protocol/http1/response-head.ts';
import type { WebSocketConnection } from '../../../protocol/websocket/web-socket-connection.ts';
import { describeError } from '../describe-error.ts';
import type { TestSettings } from '../test-settings.ts';
import { Inbox, type Waiter } from './inbox.ts';
import { ReceivedMessage } from './received-message.ts';
import { SocketFault } from './socket-fault.ts';
import { TimedRequest } from './timed-request.ts';

/** How the attempt to open it went. */
export interface Attempt {
  readonly connection: WebSocketConnection | undefined;
  readonly head: ResponseHead | undefined;
  readonly protocol: string;
  readonly connectMs: number;
  readonly error: SocketError | undefined;
  /** Of its series: 'WS /path'. */
  readonly name: string;
  readonly scenario: string;
}

const anything = (): boolean => true;

export class LiveSocket implements Socket {
  readonly #settings: TestSettings;
  readonly #attempt: Attempt;
  readonly #inbox = new Inbox();
  readonly #onMessage: ((message: SocketMessage) => void)[] = [];
  readonly #onClose: ((end: SocketEnd) => void)[] = [];
  readonly #pings: (() => void)[] = [];
  #end: SocketEnd | undefined;
  #isOver = false;
  // What the books have had of the connection's own counts.
  #bytesIn = 0;
  #bytesOut = 0;

  constructor(settings: TestSettings, attempt: Attempt) {
    this.#settings = settings;
    this.#attempt = attempt;
    if (attempt.connection === undefined) this.#end = { code: 1006, reason: '', wasClean: false };
    this.#bytesIn = attempt.connection?.bytesIn ?? 0;
    this.#bytesOut = attempt.connection?.bytesOut ?? 0;
  }

  get ok(): boolean {
    return this.#attempt.connection !== undefined;
  }
  get status(): number {
    return this.#attempt.head?.status ?? 0;
  }
  get error(): SocketError | undefined {
    return this.#attempt.error;
  }
  get protocol(): string {
    return this.#attempt.protocol;
  }
  get connectMs(): number {
    return this.#attempt.connectMs;
  }
  get isOpen(): boolean {
    return this.#attempt.connection?.state === 'open';
  }
  get bufferedBytes(): number {
    return this.#attempt.connection?.bufferedBytes ?? 0;
  }

  header(name: string): string | undefined {
    return this.#attempt.head?.header(name);
  }

  orThrow(): this {
    if (this.ok) return this;
    throw new SocketFault('closed', `${this.#attempt.name} failed: ${this.error?.message ?? 'no WebSocket'}`);
  }

  send(data: string | Uint8Array): boolean {
    if (this.#isOver || this.#attempt.connection?.send(data) !== true) return false;
    this.#settings.recorder.sockets.messagesOut++;
    this.#countBytes();
    return true;
  }

  sendJson(value: unknown): boolean {
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined) {
      throw new TestFileError('sendJson was given what JSON cannot hold', {
        hint: 'give it an object, an array or a value',
      });
    }
    return this.send(text);
  }

  /** What ends a wait is thrown from here, so that its stack leads to the test's own line. */
  async next(
    predicate: (message: SocketMessage) => boolean = anything,
    options: NextOptions = {},
  ): Promise<SocketMessage> {
    const { sockets } = this.#settings.recorder;
    const found = this.#inbox.find(predicate);
    if (found !== undefined) {
      sockets.taken++;
      return found;
    }
    if (this.#end !== undefined) throw this.#gone();
    const timeoutMs = this.#timeoutMs(options);
    const outcome = await this.#wait(predicate, timeoutMs);
    if (outcome === 'closed') throw this.#gone();
    if (outcome === 'timeout') {
      throw new SocketFault('timeout', `${this.#attempt.name}: no such message within ${timeoutMs} ms`);
    }
    if (this.#onMessage.length === 0) sockets.taken++;
    return outcome;
  }

  #wait(wants: (message: SocketMessage) => boolean, timeoutMs: number): Promise<SocketMessage | 'closed' | 'timeout'> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        wants,
        take: (message) => {
          timer.cancel();
          resolve(message);
        },
        fail: (error) => {
          timer.cancel();
          if (error === undefined) resolve('closed');
          else reject(error);
        },
      };
      const timer = this.#settings.clock.after(timeoutMs, () => {
        this.#inbox.forget(waiter);
        resolve('timeout');
      });
      this.#inbox.wait(waiter);
    });
  }

  on(event: 'message', handler: (message: SocketMessage) => void): () => void;
  on(event: 'close', handler: (end: SocketEnd) => void): () => void;
  on(event: 'message' | 'close', handler: ((message: SocketMessage) => void) | ((end: SocketEnd) => void)): () => void {
    const handlers: unknown[] = event === 'message' ? this.#onMessage : this.#onClose;
    handlers.push(handler);
    return () => {
      const at = handlers.indexOf(handler);
      if (at >= 0) handlers.splice(at, 1);
    };
  }

  ping(options: NextOptions = {}): Promise<number | undefined> {
    return new Promise((resolve) => {
      const { clock } = this.#settings;
      const request = this.#timed(`PING ${this.#attempt.name.replace(/^WS /, '')}`, options, () => {
        resolve(undefined);
      });
      const sentMs = clock.now();
      if (this.#attempt.connection?.ping() !== true) {
        request.end('failed', sentMs, 'closed', this.#gone().message);
        resolve(undefined);
        return;
      }
      this.#countBytes();
      this.#pings.push(() => {
        const now = clock.now();
        if (request.end('expected', now)) resolve(now - sentMs);
      });
    });
  }

  async step<T>(name: string, body: () => Promise<T>, options: NextOptions = {}): Promise<T | undefined> {
    const { clock } = this.#settings;
    let giveUp: (value: undefined) => void = () => undefined;
    const givenUp = new Promise<undefined>((resolve) => {
      giveUp = resolve;
    });
    const request = this.#timed(name, options, () => {
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

  close(code?: number, reason = ''): Promise<SocketEnd> {
    if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999)) {
      return Promise.reject(
        new TestFileError(`a test cannot close a WebSocket with ${code}`, { hint: 'give 1000, or 3000 to 4999' }),
      );
    }
    if (this.#end !== undefined) return Promise.resolve(this.#end);
    const ended = new Promise<SocketEnd>((resolve) => this.#onClose.push(resolve));
    this.#attempt.connection?.close(code ?? 1000, reason);
    this.#countBytes();
    return ended;
  }

  terminate(how: 'reset' | 'fin'): void {
    this.#attempt.connection?.terminate(how);
  }

  silence(): void {
    this.#attempt.connection?.silence();
  }

  /** A message has come. Hot path. */
  received(data: string | Uint8Array): void {
    this.#countBytes();
    if (this.#isOver) return;
    this.#settings.recorder.sockets.messagesIn++;
    const message = new ReceivedMessage(data, this.#settings.clock.now());
    if (this.#onMessage.length > 0) this.#settings.recorder.sockets.taken++;
    for (const handler of this.#onMessage) this.#call(handler, message);
    this.#inbox.put(message, this.#onMessage.length > 0);
  }

  ponged(): void {
    this.#countBytes();
    this.#pings.shift()?.();
  }

  ended(end: SocketEnd): void {
    this.#countBytes();
    this.#end = end;
    if (!this.#isOver) {
      this.#settings.recorder.sockets.open--;
      this.#settings.recorder.sockets.countClose(end.code);
    }
    for (const handler of this.#onClose) this.#call(handler, end);
    this.#inbox.failAll();
  }

  /** The test is over: the books are closed, and then the connection. */
  settle(): void {
    if (this.#isOver) return;
    this.#countBytes();
    this.#isOver = true;
  }

  release(): void {
    this.settle();
    this.#attempt.connection?.close(1001);
  }

  #timed(name: string, options: NextOptions, over: () => void): TimedRequest {
    const { recorder, clock } = this.#settings;
    const series = recorder.series(name, 'request', this.#attempt.scenario);
    const now = clock.now();
    const timeoutMs = this.#timeoutMs(options);
    const request = new TimedRequest(this.#settings, series, {
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

  #timeoutMs({ timeout }: NextOptions): number {
    return timeout === undefined ? this.#settings.http.timeoutMs : parseDurationMs(timeout);
  }

  /** What a handler of the test throws is counted by its place, and the socket goes on. */
  #call<Argument>(handler: (argument: Argument) => void, argument: Argument): void {
    try {
      handler(argument);
    } catch (error) {
      const { place, message, stack } = describeError(error);
      this.#settings.recorder.countException(place, message, stack);
    }
  }

  #gone(): SocketFault {
    const { name, error } = this.#attempt;
    const why = error === undefined ? `it ended with ${this.#end?.code ?? 1006}` : error.message;
    return new SocketFault('closed', `${name}: the WebSocket is not open: ${why}`);
  }

  #countBytes(): void {
    const { connection } = this.#attempt;
    if (connection === undefined || this.#isOver) return;
    const { sockets } = this.#settings.recorder;
    sockets.bytesIn += connection.bytesIn - this.#bytesIn;
    sockets.bytesOut += connection.bytesOut - this.#bytesOut;
    this.#bytesIn = connection.bytesIn;
    this.#bytesOut = connection.bytesOut;
  }
}
