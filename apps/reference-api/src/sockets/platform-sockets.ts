/**
 * Socket.IO at /socket.io: who is signed in hears what happens to the sessions whose rooms it has joined, until its token
 * ends. A client that does not read is cut before it fills the memory of all.
 */
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { Server, type ServerOptions, type Socket } from 'socket.io';
import type { Caller } from '../http/auth.ts';
import type { EventPublisher, SessionEvent } from '../ports/events.ts';
import type { Log } from '../ports/log.ts';
import type { SocketState } from '../ports/sockets.ts';
import { answerForeignUpgrades } from './foreign-upgrades.ts';
import { SocketCounts } from './socket-counts.ts';
import { endOfToken } from './token-end.ts';
import { allRoom, requestedRoom, roomOf, type ClientEvents, type RoomAnswer, type ServerEvents } from './wire.ts';

export interface PlatformSocketsOptions {
  readonly server: HttpServer;
  readonly instance: string;
  /** false: every event to everybody, uncompressed. */
  readonly rooms: boolean;
  /** Errors: what the client is told. */
  readonly callerOf: (token: string) => Caller;
  /** Of one user on this instance, whatever it has on others; undefined: no limit. */
  readonly connectionsPerUser: number | undefined;
  readonly corsOrigins: readonly string[];
  /** What carries events to the other instances; undefined: there are none. */
  readonly adapter: ServerOptions['adapter'] | undefined;
  readonly log: Log;
  readonly limits?: Partial<SocketLimits>;
}

export interface SocketLimits {
  readonly mostMessageBytes: number;
  /** Not yet taken by the network: beyond it a client is cut. */
  readonly mostBufferedBytes: number;
  readonly mostBufferedMessages: number;
  readonly lookEveryMs: number;
  /** Between two pings of the server. */
  readonly pingIntervalMs: number;
  /** For the answer: a client that owes it so long is cut. */
  readonly pingTimeoutMs: number;
}

const defaultLimits: SocketLimits = {
  mostMessageBytes: 16 * 1024,
  mostBufferedBytes: 1024 * 1024,
  mostBufferedMessages: 1000,
  lookEveryMs: 1000,
  pingIntervalMs: 25_000,
  pingTimeoutMs: 20_000,
};
const socketPath = '/socket.io';

/** Socket.IO looks at the path alone, and refuses what offers something else there. */
export function isSocketUpgrade({ url = '', headers }: IncomingMessage): boolean {
  return url.startsWith(`${socketPath}/`) && headers.upgrade?.toLowerCase() === 'websocket';
}

/** `ws` keeps to the threshold only where no context is kept. */
const compression = { threshold: 1024, serverNoContextTakeover: true, clientNoContextTakeover: true };
/** Sessions whose sequence is remembered; the oldest go first. */
const mostSequences = 10_000;
/** For clients to take what was written before the stop, and to take their leave: who holds it up longer is not waited for. */
const mostLeavingMs = 1000;
const lookAtLeavingEveryMs = 10;

interface SocketData {
  caller: Caller;
  /** Of its token, in milliseconds since 1970. */
  endsMs: number;
}
type NoEvents = Record<string, never>;
type PlatformServer = Server<ClientEvents, ServerEvents, NoEvents, SocketData>;
type PlatformSocket = Socket<ClientEvents, ServerEvents, NoEvents, SocketData>;

export class PlatformSockets implements EventPublisher, SocketState {
  readonly counts = new SocketCounts();
  readonly #options: PlatformSocketsOptions;
  readonly #limits: SocketLimits;
  readonly #io: PlatformServer;
  readonly #byUser = new Map<string, number>();
  readonly #sequences = new Map<string, number>();
  readonly #looking: NodeJS.Timeout;
  #events = 0;
  #stopping: Promise<void> | undefined;
  #isOver = false;
  /** Connections of WebSockets: Engine.IO forgets one as soon as it has asked for its end. */
  readonly #upgraded = new Set<Duplex>();

