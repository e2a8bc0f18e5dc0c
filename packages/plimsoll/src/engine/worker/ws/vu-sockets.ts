/** The sockets of one VU: `ws`, `io` and `sse` as a test function sees them. They may outlive iterations; the test's end ends them. */
import type { Io, IoOptions, IoSocket } from '../../../model/socket-io.ts';
import type { Socket, SocketOptions, Ws } from '../../../model/socket.ts';
import type { EventStream, Sse, SseOptions } from '../../../model/sse.ts';
import { loadParsers, SocketIoCodec } from '../../../protocol/socketio/socket-io-codec.ts';
import { LiveEventStream } from '../sse/live-event-stream.ts';
import { LiveIoSocket } from './live-io-socket.ts';
import { LiveSocket } from './live-socket.ts';
import type { AnySocket, Attempt } from './socket-base.ts';
import type { SocketContext } from './opening-request.ts';
import { SocketOpening, type GreetingOutcome, type SocketKind } from './socket-opening.ts';

export class VuSockets {
  readonly #context: SocketContext;
  readonly #sockets = new Set<Pick<AnySocket, 'settle' | 'release'>>();

  constructor(context: SocketContext) {
    this.#context = context;
  }

  readonly ws: Ws = {
    connect: (path: string, options: SocketOptions = {}): Promise<Socket> =>
      new Promise((resolve) => {
        const { settings } = this.#context;
        this.#open(path, options, {
          word: 'WS',
          hasGreeting: false,
          greet: () => 'done',
          make: (attempt) => this.#keep(new LiveSocket(settings, attempt), resolve),
          over: (socket) => this.#sockets.delete(socket),
        });
      }),
  };

  readonly io: Io = {
    connect: async ({ path = '/socket.io/', ...options }: IoOptions & { path?: string } = {}): Promise<IoSocket> => {
      const { vu } = this.#context;
      // The first of all waits for the parsers; the iteration waits with it.
      const { pendingDueMs, pendingIssuedMs } = vu;
      const parsers = await loadParsers();
      if (pendingDueMs !== 0) Object.assign(vu, { pendingDueMs, pendingIssuedMs });
      const { namespace = '/', auth } = options;
      const codec = new SocketIoCodec(parsers, namespace.startsWith('/') ? namespace : `/${namespace}`);
      const query = { ...options.query, EIO: '4', transport: 'websocket' };
      return await new Promise((resolve) => {
        const kind = new IoKind(codec, auth, (socket) => this.#keep(socket, resolve), this.#context, this.#sockets);
        const name = options.name ?? `IO ${namespace}`;
        this.#open(path, { ...options, query, name }, kind);
      });
    },
  };

  readonly sse: Sse = {
    connect: (path: string, options: SseOptions = {}): Promise<EventStream> =>
      new Promise((resolve) => {
        const { settings, vu } = this.#context;
        if (settings.life.over) return;
        settings.recorder.sockets.useStreams();
        const stream = new LiveEventStream(this.#context, path, options, {
          ready: () => this.#keep(stream, resolve),
          over: () => this.#sockets.delete(stream),
        });
        vu.requestMade();
        stream.start();
      }),
  };

  #open(path: string, options: SocketOptions, kind: SocketKind): void {
    const { settings, vu } = this.#context;
    // As with requests: an iteration that was cut may live on.
    if (settings.life.over) return;
    settings.recorder.sockets.use();
    const opening = new SocketOpening(this.#context, path, options, kind);
    vu.requestMade();
    opening.start();
  }

  #keep<Kind extends Pick<AnySocket, 'ok' | 'settle' | 'release'>>(
    socket: Kind,
    resolve: (socket: Kind) => void,
  ): Kind {
    if (socket.ok) this.#sockets.add(socket);
    this.#context.vu.requestEnded();
    resolve(socket);
    return socket;
  }

  /** The last snapshot is about to be taken. */
  settle(): void {
    for (const socket of this.#sockets) socket.settle();
  }

  close(): void {
    for (const socket of this.#sockets) socket.release();
    this.#sockets.clear();
  }
}

/** Engine.IO's session, and then the namespace. */
class IoKind implements SocketKind {
  readonly word = 'IO';
  readonly hasGreeting = true;
  readonly #codec: SocketIoCodec;
  readonly #auth: Readonly<Record<string, unknown>> | undefined;
  readonly #made: (socket: LiveIoSocket) => LiveIoSocket;
  readonly #context: SocketContext;
  readonly #sockets: Set<unknown>;
  #heartbeatMs = 0;
  #id = '';
  #refusal: unknown = undefined;

  constructor(
    codec: SocketIoCodec,
    auth: Readonly<Record<string, unknown>> | undefined,
    made: (socket: LiveIoSocket) => LiveIoSocket,
    context: SocketContext,
    sockets: Set<unknown>,
  ) {
    this.#codec = codec;
    this.#auth = auth;
    this.#made = made;
    this.#context = context;
    this.#sockets = sockets;
  }

  greet(data: string | Uint8Array, send: (data: string | Uint8Array) => boolean): GreetingOutcome | undefined {
    const incoming = this.#codec.read(data);
    switch (incoming?.type) {
      case 'open':
        this.#heartbeatMs = incoming.pingIntervalMs + incoming.pingTimeoutMs;
        for (const part of this.#codec.connect(this.#auth)) send(part);
        return undefined;
      case 'connected':
        this.#id = incoming.id;
        return 'done';
      case 'refused':
        this.#refusal = incoming.data;
        return { kind: 'namespace', message: `the server refused the namespace: ${incoming.message}` };
      case 'ping':
        send('3');
        return undefined;
      default:
        return undefined;
    }
  }

  make(attempt: Attempt): LiveIoSocket {
    const session = { codec: this.#codec, id: this.#id, heartbeatMs: this.#heartbeatMs, refusal: this.#refusal };
    return this.#made(new LiveIoSocket(this.#context.settings, attempt, session));
  }

  over(socket: AnySocket): void {
    this.#sockets.delete(socket);
  }
}
