/** The sockets of one VU: `ws`, `io` and `sse` as a test function sees them. They may outlive iterations; the test's end ends them. */
import type { Io, IoSocket } from '../../../model/socket-io.ts';
import type { Socket, SocketOptions, Ws } from '../../../model/socket.ts';
import type { EventStream, Sse, SseOptions } from '../../../model/sse.ts';
import { loadParsers } from '../../../protocol/socketio/socket-io-codec.ts';
import { LiveEventStream } from '../sse/live-event-stream.ts';
import { IoClient, type IoConnectOptions } from '../io/io-client.ts';
import { LiveSocket } from '../ws/live-socket.ts';
import { assertConnectOptions, assertText } from './misuse.ts';
import type { SocketContext } from './opening-request.ts';
import type { AnySocket, HeldSocket, SocketKeeper } from './socket-base.ts';
import { SocketOpening, type SocketKind } from './socket-opening.ts';
import { openWebSocket } from './web-socket-way.ts';

export class VuSockets {
  readonly #context: SocketContext;
  readonly #sockets = new Set<HeldSocket>();
  readonly #keeper: SocketKeeper = { over: (socket) => this.#sockets.delete(socket) };

  constructor(context: SocketContext) {
    this.#context = context;
  }

  readonly ws: Ws = {
    connect: (path: string, options: SocketOptions = {}): Promise<Socket> =>
      new Promise((resolve) => {
        assertText('the path of ws.connect', path);
        assertConnectOptions('ws', options);
        const { settings } = this.#context;
        this.#open<LiveSocket>(path, options, {
          word: 'WS',
          connect: openWebSocket,
          hasGreeting: false,
          greet: () => 'done',
          make: (attempt) => this.#keep(new LiveSocket(settings, attempt), resolve),
          keeper: this.#keeper,
        });
      }),
  };

  readonly io: Io = {
    connect: async (options: IoConnectOptions = {}): Promise<IoSocket> => {
      assertConnectOptions('io', options);
      const { vu, settings } = this.#context;
      // The first of all waits for the parsers; the iteration waits with it, and so does what it was due after.
      const { pendingDueMs, pendingIssuedMs } = vu;
      if (pendingDueMs !== 0 && pendingIssuedMs === 0) vu.sleepLagMs = -1;
      Object.assign(vu, { pendingDueMs: 0, pendingIssuedMs: 0 });
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

  readonly sse: Sse = {
    connect: (path: string, options: SseOptions = {}): Promise<EventStream> =>
      new Promise((resolve) => {
        assertText('the path of sse.connect', path);
        assertConnectOptions('sse', options);
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

  #open<Made extends AnySocket>(path: string, options: SocketOptions, kind: SocketKind<Made>): void {
    const { settings, vu } = this.#context;
    // As with requests: an iteration that was cut may live on.
    if (settings.life.over) return;
    settings.recorder.sockets.use();
    const opening = new SocketOpening(this.#context, path, options, kind);
    vu.requestMade();
    opening.start();
  }

  #keep<Kind extends HeldSocket>(socket: Kind, resolve: (socket: Kind) => void): Kind {
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