  constructor(options: PlatformSocketsOptions) {
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    const { server, rooms, corsOrigins, adapter } = options;
    answerForeignUpgrades(server, isSocketUpgrade);
    server.on('upgrade', (request, socket) => {
      if (!isSocketUpgrade(request)) return;
      if (this.#isOver) {
        socket.destroy();
        return;
      }
      this.#upgraded.add(socket);
      socket.once('close', () => this.#upgraded.delete(socket));
    });
    this.#io = new Server(server, {
      path: socketPath,
      destroyUpgrade: false,
      serveClient: false,
      maxHttpBufferSize: this.#limits.mostMessageBytes,
      pingInterval: this.#limits.pingIntervalMs,
      pingTimeout: this.#limits.pingTimeoutMs,
      perMessageDeflate: rooms ? compression : false,
      httpCompression: false,
      ...(corsOrigins.length > 0 && { cors: { origin: [...corsOrigins] } }),
      ...(adapter !== undefined && { adapter }),
    });
    this.#io.use((socket, next) => {
      const refusal = this.#admit(socket);
      if (refusal === undefined) next();
      else next(refusal);
    });
    this.#io.on('connection', (socket) => {
      this.#welcome(socket);
    });
    this.#looking = setInterval(() => {
      this.#lookAtAll();
    }, this.#limits.lookEveryMs);
    this.#looking.unref();
  }

  publish({ name, session }: SessionEvent): void {
    const { instance, rooms } = this.#options;
    const sequence = this.#nextSequence(session.id);
    const message = {
      event_id: `${instance}-${++this.#events}`,
      session_id: session.id,
      sequence,
      instance,
      sent_at: performance.timeOrigin + performance.now(),
      session,
    };
    this.counts.published[name]++;
    // Whoever is in both rooms gets it once.
    if (rooms) this.#io.to(roomOf(session.id)).to(allRoom).emit(name, message);
    else this.#io.emit(name, message);
  }

  /** Sockets open on this instance. */
  get open(): number {
    return this.#io.of('/').sockets.size;
  }

  /** Tells every client of this instance that it stops, and ends their connections. The HTTP server is somebody else's to close. */
  stop(): Promise<void> {
    return (this.#stopping ??= this.#stop());
  }

  async #stop(): Promise<void> {
    clearInterval(this.#looking);
    this.#io.local.emit('system_status', { state: 'stopping', instance: this.#options.instance });
    // Not by Socket.IO's own disconnect: a client that was told so stays away, and this one is to find another instance.
    const { clients } = this.#io.engine as unknown as { readonly clients: Readonly<Record<string, Connection>> };
    for (const conn of Object.values(clients)) conn.close();
    // Each ends behind what was written before, when its client says so, too; one that polls, with its next request.
    const untilMs = performance.now() + mostLeavingMs;
    while (this.open + this.#upgraded.size > 0 && performance.now() < untilMs) await pause(lookAtLeavingEveryMs);
    this.#isOver = true;
    for (const socket of this.#upgraded) socket.destroy();
    this.#io.engine.close();
  }

  /** undefined: welcome. */
  #admit(socket: PlatformSocket): Error | undefined {
    const { callerOf, connectionsPerUser } = this.#options;
    const given: unknown = socket.handshake.auth['token'];
    const token = typeof given === 'string' ? given : '';
    try {
      socket.data.caller = callerOf(token);
      socket.data.endsMs = endOfToken(token);
    } catch (error) {
      return this.#refusal('unauthorized', error instanceof Error ? error.message : String(error));
    }
    const open = this.#byUser.get(socket.data.caller.name) ?? 0;
    if (connectionsPerUser === undefined || open < connectionsPerUser) return undefined;
    return this.#refusal('too_many_connections', `a user may have ${connectionsPerUser} connections here`);
  }

  #refusal(reason: 'unauthorized' | 'too_many_connections', message: string): Error {
    this.counts.refused[reason]++;
    return Object.assign(new Error(message), { data: { error: reason, message } });
  }

  #welcome(socket: PlatformSocket): void {
    if (this.#stopping !== undefined) {
      socket.conn.close();
      return;
    }
    const { name } = socket.data.caller;
    this.#byUser.set(name, (this.#byUser.get(name) ?? 0) + 1);
    socket.on('disconnect', () => {
      const left = (this.#byUser.get(name) ?? 1) - 1;
      if (left > 0) this.#byUser.set(name, left);
      else this.#byUser.delete(name);
    });
    socket.on('join', (request, acknowledge) => {
      answer(
        acknowledge,
        this.#move(request, (room) => socket.join(room)),
      );
    });
    socket.on('leave', (request, acknowledge) => {
      answer(
        acknowledge,
        this.#move(request, (room) => socket.leave(room)),
      );
    });
    socket.emit('system_status', { state: 'ready', instance: this.#options.instance });
  }

  #move(request: unknown, move: (room: string) => unknown): RoomAnswer {
    const room = requestedRoom(request);
    if (room === undefined) return { ok: false, error: 'give { session_id } or { all: true }' };
    // With the adapters used here it is done at once; with others it would be a promise nobody need wait for.
    void move(room);
    return { ok: true, room };
  }

  #nextSequence(sessionId: string): number {
    const sequence = (this.#sequences.get(sessionId) ?? 0) + 1;
    this.#sequences.delete(sessionId);
    this.#sequences.set(sessionId, sequence);
    if (this.#sequences.size > mostSequences) this.#sequences.delete(this.#sequences.keys().next().value!);
    return sequence;
  }

  #lookAtAll(): void {
    const { mostBufferedBytes, mostBufferedMessages } = this.#limits;
    const nowMs = Date.now();
    for (const socket of this.#io.of('/').sockets.values()) {
      if (socket.data.endsMs <= nowMs) {
        socket.disconnect(true);
        continue;
      }
      const { bytes, messages, terminate } = wireOf(socket.conn);
      if (bytes <= mostBufferedBytes && messages <= mostBufferedMessages) continue;
      this.counts.cut++;
      const { name } = socket.data.caller;
      this.#options.log.warn({ user: name, bytes, messages }, 'a client that does not read was cut');
      terminate();
    }
  }
}

type Connection = PlatformSocket['conn'];

interface Wire {
  readonly bytes: number;
  readonly messages: number;
  readonly terminate: () => void;
}

/** Engine.IO keeps messages of its own until the WebSocket has sent the last; neither is in its types. */
function wireOf(conn: Connection): Wire {
  const { writeBuffer = [], transport } = conn as unknown as {
    writeBuffer?: readonly unknown[];
    transport: { socket?: { bufferedAmount?: number; terminate?: () => void } };
  };
  return {
    bytes: transport.socket?.bufferedAmount ?? 0,
    messages: writeBuffer.length,
    terminate: () => {
      // An orderly close would wait for what is never read.
      if (transport.socket?.terminate === undefined) conn.close(true);
      else transport.socket.terminate();
    },
  };
}

function answer(acknowledge: unknown, result: RoomAnswer): void {
  if (typeof acknowledge === 'function') (acknowledge as (result: RoomAnswer) => void)(result);
}
