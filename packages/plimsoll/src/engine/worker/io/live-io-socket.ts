/** A Socket.IO client as a test holds it: a namespace on a connection of its own. */
import type { TimerHandle } from '../../../kernel/clock.ts';
import type { IoEvent, IoSocket, IoTransport, Reconnected } from '../../../model/socket-io.ts';
import type { SocketEnd, SocketError } from '../../../model/socket.ts';
import { transportError, type TransportError } from '../../../protocol/net/error-kind.ts';
import { pong, type Incoming, type SocketIoCodec } from '../../../protocol/socketio/socket-io-codec.ts';
import type { TestSettings } from '../test-settings.ts';
import { HandlerList } from '../sockets/handler-list.ts';
import { assertFunction, assertText } from '../sockets/misuse.ts';
import { noOptions } from '../sockets/receiver.ts';
import { SocketBase, type Attempt } from '../sockets/socket-base.ts';
import { SocketFault } from '../sockets/socket-fault.ts';

/** What the handshakes of Engine.IO and of the namespace have brought. */
export interface IoSession {
  readonly codec: SocketIoCodec;
  readonly id: string;
  /** A ping of the server is due within so long. */
  readonly heartbeatMs: number;
  /** What came along with a refusal of the namespace. */
  readonly refusal: unknown;
}

/** What brings a lost socket back: with `rejoined`, or not, with `giveUp`. */
export interface WayBack {
  /** The connection is lost. */
  begin(): void;
  /** Nobody wants it back. */
  stop(): void;
}

interface Acknowledgement {
  readonly resolve: (args: readonly unknown[] | 'closed' | 'timeout') => void;
  readonly timer: TimerHandle;
}

type Handler = (...args: readonly unknown[]) => void;

const none = new HandlerList<Handler>();

export class LiveIoSocket extends SocketBase<IoEvent> implements IoSocket {
  #session: IoSession;
  /** undefined: once lost it stays lost. */
  readonly #wayBack: WayBack | undefined;
  /** Somebody has ended it who means it: the test, the server in its own words, the end of the test. */
  #isFinal = false;
  readonly #handlers = new Map<string, HandlerList<Handler>>();
  readonly #anyHandlers = new HandlerList<(event: IoEvent) => void>();
  readonly #onReconnect = new HandlerList<(info: Reconnected) => void>();
  readonly #acknowledgements = new Map<number, Acknowledgement>();
  #acks = 0;
  #heartbeat: TimerHandle | undefined;
  /** What the server sent, and that has ended the connection. */
  #unreadable: TransportError | undefined;

  constructor(settings: TestSettings, attempt: Attempt, session: IoSession, wayBack: WayBack | undefined) {
    super(settings, attempt);
    this.#session = session;
    this.#wayBack = wayBack;
    if (this.ok) this.#expectPing();
  }

  get id(): string {
    return this.#session.id;
  }
  get transport(): IoTransport {
    return this.attempt.connection?.transport ?? 'websocket';
  }
  get refusal(): unknown {
    return this.#session.refusal;
  }

  override comesBack(): boolean {
    return this.#wayBack !== undefined && !this.#isFinal;
  }

  emit(name: string, ...args: readonly unknown[]): boolean {
    assertText("emit's event", name);
    return this.#send(name, args, undefined);
  }

