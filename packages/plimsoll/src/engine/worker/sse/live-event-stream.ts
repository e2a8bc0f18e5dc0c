/** An event stream as a test holds it: over one connection, or over several where it comes back by itself. */
import { TestFileError } from '../../../kernel/errors.ts';
import { shown } from '../../../kernel/shown.ts';
import type { SocketEnd, SocketError } from '../../../model/socket.ts';
import type { EventStream, SseOptions, StreamEvent } from '../../../model/sse.ts';
import type { ResponseHead } from '../../../protocol/http1/response-head.ts';
import { streamEndCodes, type StreamEnd } from '../../../protocol/sse/event-stream.ts';
import type { Deadline } from '../scheduler.ts';
import { seriesName, type SocketContext } from '../sockets/opening-request.ts';
import { assertFunction, assertText } from '../sockets/misuse.ts';
import { HandlerList } from '../sockets/handler-list.ts';
import { noOptions, Receiver } from '../sockets/receiver.ts';
import { SocketFault } from '../sockets/socket-fault.ts';
import { ReceivedEvent } from './received-event.ts';
import { ReconnectDelay } from './reconnect-delay.ts';
import { StreamAttempt, type AttemptOwner } from './stream-attempt.ts';

type Handler = (event: StreamEvent) => void;

/** Who keeps the stream. */
export interface StreamKeeper {
  /** The first attempt has led to a stream, or to none. */
  ready(stream: LiveEventStream): void;
  /** It has ended for good. */
  over(stream: LiveEventStream): void;
}

const none = new HandlerList<Handler>();
const anything = (): boolean => true;
const leftEnd: SocketEnd = { code: streamEndCodes.whole, reason: '', wasClean: true };

export class LiveEventStream extends Receiver<StreamEvent> implements EventStream, AttemptOwner {
  readonly #context: SocketContext;
  readonly #path: string;
  readonly #options: SseOptions;
  readonly #keeper: StreamKeeper;
  /** undefined: it does not come back. */
  readonly #delay: ReconnectDelay | undefined;
  readonly #handlers = new Map<string, HandlerList<Handler>>();
  readonly #anyHandlers = new HandlerList<Handler>();
  /** The series of the events' ages. */
  readonly #ageName: string;
  #attempt: StreamAttempt;
  #head: ResponseHead | undefined;
  #waiting: Deadline | undefined;
  #hasLeft = false;
  ok = false;
  error: SocketError | undefined = undefined;
  connectMs = 0;

  /** Errors: TestFileError, UsageError, TargetNotAllowedError, thrown where the test asks. */
  constructor(context: SocketContext, path: string, options: SseOptions, keeper: StreamKeeper) {
    super(context.settings, seriesName('SSE', path, options), context.scenario);
    this.#context = context;
    this.#path = path;
    this.#options = options;
    this.#keeper = keeper;
    this.#ageName = `EVENT ${this.name.replace(/^SSE /, '')}`;
    const { reconnect = false, lastEventId = '' } = options;
    if (reconnect !== false) this.#delay = new ReconnectDelay(reconnect === true ? {} : reconnect);
    this.#attempt = new StreamAttempt(context, { path, options, lastEventId, returnDueMs: undefined }, this);
  }

  start(): void {
    this.#attempt.start();
  }

  get status(): number {
    return this.#head?.status ?? 0;
  }
  get isOpen(): boolean {
    return this.#attempt.isOpen;
  }
  get lastEventId(): string {
    return this.#attempt.lastEventId;
  }
  get retryMs(): number | undefined {
    return this.#attempt.retryMs ?? this.#delay?.retryMs;
  }

  /** Until it has ended for good: what is told as its end is always the last word. */
  override comesBack(): boolean {
    return this.#delay !== undefined && !this.#hasLeft && this.lastEnd === undefined;
  }

  header(name: string): string | undefined {
    return this.#head?.header(name);
  }

  orThrow(): this {
    if (this.ok) return this;
    throw new SocketFault('closed', `${this.name} failed: ${this.error?.message ?? 'no event stream'}`);
  }

  async next(
    type?: string,
    predicate: (event: StreamEvent) => boolean = anything,
    options = noOptions,
  ): Promise<StreamEvent> {
    if (type !== undefined) assertText("next's event", type, "write next('message', (event) => …)");
    assertFunction("next's predicate", predicate);
    return await this.take((event) => (type === undefined || event.type === type) && predicate(event), options);
  }

  on(type: string, handler: Handler): () => void {
    assertText("on's event", type);
    assertFunction("on's handler", handler);
    let handlers = this.#handlers.get(type);
    if (!handlers) this.#handlers.set(type, (handlers = new HandlerList()));
    const off = handlers.add(handler);
    this.offerKept();
    return off;
  }

  onAny(handler: Handler): () => void {
    assertFunction("onAny's handler", handler);
    const off = this.#anyHandlers.add(handler);
    this.offerKept();
    return off;
  }

  #ofType({ type }: StreamEvent): readonly Handler[] {
    return (this.#handlers.get(type) ?? none).standing;
  }

  protected override handle(event: StreamEvent): boolean {
    const ofType = this.#ofType(event);
    const any = this.#anyHandlers.standing;
    for (const handler of ofType) this.call(handler, event);
    for (const handler of any) this.call(handler, event);
    return ofType.length + any.length > 0;
  }

