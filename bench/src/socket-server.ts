/** The servers of the socket rows: programs of the bench, each in a process of its own, that count for themselves. */
import { get } from 'node:http';
import { fileURLToPath } from 'node:url';
import { end, start } from './processes.ts';
import type { SocketCounts } from './socket-counts.ts';

export interface SocketServer {
  readonly port: number;
  counts(): Promise<SocketCounts>;
  stop(): void;
}

/** Errors: the program ends, or does not tell its port within 10 s. */
export async function startSocketServer(name: 'ws-server' | 'socket-io-server'): Promise<SocketServer> {
  const program = fileURLToPath(new URL(`programs/${name}.js`, import.meta.url));
  const server = start({ program: process.execPath, args: [program] }, ['ignore', 'pipe', 'inherit']);
  const port = await new Promise<number>((resolve, reject) => {
    const limit = setTimeout(() => {
      end(server);
      reject(new Error(`${name} told no port within 10 s`));
    }, 10_000);
    server.stdout?.once('data', (line: Buffer) => {
      clearTimeout(limit);
      resolve((JSON.parse(line.toString()) as { port: number }).port);
    });
    server.once('exit', (code) => {
      clearTimeout(limit);
      reject(new Error(`${name} ended with code ${String(code)}`));
    });
  });
  return {
    port,
    counts: () => countsOf(port),
    stop: () => {
      end(server);
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