  async emitWithAck<T = unknown>(name: string, ...args: readonly unknown[]): Promise<T> {
    assertText("emitWithAck's event", name);
    const timeoutMs = this.timeoutMs(noOptions);
    const id = this.#acks++;
    const acknowledged = new Promise<readonly unknown[] | 'closed' | 'timeout'>((resolve) => {
      const timer = this.settings.clock.after(timeoutMs, () => {
        this.#acknowledgements.delete(id);
        resolve('timeout');
      });
      this.#acknowledgements.set(id, { resolve, timer });
    });
    if (!this.#send(name, args, id)) this.#settle(id, 'closed');
    const outcome = await acknowledged;
    if (outcome === 'closed') throw this.gone();
    if (outcome === 'timeout') {
      throw new SocketFault('timeout', `${this.attempt.name}: '${name}' was not acknowledged within ${timeoutMs} ms`);
    }
    return outcome[0] as T;
  }

  on(name: string, handler: Handler): () => void {
    assertText("on's event", name);
    assertFunction("on's handler", handler);
    let handlers = this.#handlers.get(name);
    if (!handlers) this.#handlers.set(name, (handlers = new HandlerList()));
    const off = handlers.add(handler);
    this.offerKept();
    return off;
  }

  onAny(handler: (event: IoEvent) => void): () => void {
    assertFunction("onAny's handler", handler);
    const off = this.#anyHandlers.add(handler);
    this.offerKept();
    return off;
  }

  onReconnect(handler: (info: Reconnected) => void): () => void {
    return this.#onReconnect.add(handler);
  }

  async next(name: string, predicate: (event: IoEvent) => boolean = () => true, options = noOptions): Promise<IoEvent> {
    assertText("next's event", name, "write next('event', (event) => …)");
    assertFunction("next's predicate", predicate);
    const wants = (event: IoEvent): boolean => event.name === name && predicate(event);
    return await this.take(wants, options);
  }

  close(): Promise<SocketEnd> {
    this.#isFinal = true;
    if (this.isLost) {
      this.#wayBack?.stop();
      this.failWaits();
    }
    return this.end((connection) => {
      this.write(this.#session.codec.disconnect());
      connection.close(1000);
    });
  }

  rejoined(attempt: Attempt, session: IoSession, info: Reconnected): void {
    this.reopened(attempt);
    this.#session = session;
    // Closed by the test while the attempt was under way.
    if (this.#isFinal) {
      void this.close();
      return;
    }
    this.#expectPing();
    for (const handler of this.#onReconnect.standing) this.call(handler, info);
  }

  giveUp(error: SocketError | undefined, refusal: unknown): void {
    this.#isFinal = true;
    this.attempt = { ...this.attempt, error };
    this.#session = { ...this.#session, refusal };
    this.failWaits();
  }

  override message(data: string | Uint8Array): void {
    this.countBytes();
    let incoming: Incoming | undefined;
    try {
      incoming = this.#session.codec.read(data);
    } catch (error) {
      // As the official client does: a packet that cannot be read ends the connection.
      const message = `the server sent a packet that cannot be read: ${(error as Error).message}`;
      this.#unreadable = transportError('protocol', message);
      this.attempt.connection?.close(1002, 'parse error');
      return;
    }
    if (incoming !== undefined) this.#act(incoming);
  }

  override closed(code: number, reason: string, wasClean: boolean, error: TransportError | undefined): void {
    const unreadable = this.#unreadable;
    this.#unreadable = undefined;
    // The server answers our own close, and gives no reason of its own.
    if (unreadable === undefined) super.closed(code, reason, wasClean, error);
    else super.closed(code, unreadable.message, wasClean, unreadable);
  }

  protected override ended(end: SocketEnd): void {
    this.#heartbeat?.cancel();
    super.ended(end);
    for (const id of [...this.#acknowledgements.keys()]) this.#settle(id, 'closed');
    if (this.comesBack()) this.#wayBack?.begin();
  }

  override settle(): void {
    this.#heartbeat?.cancel();
    this.#isFinal = true;
    this.#wayBack?.stop();
    super.settle();
  }

  #act(incoming: Incoming): void {
    switch (incoming.type) {
      case 'ping':
        this.write([pong]);
        this.#expectPing();
        return;
      case 'event':
        this.#event(incoming);
        return;
      case 'ack':
        this.#settle(incoming.id, incoming.args);
        return;
      case 'disconnected':
        this.#isFinal = true;
        this.attempt.connection?.close(1000);
        return;
      case 'closed':
        this.attempt.connection?.close(1000);
        return;
      default:
        return;
    }
  }

  #event({ name, args, ackId }: Incoming & { type: 'event' }): void {
    const receivedMs = this.settings.clock.now();
    const given = ackId === undefined ? args : [...args, this.#acknowledging(ackId)];
    this.deliver({ name, args: given, receivedMs });
  }

  #acknowledging(ackId: number): (...given: readonly unknown[]) => void {
    const session = this.#session;
    return (...given) => {
      // The number means something to the session that has asked, and to no other.
      if (session === this.#session) this.write(session.codec.ack(ackId, given));
    };
  }

  #named({ name }: IoEvent): readonly Handler[] {
    return (this.#handlers.get(name) ?? none).standing;
  }

  protected override handle(event: IoEvent): boolean {
    const any = this.#anyHandlers.standing;
    const named = this.#named(event);
    for (const handler of any) this.call(handler, event);
    for (const handler of named) {
      try {
        handler(...event.args);
      } catch (error) {
        this.countThrown(error);
      }
    }
    return any.length + named.length > 0;
  }

  #send(name: string, args: readonly unknown[], ackId: number | undefined): boolean {
    if (!this.write(this.#session.codec.event(name, args, ackId))) return false;
    this.countSent();
    return true;
  }

  #settle(id: number, outcome: readonly unknown[] | 'closed'): void {
    const waiting = this.#acknowledgements.get(id);
    if (waiting === undefined) return;
    this.#acknowledgements.delete(id);
    waiting.timer.cancel();
    waiting.resolve(outcome);
  }

  /** A server whose heartbeat has stopped is gone, whatever TCP says. */
  #expectPing(): void {
    this.#heartbeat?.cancel();
    this.#heartbeat = this.settings.clock.after(this.#session.heartbeatMs, () => {
      const { heartbeatMs } = this.#session;
      this.leave('reset', transportError('timeout', `no ping of the server came within ${heartbeatMs} ms`));
    });
  }
}
