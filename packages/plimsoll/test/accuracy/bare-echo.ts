/**
 * What this machine itself takes for a byte there and back between two processes that do nothing else: without the tool,
 * without the server. A guest whose host is busy wakes late without a figure that says so, and here it shows.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from '../support/order-statistics.ts';

const echo = `require('node:net')
  .createServer((socket) => { socket.setNoDelay(); socket.on('data', (data) => socket.write(data)); })
  .listen(0, '127.0.0.1', function () { console.log(this.address().port); });`;

const rounds = 250;
/** Both processes have gone to sleep in between, as a tool does that waits for an answer. */
const pauseMs = 10;

export interface BareEcho {
  readonly medianMs: number;
  readonly longestMs: number;
}

export async function bareEcho(): Promise<BareEcho> {
  const server = spawn(process.execPath, ['--eval', echo], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [port] = (await once(server.stdout, 'data')) as [Buffer];
    const socket = createConnection(Number(String(port)), '127.0.0.1');
    await once(socket, 'connect');
    socket.setNoDelay();
    const tookMs = new Float64Array(rounds);
    for (let round = 0; round < rounds; round++) {
      await sleep(pauseMs);
      const sentMs = performance.now();
      socket.write('x');
      await once(socket, 'data');
      tookMs[round] = performance.now() - sentMs;
    }
    socket.destroy();
    return { medianMs: quantile(tookMs, 0.5), longestMs: quantile(tookMs, 1) };
  } finally {
    server.kill();
  }
}
