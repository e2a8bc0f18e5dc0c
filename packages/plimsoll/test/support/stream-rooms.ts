/** Rooms over event streams: GET /rooms/3 listens to one, POST /rooms/3 sends what was posted to all who listen. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Drops every n-th event of one room to the listener that came first. */
export interface StreamFaults {
  readonly drop?: { readonly room: string; readonly every: number };
}

export class StreamRooms {
  readonly counts = { opened: 0, published: 0, sent: 0, dropped: 0 };
  readonly #faults: StreamFaults;
  readonly #listeners = new Map<string, ServerResponse[]>();
  readonly #server: Server;
  #ofFirst = 0;

  constructor(faults: StreamFaults = {}) {
    this.#faults = faults;
    this.#server = createServer((request, response) => {
      const room = request.url!.slice('/rooms/'.length);
      if (request.method === 'POST') void this.#publish(room, request, response);
      else if (request.url!.startsWith('/rooms/')) this.#listen(room, response);
      else response.end();
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((ready) => this.#server.listen(0, '127.0.0.1', ready));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }

  #listen(room: string, response: ServerResponse): void {
    this.counts.opened++;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    const listeners = this.#listeners.get(room) ?? [];
    this.#listeners.set(room, listeners);
    listeners.push(response);
    response.on('close', () => {
      listeners.splice(listeners.indexOf(response), 1);
    });
  }

  async #publish(room: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    this.counts.published++;
    for (const [at, listener] of (this.#listeners.get(room) ?? []).entries()) {
      const { drop } = this.#faults;
      if (drop?.room === room && at === 0 && ++this.#ofFirst % drop.every === 0) {
        this.counts.dropped++;
        continue;
      }
      this.counts.sent++;
      listener.write(`event: news\ndata: ${body}\n\n`);
    }
    response.writeHead(202).end();
  }
}
