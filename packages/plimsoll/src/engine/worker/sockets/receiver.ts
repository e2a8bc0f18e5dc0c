/** What every kind of socket and stream has in common: messages that are waited for, replies that are timed, and the books. */
import { parseDurationMs } from '../../../kernel/units.ts';
import type { NextOptions, SocketEnd } from '../../../model/socket.ts';
import { assertKnownOptions } from '../../known-options.ts';
import { describeError } from '../describe-error.ts';
import type { TestSettings } from '../test-settings.ts';
import { HandlerList } from './handler-list.ts';
import { Inbox, type Waiter } from './inbox.ts';
import { SocketFault } from './socket-fault.ts';
import { TimedRequest } from './timed-request.ts';

/** Of waits that are given none. */
export const noOptions: NextOptions = Object.freeze({});

export abstract class Receiver<Message> {
  // What each message needs comes first: of thousands of sockets none is in the nearest cache.
  protected readonly settings: TestSettings;
  /** The test is over, and its books are closed. */
  protected isOver = false;
  /** The handler of every message, where there is one alone; else they are looked for. */
  protected onlyHandler: ((message: Message) => void) | undefined;
  // Made when first needed: of ten thousand sockets most wait for nothing.
  #inbox: Inbox<Message> | undefined;
  /** Of its series: 'WS /path'. */
  protected readonly name: string;
  protected readonly scenario: string;
  /** Set once it has ended; where it `comesBack`, until it stands again. */
  protected lastEnd: SocketEnd | undefined;
  #onClose: HandlerList<(end: SocketEnd) => void> | undefined;

  constructor(settings: TestSettings, name: string, scenario: string) {
    this.settings = settings;
    this.name = name;
    this.scenario = scenario;
  }

  /** What a wait meets that nothing can end any more. */
  protected abstract gone(): SocketFault;

  /** Puts what has been received since the last time into the books. */
  protected abstract countBytes(): void;

  /** Whether its end, if it has ended, is not the last word. */
  comesBack(): boolean {
    return false;
  }

  get #messages(): Inbox<Message> {
    return (this.#inbox ??= new Inbox());
  }

  get #whenClosed(): HandlerList<(end: SocketEnd) => void> {
    return (this.#onClose ??= new HandlerList());
  }

  /** Gives it to the test's handlers; false: there is none. Hot path: it makes nothing. */
  protected abstract handle(message: Message): boolean;

  /** Counts a message, gives it to the handlers, and keeps it for `next` where there are none. Hot path. */
  protected deliver(message: Message): void {
    if (this.isOver) return;
    const { sockets } = this.settings.recorder;
    sockets.messagesIn++;
    if (this.#inbox?.isOffering === true) {
      this.#inbox.hold(message);
      return;
    }
    const isHandled = this.handle(message);
    if (isHandled) sockets.taken++;
    if (!isHandled || this.#inbox !== undefined) this.#messages.put(message, isHandled);
  }

  get #isGone(): boolean {
    return this.lastEnd !== undefined && !this.comesBack();
  }

