/** A receiver on a carrier of messages: what `ws` and `io` have in common. */
import type { SocketEnd, SocketError } from '../../../model/socket.ts';
import type { ResponseHead } from '../../../protocol/http1/response-head.ts';
import { transportError, type TransportError } from '../../../protocol/net/error-kind.ts';
import type { Fragments, OpenUser } from '../../../protocol/websocket/web-socket.ts';
import type { TestSettings } from '../test-settings.ts';
import type { Carrier } from './carrier.ts';
import { Receiver } from './receiver.ts';
import { SocketFault } from './socket-fault.ts';

const leftWithoutAWord = transportError('closed', 'the test left without a close frame');

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

/** What a VU needs of whatever it holds open. */
export interface HeldSocket {
  readonly ok: boolean;
  settle(): void;
  release(): void;
}

/** What the rest of the engine needs of a socket, whatever its messages. Once it is open its carrier tells it directly. */
export interface AnySocket extends HeldSocket, OpenUser {
  comesBack(): boolean;
  /** Who keeps it, and is told when it has ended. */
  keeper: SocketKeeper | undefined;
}

export interface SocketKeeper {
  /** The connection has ended, and the socket has been told. */
  over(socket: AnySocket): void;
}

export abstract class SocketBase<Message> extends Receiver<Message> implements AnySocket {
  /** That of the attempt, at hand. */
  #carrier: Carrier | undefined;
  // What the books have had of the connection's own counts.
  #bytesIn = 0;
  #bytesOut = 0;
  /** The one that brought the connection; another one where it was lost and came back. */
  protected attempt: Attempt;
  keeper: SocketKeeper | undefined = undefined;

  constructor(settings: TestSettings, attempt: Attempt) {
    super(settings, attempt.name, attempt.scenario);
    this.attempt = attempt;
    this.#carrier = attempt.connection;
    if (attempt.connection === undefined) this.lastEnd = { code: 1006, reason: '', wasClean: false };
    this.#beginBooks();
  }

  /** It was lost, and stands again. */
  protected reopened(attempt: Attempt): void {
    this.attempt = attempt;
    this.#carrier = attempt.connection;
    this.lastEnd = undefined;
    this.#beginBooks();
  }

  /** What passed before it could be used is the request's that opened it. */
  #beginBooks(): void {
    this.#bytesIn = this.#carrier?.bytesIn ?? 0;
    this.#bytesOut = this.#carrier?.bytesOut ?? 0;
    if (!this.isOver) this.#carrier?.countDeflated?.(this.settings.recorder.sockets.deflate);
  }

  /** Hot path. */
  abstract message(data: string | Uint8Array): void;

  pong(_payload: Uint8Array): void {
    this.countBytes();
  }

  closed(code: number, reason: string, wasClean: boolean, error: TransportError | undefined): void {
    if (!this.ok) return;
    if (error?.kind === 'protocol' || error?.kind === 'too-large') this.#tellFault(error.message);
    this.ended({ code, reason: reason || (error?.message ?? ''), wasClean });
    this.keeper?.over(this);
  }

  /** An open connection is no request that could fail: the first of each series is told here. */
  #tellFault(message: string): void {
    if (this.isOver) return;
    const { recorder } = this.settings;
    const series = recorder.series(this.name, 'request', this.scenario);
    recorder.tellOnce(`fault ${series.name}`, `${this.name}: an open connection failed: ${message}`);
  }

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
    return this.lastEnd !== undefined;
  }

  orThrow(): this {
    if (this.ok) return this;
    throw new SocketFault('closed', `${this.name} failed: ${this.error?.message ?? 'no WebSocket'}`);
  }

  /** false: it is not open, and nothing was sent. */
  protected write(parts: readonly (string | Uint8Array)[], fragments?: Fragments): boolean {
    const { connection } = this.attempt;
    if (this.isOver || connection?.state !== 'open') return false;
    for (const part of parts) connection.send(part, fragments);
    this.countBytes();
    return true;
  }

  /** What was written is a message of the test. */
  protected countSent(): void {
    this.settings.recorder.sockets.countSent(this, this.settings.clock);
  }

  /** Resolves when the connection has ended; `leave` says good-bye. */
  protected end(leave: (connection: Carrier) => void): Promise<SocketEnd> {
    return this.endBy(() => {
      leave(this.attempt.connection!);
    });
  }

  terminate(how: 'reset' | 'fin'): void {
    this.leave(how, leftWithoutAWord);
  }

  /** Without a word to the server; `why` is told here. */
  protected leave(how: 'reset' | 'fin', why: TransportError): void {
    this.settings.recorder.sockets.lookBeforeEnd(this);
    this.attempt.connection?.terminate(how, why);
  }

  silence(): void {
    this.attempt.connection?.silence();
  }

  protected ended(end: SocketEnd): void {
    this.countEnd(end.code);
    this.finish(end);
  }

  override settle(): void {
    super.settle();
    this.#carrier?.countDeflated?.(undefined);
  }

  release(): void {
    this.settle();
    this.attempt.connection?.close(1001);
  }

  protected override gone(): SocketFault {
    const { name, error } = this.attempt;
    return new SocketFault('closed', `${name}: the socket is not open: ${error?.message ?? inWords(this.lastEnd)}`);
  }

  protected override countBytes(): void {
    const carrier = this.#carrier;
    if (carrier === undefined || this.isOver) return;
    const { bytesIn, bytesOut } = carrier;
    const { sockets } = this.settings.recorder;
    sockets.bytesIn += bytesIn - this.#bytesIn;
    sockets.bytesOut += bytesOut - this.#bytesOut;
    this.#bytesIn = bytesIn;
    this.#bytesOut = bytesOut;
  }
}

function inWords({ code, reason }: Pick<SocketEnd, 'code' | 'reason'> = { code: 1006, reason: '' }): string {
  return reason === '' ? `it ended with ${code}` : `it ended with ${code}: ${reason}`;
}
