/** Who holds the sockets of the socket rows: this tool, and the clients that Node programs use. */
import { fileURLToPath } from 'node:url';
import { openers } from '../load/socket-pace.ts';
import type { Command, Finished } from '../processes.ts';
import { packageVersion } from './peers.ts';
import { onlyTest, plimsoll, plimsollVersion, resultOf, testFile } from './plimsoll.ts';

export interface SocketAssignment {
  readonly port: number;
  readonly connections: number;
  /** From the start to the end, opening included. */
  readonly seconds: number;
  /** An empty folder of the client's own. */
  readonly folder: string;
  /** Source addresses, divided by commas. */
  readonly sources: string;
}

/** What a client says of its work. */
export interface SocketTally {
  readonly opened: number;
  readonly received: number;
}

export interface SocketClient {
  readonly name: string;
  /** As the tables call it. */
  readonly title: string;
  /** Errors: it is not installed. */
  version(): Promise<string>;
  command(assignment: SocketAssignment): Command;
  /** Errors: it failed, or lost connections. */
  told(run: Finished): SocketTally;
}

/**
 * Several, because finding a free port for one source, destination and port gets slow beyond some 10,000; and others for
 * each run, because the connections of the run before hold their ports for a minute: to look for free ones among
 * thousands of those took three times the system time.
 */
export function freshSources(): string {
  const run = runs++ % 250;
  return [1, 2, 3, 4].map((last) => `127.0.${1 + run}.${last}`).join(',');
}

let runs = 0;

/** The whole tool with one worker; a VU for every connection. */
export function plimsollSockets(file: 'socket-feed' | 'held-sockets' | 'socket-fan-out'): SocketClient {
  return toolSockets(file, 'plimsoll, a VU for every connection', (connections) => connections);
}

/**
 * Likewise with a few VUs that share the connections: what a connection takes, without what a VU takes. They pace
 * themselves by Node's timers, as the other clients do: the tool's own clock spins where a core is free, to be exact.
 */
export function plimsollHolding(file: 'idle-sockets' | 'idle-socket-io'): SocketClient {
  return toolSockets(file, `plimsoll, ${openers} VUs`, () => openers);
}

function toolSockets(
  file: 'socket-feed' | 'held-sockets' | 'socket-fan-out' | 'idle-sockets' | 'idle-socket-io',
  title: string,
  vusFor: (connections: number) => number,
): SocketClient {
  return {
    name: 'plimsoll',
    title,
    version: plimsollVersion,
    command: ({ port, connections, seconds, folder, sources }) => {
      const load = ['--vus', `${vusFor(connections)}`, '--duration', `${seconds}s`, '--workers', '1'];
      const from = ['--target', `http://127.0.0.1:${port}`, '--source-address', sources];
      const command = plimsoll(['run', testFile(file), ...load, ...from, '--json'], folder);
      return { ...command, env: { SOCKETS: `${connections}` } };
    },
    told: (run) => {
      const { sockets, failed, exceptions } = onlyTest(resultOf(run));
      if (sockets === undefined) throw new Error('it reports no sockets');
      const { opened, refused, closed, messagesIn } = sockets;
      const lost = Object.values(closed).reduce((sum, count) => sum + count, 0);
      if (refused + lost + failed + exceptions.length > 0) {
        throw new Error(
          `it reports ${refused} refused, ${lost} lost, ${failed} failures: ${JSON.stringify(exceptions)}`,
        );
      }
      return { opened, received: messagesIn };
    },
  };
}

export const wsIdle = peer('ws', 'ws-client', '/idle');
export const wsFed = peer('ws', 'ws-client', '/feed');
export const socketIoClient = peer('socket.io-client', 'socket-io-client', '');

function peer(name: 'ws' | 'socket.io-client', program: 'ws-client' | 'socket-io-client', path: string): SocketClient {
  const scheme = name === 'ws' ? 'ws' : 'http';
  return {
    name,
    title: name,
    version: async () => `${await packageVersion(name)} on Node ${process.version}`,
    command: ({ port, connections, seconds, sources }) => {
      const url = `${scheme}://127.0.0.1:${port}${path}`;
      return {
        program: process.execPath,
        args: [
          fileURLToPath(new URL(`programs/${program}.js`, import.meta.url)),
          ...[url, `${connections}`, `${seconds}`, sources],
        ],
        shown: `node bench/src/programs/${program}.ts`,
      };
    },
    told: toldByProgram,
  };
}

/** What the bench's own clients print. */
export function toldByProgram({ stdout, stderr }: Finished): SocketTally {
  if (!stdout.startsWith('{')) throw new Error(stderr.trim() || 'it told nothing');
  const { opened, failed, received } = JSON.parse(stdout) as SocketTally & { failed: number };
  if (failed > 0) throw new Error(`it reports ${failed} connections that failed or were lost`);
  return { opened, received };
}
