/** The servers of the socket rows: programs of the bench, each in a process of its own, that count for themselves. */
import { get } from 'node:http';
import { startListening } from './listening-program.ts';
import { end } from './processes.ts';
import type { SocketCounts } from './socket-counts.ts';

export interface SocketServer {
  readonly port: number;
  counts(): Promise<SocketCounts>;
  stop(): void;
}

/** Errors: the program ends, or does not tell its port within 10 s. */
export async function startSocketServer(name: 'ws-server' | 'socket-io-server'): Promise<SocketServer> {
  const { child, port } = await startListening(name);
  return {
    port,
    counts: () => countsOf(port),
    stop: () => {
      end(child);
    },
  };
}

function countsOf(port: number): Promise<SocketCounts> {
  return new Promise((resolve, reject) => {
    const request = get({ port, host: '127.0.0.1', path: '/status', agent: false, timeout: 10_000 }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part: string) => (body += part));
      response.once('end', () => resolve(JSON.parse(body) as SocketCounts));
    });
    request.once('error', reject);
    request.once('timeout', () => request.destroy(new Error('the server did not tell its counts within 10 s')));
  });
}
