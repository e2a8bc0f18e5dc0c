/** Tests with Socket.IO by polling, against the official server, which counts for itself. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerOptions, Socket } from 'socket.io';
import { expect } from 'vitest';
import type { TestResult } from '../../src/model/result.ts';
import { Project, type Finished } from './cli.ts';
import { IoServer } from './io-server.ts';

export const clients = 12;
export const both = "['polling', 'websocket']";

export interface RunOptions {
  readonly transports?: string;
  readonly workers?: number;
  readonly load?: string;
  readonly args?: readonly string[];
  readonly connectionsPerHost?: number;
}

export class PollingBench {
  readonly project = new Project();
  server!: IoServer;
  upgraded = 0;
  events = 0;
  /** HTTP requests of sessions, and those of them without the cookie that the first answer sets. */
  requests: { readonly GET: number; readonly POST: number; readonly withoutCookie: number } = {
    GET: 0,
    POST: 0,
    withoutCookie: 0,
  };

  async start(options: Partial<ServerOptions> = {}): Promise<void> {
    this.server = new IoServer(options, this.#serve);
    await this.server.start();
    const { engine } = this.server.io;
    engine.on('connection', (session: { on(event: 'upgrade', told: () => void): void }) => {
      session.on('upgrade', () => this.upgraded++);
    });
    engine.on('initial_headers', (headers: Record<string, string>) => {
      headers['set-cookie'] = 'node=a; Path=/';
    });
    engine.use((request: IncomingMessage, _: ServerResponse, next: () => void) => {
      if (request.url?.includes('sid=')) this.#count(request);
      next();
    });
  }

  #count({ method, headers }: IncomingMessage): void {
    const { requests } = this;
    const of = method as 'GET' | 'POST';
    const withoutCookie = requests.withoutCookie + (headers.cookie?.includes('node=a') ? 0 : 1);
    this.requests = { ...requests, [of]: requests[of] + 1, withoutCookie };
  }

  readonly #serve = (socket: Socket): void => {
    socket.onAny(() => this.events++);
    socket.on('echo', (value: unknown, acknowledge: (value: unknown) => void) => {
      acknowledge(value);
    });
    socket.on('count', (to: number) => {
      for (let n = 0; n < to; n++) socket.emit('number', n);
    });
    socket.on('drop me', () => socket.conn.close());
    socket.on('out', () => socket.disconnect());
    socket.on('join', (room: string, acknowledge: () => void) => {
      void socket.join(room);
      acknowledge();
    });
    socket.on('say', (room: string, stamp: string) => this.server.io.to(room).emit('said', stamp));
  };

  /** Of the iteration: `body`, with `connect` beside what a test has. */
  async run(body: string, options: RunOptions = {}): Promise<Finished & { readonly result: TestResult }> {
    const { transports = both, workers = 1, args = [], connectionsPerHost = 6 } = options;
    const { load = `sharedIterations({ vus: 4, iterations: ${clients} })` } = options;
    this.project.write(
      'a.load.ts',
      `import { constantVus, loadTest, perVuIterations, sharedIterations } from 'plimsoll';
      loadTest('io', { load: ${load}, connections: 'lazy', thresholds: ['success >= 0%'], gracefulStop: '1s', http: { timeout: '10s', connectionsPerHost: ${connectionsPerHost} } },
        async ({ io, sleep }) => {
          const connect = async (options = {}) => (await io.connect({ transports: ${transports}, ...options })).orThrow();
          ${body}
        });`,
    );
    return await this.#finish('--workers', String(workers), ...args);
  }

  /** Two seconds of messages in three rooms. */
  async fanOut(transports: string): Promise<Finished & { readonly result: TestResult }> {
    this.project.write(
      'a.load.ts',
      `import { fanOut } from 'plimsoll';
      const transports = ${transports};
      fanOut('news', { subscribers: 12, rooms: 3, publishers: 3, rate: 60, duration: '2s', spacing: 'constant',
        settle: '3s', drain: '1500ms', gracefulStop: '5s' }, {
        connect: ({ io }) => io.connect({ transports }),
        join: ({ socket, room }) => socket.emitWithAck('join', String(room)),
        connectPublisher: ({ io }) => io.connect({ transports }),
        publish: ({ socket, room, stamp }) => socket.emit('say', String(room), stamp),
        receive: ({ name, args }) => (name === 'said' ? args[0] : undefined),
      });`,
    );
    return await this.#finish();
  }

  async #finish(...args: readonly string[]): Promise<Finished & { readonly result: TestResult }> {
    const finished = await this.project.plimsoll('run', '--target', this.server.url, ...args);
    const result = this.project.lastResult().tests[0]!;
    expect(result.books).toMatchObject({ balanced: true, breaches: [] });
    return { ...finished, result };
  }

  async close(): Promise<void> {
    this.project.remove();
    await this.server.close();
  }
}

export const seriesOf = ({ series }: TestResult, name: string): TestResult['series'][number] | undefined =>
  series.find((each) => each.name === name);
