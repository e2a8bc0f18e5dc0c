/**
 * A server of rooms over WebSockets, Socket.IO and event streams that misbehaves exactly as it was told, and counts what it
 * did. Clients say `{ join, subscriber }` and `{ publish: room, stamp }`; what is published goes to its room as
 * `{ room, stamp }`. Over Socket.IO these are the events 'join', with all rooms at once, 'publish' and 'said'.
 * `GET /rooms/3?subscriber=7` listens to a room, and a POST there publishes in it.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { WebSocketServer, type WebSocket } from 'ws';
import { PlantedDeliveries, type Peer, type PlantedCounts, type PlantedFaults } from './planted-deliveries.ts';

export class PlantedRooms {
  /** Connections of each kind, whoever made them. */
  readonly opened = { webSockets: 0, ioSockets: 0, streams: 0 };
  readonly #http = createServer((request, response) => void this.#serveHttp(request, response));
  readonly #server = new WebSocketServer({ noServer: true });
  readonly #io = new Server({ destroyUpgrade: false });
  readonly #deliveries: PlantedDeliveries;

  constructor(faults: PlantedFaults = {}) {
    this.#deliveries = new PlantedDeliveries(faults);
    this.#http.on('upgrade', (request, socket, head) => {
      if (request.url?.startsWith('/socket.io/') === true) return;
      this.#server.handleUpgrade(request, socket, head, (each) => this.#server.emit('connection', each));
    });
    this.#io.attach(this.#http);
    this.#server.on('connection', this.#serveWebSocket);
    this.#serveSocketIo();
  }

  get counts(): Readonly<PlantedCounts> {
    return this.#deliveries.counts;
  }
  get sentAfterMs(): readonly (readonly number[])[] {
    return this.#deliveries.sentAfterMs;
  }

  async listen(): Promise<string> {
    await new Promise<void>((ready) => this.#http.listen(0, '127.0.0.1', ready));
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate();
    const closed = this.#io.close();
    this.#http.closeAllConnections();
    await closed;
  }

  /** An event of the server's own: the next of its source in the room. */
  tell(room: number, source: string): void {
    this.#deliveries.publish(room, (number) => ({ source, sequence: number }));
  }

  readonly #serveWebSocket = (socket: WebSocket): void => {
    this.opened.webSockets++;
    const peer: Peer = {
      send: (message) => {
        socket.send(JSON.stringify(message));
      },
      end: (how) => {
        if (how === 'reset') socket.terminate();
        else socket.close(1012, 'planted');
      },
      onceGone: (gone) => socket.once('close', gone),
    };
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer) => {
      const said = JSON.parse(data.toString('utf8')) as Record<string, unknown>;
      const { join, subscriber, publish, stamp, dueMs } = said;
      if (typeof join === 'number') {
        this.#deliveries.join(peer, [join], subscriber as number, () => {
          socket.send(JSON.stringify({ joined: join }));
        });
      } else if (typeof publish === 'number') {
        this.#deliveries.publish(publish, () => ({ stamp: stamp as string, dueMs: dueMs as number | undefined }));
      }
    });
  };

  #serveSocketIo(): void {
    this.#io.on('connection', (socket) => {
      this.opened.ioSockets++;
      const peer: Peer = {
        send: (message) => {
          socket.emit('said', message);
        },
        end: (how) => {
          if (how === 'reset') socket.request.socket.resetAndDestroy();
          else socket.conn.close();
        },
        onceGone: (gone) => socket.once('disconnect', gone),
      };
      socket.on('join', (rooms: readonly number[], subscriber: number, acknowledge: () => void) => {
        this.#deliveries.join(peer, rooms, subscriber, acknowledge);
      });
      socket.on('publish', (room: number, stamp: string) => {
        this.#deliveries.publish(room, () => ({ stamp }));
      });
    });
  }

  async #serveHttp(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, room, subscriber] = /^\/rooms\/(\d+)(?:\?subscriber=(\d+))?$/.exec(request.url!) ?? [];
    if (room === undefined) {
      response.end('ok');
    } else if (request.method === 'POST') {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      this.#deliveries.publish(Number(room), () => JSON.parse(body) as { stamp: string });
      response.writeHead(202).end();
    } else {
      this.#serveStream(response, Number(room), Number(subscriber));
    }
  }

  #serveStream(response: ServerResponse, room: number, subscriber: number): void {
    this.opened.streams++;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const peer: Peer = {
      send: (message) => {
        response.write(`event: news\ndata: ${JSON.stringify(message)}\n\n`);
      },
      end: (how) => {
        if (how === 'reset') response.socket!.resetAndDestroy();
        else response.end();
      },
      onceGone: (gone) => response.once('close', gone),
    };
    this.#deliveries.join(peer, [room], subscriber, () => {
      response.flushHeaders();
    });
  }
}
