/** One `io.connect`: the way in, and the way back where the test asks for one. */
import type { IoOptions, IoSocket } from '../../../model/socket-io.ts';
import { SocketIoCodec, type Parsers } from '../../../protocol/socketio/socket-io-codec.ts';
import { backOffOf } from '../../back-off.ts';
import { IoKind } from './io-kind.ts';
import { connectOf, type Connect } from './io-transports.ts';
import { LiveIoSocket, type IoSession, type WayBack } from './live-io-socket.ts';
import { Reconnection } from './reconnection.ts';
import type { SocketContext } from '../sockets/opening-request.ts';
import type { AnySocket, Attempt, HeldSocket, SocketKeeper } from '../sockets/socket-base.ts';
import { SocketOpening } from '../sockets/socket-opening.ts';

export type IoConnectOptions = IoOptions & { readonly path?: string };

export class IoClient implements WayBack, SocketKeeper {
  readonly #context: SocketContext;
  readonly #parsers: Parsers;
  readonly #options: IoConnectOptions;
  /** Of the VU: those that have, or may get, a connection. */
  readonly #sockets: Set<HeldSocket>;
  readonly #connect: Connect;
  readonly #reconnection: Reconnection | undefined;
  #socket: LiveIoSocket | undefined;

  /** Errors: TestFileError, UnitSyntaxError. */
  constructor(context: SocketContext, parsers: Parsers, options: IoConnectOptions, sockets: Set<HeldSocket>) {
    this.#context = context;
    this.#parsers = parsers;
    this.#options = options;
    this.#sockets = sockets;
    this.#connect = connectOf(options.transports);
    const backOff = backOffOf(options.reconnect);
    if (backOff === undefined) return;
    const { settings, scheduler, vu } = context;
    const { clock } = settings;
    this.#reconnection = new Reconnection(backOff, { clock, scheduler, random: vu.random, attempt: this.#again });
  }

  /** The attempt that the iteration waits for. Errors: TestFileError, UsageError, TargetNotAllowedError. */
  open(made: (socket: IoSocket) => void): void {
    const { settings, vu } = this.#context;
    const opening = this.#opening((attempt, session) => {
      const mayComeBack = this.#reconnection !== undefined && attempt.connection !== undefined;
      const socket = new LiveIoSocket(settings, attempt, session, mayComeBack ? this : undefined);
      this.#socket = socket;
      if (socket.ok) this.#sockets.add(socket);
      vu.requestEnded();
      made(socket);
      return socket;
    });
    vu.requestMade();
    opening.start();
  }

  #opening(make: (attempt: Attempt, session: IoSession) => LiveIoSocket): SocketOpening<LiveIoSocket> {
    const { path = '/socket.io/', namespace = '/', auth, ...options } = this.#options;
    const codec = new SocketIoCodec(this.#parsers, namespace.startsWith('/') ? namespace : `/${namespace}`);
    // What carries it says so itself.
    const query = { ...options.query, EIO: '4', transport: undefined };
    const name = options.name ?? `IO ${namespace}`;
    const kind = new IoKind({ codec, auth, connect: this.#connect, make, keeper: this });
    return new SocketOpening(this.#context, path, { ...options, query, name }, kind);
  }

  /** SocketKeeper. */
  over(socket: AnySocket): void {
    if (!socket.comesBack()) this.#sockets.delete(socket);
  }

  begin(): void {
    this.#reconnection!.begin();
  }

  stop(): void {
    this.#reconnection!.stop();
    if (!this.#socket!.isOpen) this.#sockets.delete(this.#socket!);
  }

  /** No iteration waits for it: it is in the books, and the end of the test cuts it. */
  readonly #again = (dueMs: number): void => {
    if (this.#context.settings.life.over) return;
    this.#opening((attempt, session) => {
      if (attempt.error === undefined) this.#joined(attempt, session);
      else this.#failed(attempt, session);
      return this.#socket!;
    }).startAt(dueMs);
  };

  #joined(attempt: Attempt, session: IoSession): void {
    // One that was closed meanwhile has left the list.
    this.#sockets.add(this.#socket!);
    this.#socket!.rejoined(attempt, session, this.#reconnection!.joined());
  }

  /** As with the official client a namespace that refuses is not asked again; all else may be better next time. */
  #failed({ error }: Attempt, { refusal }: IoSession): void {
    const socket = this.#socket!;
    if (socket.comesBack() && error?.kind !== 'namespace' && this.#reconnection!.failed()) return;
    this.#sockets.delete(socket);
    socket.giveUp(error, refusal);
  }
}
