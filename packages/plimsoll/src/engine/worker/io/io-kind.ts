/** What Socket.IO adds to the opening of its connection: the session of Engine.IO, and then the namespace. */
import { pong, type SocketIoCodec } from '../../../protocol/socketio/socket-io-codec.ts';
import type { WebSocketUser } from '../../../protocol/websocket/web-socket.ts';
import type { Carrier } from '../sockets/carrier.ts';
import type { IoSession, LiveIoSocket } from './live-io-socket.ts';
import type { Attempt, SocketKeeper } from '../sockets/socket-base.ts';
import type { GreetingOutcome, SocketKind } from '../sockets/socket-opening.ts';
import type { Way } from '../sockets/web-socket-way.ts';

export interface IoKindNeeds {
  readonly codec: SocketIoCodec;
  readonly auth: Readonly<Record<string, unknown>> | undefined;
  readonly connect: (way: Way, user: WebSocketUser) => Carrier;
  /** Called once, with the namespace joined or not. */
  readonly make: (attempt: Attempt, session: IoSession) => LiveIoSocket;
  readonly keeper: SocketKeeper;
}

export class IoKind implements SocketKind<LiveIoSocket> {
  readonly word = 'IO';
  readonly hasGreeting = true;
  readonly #needs: IoKindNeeds;
  #heartbeatMs = 0;
  #id = '';
  #refusal: unknown = undefined;

  constructor(needs: IoKindNeeds) {
    this.#needs = needs;
  }

  connect(way: Way, user: WebSocketUser): Carrier {
    return this.#needs.connect(way, user);
  }

  greet(data: string | Uint8Array, send: (data: string | Uint8Array) => boolean): GreetingOutcome | undefined {
    const { codec, auth } = this.#needs;
    const incoming = codec.read(data);
    switch (incoming?.type) {
      case 'open':
        this.#heartbeatMs = incoming.pingIntervalMs + incoming.pingTimeoutMs;
        for (const part of codec.connect(auth)) send(part);
        return undefined;
      case 'connected':
        if (this.#heartbeatMs === 0) throw new Error('it lets in who has no session yet');
        this.#id = incoming.id;
        return 'done';
      case 'refused':
        this.#refusal = incoming.data;
        return { kind: 'namespace', message: `the server refused the namespace: ${incoming.message}` };
      case 'ping':
        send(pong);
        return undefined;
      case 'closed':
        return { kind: 'closed', message: 'the server ended the session before it let anybody into the namespace' };
      case 'disconnected':
        return { kind: 'closed', message: 'the server put us out of the namespace before it let us in' };
      default:
        return undefined;
    }
  }

  make(attempt: Attempt): LiveIoSocket {
    const { codec } = this.#needs;
    return this.#needs.make(attempt, {
      codec,
      id: this.#id,
      heartbeatMs: this.#heartbeatMs,
      refusal: this.#refusal,
    });
  }

  get keeper(): SocketKeeper {
    return this.#needs.keeper;
  }
}
