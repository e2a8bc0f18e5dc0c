/** A WebSocket as a client, what it tells, and a server of `ws` for it. */
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type ServerOptions, type WebSocket } from 'ws';
import { onTestFinished } from 'vitest';
import { optionsFor, thread } from '../../../test/conformance/websocket/clients.ts';
import type { TransportError } from '../net/error-kind.ts';
import { WebSocketConnection } from './web-socket-connection.ts';
import type { Refusal, WebSocketOptions } from './web-socket.ts';
export interface Client {
  readonly connection: WebSocketConnection;
  readonly messages: (string | Uint8Array)[];
  readonly pongs: string[];
  readonly pings: string[];
  readonly opened: Promise<undefined>;
  readonly refused: Promise<Refusal>;
  readonly closed: Promise<{ code: number; reason: string; wasClean: boolean; error: TransportError | undefined }>;
}

export function connect(
  port: number,
  options: Partial<WebSocketOptions> = {},
  onMessage: () => void = () => undefined,
): Client {
  const messages: Client['messages'] = [];
  const [pongs, pings]: [string[], string[]] = [[], []];
  const told: Record<string, (value: never) => void> = {};
  const when = <T>(name: string): Promise<T> =>
    new Promise((resolve) => {
      told[name] = resolve;
    });
  const [opened, refused, closed] = [when<undefined>('opened'), when<Refusal>('refused'), when('closed')];
  const tell = (name: string, value: unknown): void => told[name]!(value as never);
  const connection = new WebSocketConnection(
    optionsFor(port, options),
    thread,
    {
      opened: () => {
        tell('opened', undefined);
      },
      refused: (refusal) => {
        tell('refused', refusal);
      },
      message: (data) => {
        messages.push(data);
        onMessage();
      },
      pong: (payload) => pongs.push(Buffer.from(payload).toString()),
      pinged: (payload) => pings.push(Buffer.from(payload).toString()),
      closed: (code, reason, wasClean, error) => {
        tell('closed', { code, reason, wasClean, error });
      },
    },
    Math.random,
  );
  onTestFinished(() => {
    connection.terminate('reset');
  });
  return { connection, messages, pongs, pings, opened, refused, closed: closed as Client['closed'] };
}

export async function wsServer(
  talk: (socket: WebSocket) => void,
  options: ServerOptions = {},
): Promise<{ readonly port: number; readonly server: WebSocketServer }> {
  const server = new WebSocketServer({
    port: options.server ? undefined : 0,
    host: '127.0.0.1',
    ...options,
  });
  server.on('connection', (socket) => {
    socket.on('error', () => undefined);
    talk(socket);
  });
  if (!options.server) await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  return { port: options.server ? 0 : (server.address() as AddressInfo).port, server };
}
