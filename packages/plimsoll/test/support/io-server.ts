/** A Socket.IO server of the official kind that can be taken away and put back on its port, and counts for itself. */
import { createServer, type Server as HttpServer } from 'node:http';
import {
  createServer as createRawServer,
  type AddressInfo,
  type Server as RawServer,
  type Socket as RawSocket,
} from 'node:net';
import { Server, type ServerOptions, type Socket } from 'socket.io';

export class IoServer {
  /** Joined so far, over all its lives. */
  connected = 0;
  readonly reasons: Record<string, number> = {};
  /** The names given to sockets. */
  readonly ids = new Set<string>();
  /** So many sessions are refused from the first on; those that ask for it by `?refuse=now` are refused anyway. */
  toRefuse = 0;
  refused = 0;
  readonly #options: Partial<ServerOptions>;
  readonly #serve: (socket: Socket, server: IoServer) => void;
  #http: HttpServer | undefined;
  #raw: RawServer | undefined;
  readonly #connections = new Set<RawSocket>();
  readonly #rawSockets = new Set<RawSocket>();
  #port = 0;
  io!: Server;
  /** Why the namespace is refused; undefined: it is not. */
  refusal: string | undefined;

  constructor(options: Partial<ServerOptions>, serve: (socket: Socket, server: IoServer) => void) {
    this.#options = options;
    this.#serve = serve;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get http(): HttpServer {
    return this.#http!;
  }

  /** On the port that it had before. */
  async start(): Promise<void> {
    const http = createServer((_, response) => response.end('ok'));
    this.#http = http;
    http.on('connection', (socket) => {
      this.#connections.add(socket);
      socket.on('close', () => this.#connections.delete(socket));
    });
    const allowRequest: ServerOptions['allowRequest'] = ({ url = '' }, decide) => {
      if (this.refused < this.toRefuse || url.includes('refuse=now')) {
        this.refused++;
        decide('not now', false);
      } else {
        decide(null, true);
      }
    };
    this.io = new Server(http, { allowRequest, ...this.#options });
    this.io.use((_, next) => {
      if (this.refusal === undefined) next();
      else next(new Error(this.refusal));
    });
    this.io.on('connection', (socket) => {
      this.connected++;
      this.ids.add(socket.id);
      socket.on('disconnect', (reason) => (this.reasons[reason] = (this.reasons[reason] ?? 0) + 1));
      this.#serve(socket, this);
    });
    await new Promise<void>((resolve) => http.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (http.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const http = this.#http;
    this.#http = undefined;
    if (http === undefined) return;
    const closed = this.io.close();
    http.closeAllConnections();
    await closed;
  }

  /** As the end of its process would: every connection is reset, and nobody is told. */
  async kill(): Promise<void> {
    for (const socket of this.#connections) socket.resetAndDestroy();
    await this.stop();
  }

  /** In its place something that takes connections and never says a word. */
  async fallSilent(): Promise<void> {
    await this.stop();
    const raw = createRawServer((socket) => {
      this.#rawSockets.add(socket);
      socket.on('error', () => undefined);
      socket.resume();
    });
    this.#raw = raw;
    await new Promise<void>((resolve) => raw.listen(this.#port, '127.0.0.1', resolve));
  }

  /** Connections that the silence has taken. */
  get swallowed(): number {
    return this.#rawSockets.size;
  }

  async close(): Promise<void> {
    for (const socket of this.#rawSockets) socket.destroy();
    this.#raw?.close();
    await this.stop();
  }
}
