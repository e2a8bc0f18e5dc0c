/** The sockets of one VU: `ws` and `io` as a test function sees them. They may outlive iterations; the test's end ends them. */
import type { Io, IoSocket } from '../../../model/socket-io.ts';
import type { Socket, SocketOptions, Ws } from '../../../model/socket.ts';
import { loadParsers } from '../../../protocol/socketio/socket-io-codec.ts';
import { IoClient, type IoConnectOptions } from './io-client.ts';
import { LiveSocket } from './live-socket.ts';
import type { AnySocket } from './socket-base.ts';
import { SocketOpening, type SocketKind } from './socket-opening.ts';
import { openWebSocket, type SocketContext } from './web-socket-way.ts';

export class VuSockets {
  readonly #context: SocketContext;
  readonly #sockets = new Set<AnySocket>();

  constructor(context: SocketContext) {
    this.#context = context;
  }

  readonly ws: Ws = {
    connect: (path: string, options: SocketOptions = {}): Promise<Socket> =>
      new Promise((resolve) => {
        const { settings } = this.#context;
        this.#open<LiveSocket>(path, options, {
          word: 'WS',
          connect: openWebSocket,
          hasGreeting: false,
          greet: () => 'done',
          make: (attempt) => this.#keep(new LiveSocket(settings, attempt), resolve),
          over: (socket) => this.#sockets.delete(socket),
        });
      }),
  };

  readonly io: Io = {
    connect: async (options: IoConnectOptions = {}): Promise<IoSocket> => {
      const { vu, settings } = this.#context;
      // The first of all waits for the parsers; the iteration waits with it.
      const { pendingDueMs, pendingIssuedMs } = vu;
      const parsers = await loadParsers();
      if (pendingDueMs !== 0) Object.assign(vu, { pendingDueMs, pendingIssuedMs });
      return await new Promise((resolve) => {
        // As with requests: an iteration that was cut may live on.
        if (settings.life.over) return;
        settings.recorder.sockets.use();
        new IoClient(this.#context, parsers, options, this.#sockets).open(resolve);
      });
    },
  };

  #open<Made extends AnySocket>(path: string, options: SocketOptions, kind: SocketKind<Made>): void {
    const { settings, vu } = this.#context;
    // As with requests: an iteration that was cut may live on.
    if (settings.life.over) return;
    settings.recorder.sockets.use();
    const opening = new SocketOpening(this.#context, path, options, kind);
    vu.requestMade();
    opening.start();
  }

  #keep<Kind extends AnySocket>(socket: Kind, resolve: (socket: Kind) => void): Kind {
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