  close(): Promise<SocketEnd> {
    this.#hasLeft = true;
    return this.endBy(() => {
      const wasOpen = this.isOpen;
      this.#stopWaiting();
      this.#attempt.close();
      // A connection that stood still has to end.
      if (!wasOpen) this.#finish(leftEnd, undefined);
    });
  }

  terminate(how: 'reset' | 'fin'): void {
    this.#attempt.terminate(how);
  }

  silence(): void {
    this.#attempt.silence();
  }

  /** AttemptOwner. */
  opened(attempt: StreamAttempt, head: ResponseHead): void {
    this.#head = head;
    this.#delay?.succeeded();
    if (this.ok) return;
    this.ok = true;
    this.connectMs = attempt.ageMs;
    this.#keeper.ready(this);
  }

  /** AttemptOwner. */
  failed(attempt: StreamAttempt, error: SocketError | undefined, head: ResponseHead | undefined): void {
    if (head !== undefined) this.#head = head;
    if (this.ok) {
      // As browsers do: an answer that is no stream ends it, and only what is no answer is tried again.
      if (head === undefined && this.#comeBack(attempt)) return;
      this.#finish({ code: error ? streamEndCodes.broken : streamEndCodes.whole, ...endOf(error) }, error);
      return;
    }
    this.error = error;
    this.connectMs = attempt.ageMs;
    this.lastEnd = { code: streamEndCodes.broken, reason: '', wasClean: false };
    this.#keeper.ready(this);
  }

  /** AttemptOwner. Hot path. */
  event(type: string, data: string, id: string): void {
    if (this.isOver) return;
    this.countBytes();
    const event = new ReceivedEvent(type, data, id, this.settings.clock.now());
    if (this.#options.latencyFrom !== undefined) this.call(this.#measure, event);
    this.deliver(event);
  }

  /** Of no request: a step's series, which is outside of their books. Hot path. */
  readonly #measure = (event: StreamEvent): void => {
    const { recorder, clock } = this.settings;
    const stampMs = this.#options.latencyFrom?.(event);
    if (stampMs === undefined) return;
    // JSON gives null, or a text, where the type promises a number.
    if (!Number.isFinite(stampMs)) {
      throw new TestFileError(`latencyFrom gave ${shown(stampMs)}, expected a number`, {
        hint: 'give milliseconds since 1970, or undefined where the event has no stamp',
      });
    }
    const ageMs = clock.wallMs() - stampMs;
    if (ageMs <= -1) this.#tellAhead(-ageMs);
    const step = recorder.beginStep(this.#ageName, this.scenario, event.receivedMs - Math.max(0, ageMs));
    recorder.endStep(step, 'expected', event.receivedMs);
  };

  #tellAhead(aheadMs: number): void {
    const ahead = `${aheadMs.toFixed(0)} ms in the future`;
    this.settings.recorder.tellOnce(
      'stamp',
      `${this.#ageName}: a stamp lies ${ahead}, counted as 0 ms: the clocks of the machines differ`,
    );
  }

  /** AttemptOwner. */
  closed({ code, error }: StreamEnd): void {
    this.countEnd(code);
    const mayReturn = !this.#hasLeft && code !== streamEndCodes.tooLarge;
    if (!mayReturn || !this.#comeBack(this.#attempt)) this.#finish({ code, ...endOf(error) }, error);
  }

  /** false: it does not. */
  #comeBack({ lastEventId, retryMs }: StreamAttempt): boolean {
    const delay = this.#delay;
    if (delay === undefined || this.isOver || this.settings.life.over) return false;
    if (retryMs !== undefined) delay.retryMs = retryMs;
    const dueMs = this.settings.clock.now() + delay.next();
    this.#waiting = this.#context.scheduler.at(dueMs, () => {
      this.#waiting = undefined;
      this.#again(lastEventId, dueMs);
    });
    return true;
  }

  #again(lastEventId: string, dueMs: number): void {
    const plan = { path: this.#path, options: this.#options, lastEventId, returnDueMs: dueMs };
    try {
      this.#attempt = new StreamAttempt(this.#context, plan, this);
    } catch (error) {
      // An id of the server that no header can hold.
      const fault = { kind: 'protocol', message: error instanceof Error ? error.message : String(error) };
      this.#finish({ code: streamEndCodes.broken, ...endOf(fault) }, fault);
      return;
    }
    this.#attempt.start();
  }

  #stopWaiting(): void {
    if (this.#waiting !== undefined) this.#waiting.cancelled = true;
    this.#waiting = undefined;
  }

  #finish(end: SocketEnd, error: SocketError | undefined): void {
    if (this.lastEnd !== undefined) return;
    if (error !== undefined) this.error = { kind: error.kind, message: error.message };
    this.finish(end);
    this.#keeper.over(this);
  }

  override settle(): void {
    this.#stopWaiting();
    super.settle();
  }

  release(): void {
    this.settle();
    this.#hasLeft = true;
    this.#attempt.close();
  }

  protected override gone(): SocketFault {
    const why = this.error?.message ?? `it ended with ${this.lastEnd?.code ?? streamEndCodes.broken}`;
    return new SocketFault('closed', `${this.name}: the event stream is not open: ${why}`);
  }

  protected override countBytes(): void {
    if (!this.isOver) this.#attempt.countBytes();
  }
}

function endOf(error: SocketError | undefined): Pick<SocketEnd, 'reason' | 'wasClean'> {
  return { reason: error?.message ?? '', wasClean: error === undefined };
}