  /**
   * A handler gets what came before it as well: else a message that the server sent at once would reach it or not, as
   * the network likes. In a turn of its own, so that all handlers set in one go get it, and so does a `next` beside them;
   * what comes meanwhile waits behind it.
   */
  protected offerKept(): void {
    const inbox = this.#inbox;
    if (inbox === undefined || inbox.isOffering) return;
    inbox.isOffering = true;
    queueMicrotask(() => {
      inbox.isOffering = false;
      if (this.isOver) return;
      for (const message of inbox.takeAll()) {
        const isHandled = this.handle(message);
        if (isHandled) this.settings.recorder.sockets.taken++;
        inbox.put(message, isHandled);
      }
      if (this.#isGone) this.failWaits();
    });
  }

  /** What ends a wait is thrown from here, so that its stack leads to the test's own line. */
  protected async take(wants: (message: Message) => boolean, options: NextOptions): Promise<Message> {
    const { sockets } = this.settings.recorder;
    const timeoutMs = this.timeoutMs(options);
    // What is about to be offered to handlers is offered to who waits as well.
    if (!this.#messages.isOffering) {
      const found = this.#messages.find(wants);
      if (found !== undefined) {
        sockets.taken++;
        return found;
      }
      if (this.#isGone) throw this.gone();
    }
    const outcome = await this.#wait(wants, timeoutMs);
    if (outcome === 'closed') throw this.gone();
    if (outcome === 'timeout') {
      throw new SocketFault('timeout', `${this.name}: no such message within ${timeoutMs} ms`);
    }
    if (!outcome.isHandled) sockets.taken++;
    return outcome.message;
  }

  #wait(
    wants: (message: Message) => boolean,
    timeoutMs: number,
  ): Promise<{ readonly message: Message; readonly isHandled: boolean } | 'closed' | 'timeout'> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter<Message> = {
        wants,
        take: (message, isHandled) => {
          timer.cancel();
          resolve({ message, isHandled });
        },
        fail: (error) => {
          timer.cancel();
          if (error === undefined) resolve('closed');
          else reject(error);
        },
      };
      const timer = this.settings.clock.after(timeoutMs, () => {
        this.#messages.forget(waiter);
        resolve('timeout');
      });
      this.#messages.wait(waiter);
    });
  }

  async step<T>(name: string, body: () => Promise<T>, options = noOptions): Promise<T | undefined> {
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
    return this.#whenClosed.add(handler);
  }

  /** Resolves when it has ended; `leave` sees to it. */
  protected endBy(leave: () => void): Promise<SocketEnd> {
    if (this.lastEnd !== undefined) return Promise.resolve(this.lastEnd);
    const ended = new Promise<SocketEnd>((resolve) => this.#whenClosed.add(resolve));
    leave();
    this.countBytes();
    return ended;
  }

  /** It has ended; unless it comes back, whoever waits is told. */
  protected finish(end: SocketEnd): void {
    this.lastEnd = end;
    for (const handler of this.#onClose?.standing ?? []) this.call(handler, end);
    if (!this.comesBack()) this.failWaits();
  }

  /** Nothing more will come. */
  protected failWaits(): void {
    this.#inbox?.failAll();
  }

  /** A connection that stood has ended. */
  protected countEnd(code: number): void {
    this.countBytes();
    if (this.isOver) return;
    this.settings.recorder.sockets.open--;
    this.settings.recorder.sockets.countClose(code);
  }

  /** The test is over, and its books are closed. */
  settle(): void {
    if (this.isOver) return;
    this.countBytes();
    this.isOver = true;
  }

  protected timed(name: string, options: NextOptions, over: () => void): TimedRequest {
    const { recorder, clock } = this.settings;
    const series = recorder.series(name, 'request', this.scenario);
    const now = clock.now();
    const timeoutMs = this.timeoutMs(options);
    const request = new TimedRequest(this.settings, series, {
      expired: () => {
        request.end('timeout', clock.now(), 'timeout', `no answer within ${timeoutMs} ms`);
        over();
      },
      cut: () => undefined,
    });
    request.issue(now, now, now, timeoutMs);
    request.sentMs = now;
    return request;
  }

  /** Errors: TestFileError. */
  protected timeoutMs(options: NextOptions): number {
    if (options === noOptions) return this.settings.http.timeoutMs;
    assertKnownOptions(`a wait on ${this.name}`, 'wait', options);
    const { timeout } = options;
    return timeout === undefined ? this.settings.http.timeoutMs : parseDurationMs(timeout);
  }

  /** What a handler of the test throws is counted by its place, and the socket goes on. Hot path: it makes nothing. */
  protected call<Argument>(handler: (argument: Argument) => void, argument: Argument): void {
    try {
      handler(argument);
    } catch (error) {
      this.countThrown(error);
    }
  }

  protected countThrown(error: unknown): void {
    const { place, message, stack } = describeError(error);
    this.settings.recorder.countException(place, message, stack);
  }
}
