/** What one request costs this machine: ten connections to a server next door that does nothing but answer. */
import { spawn } from 'node:child_process';
import { createLocalSession } from '../engine/local-session.ts';
import { quickPlan } from './quick-plan.ts';

export interface LoopbackCost {
  /** Of this process alone, user and system. */
  readonly cpuUsPerRequest: number;
  readonly requestsPerSecond: number;
}

const durationMs = 2000;

/** It lives in a process of its own, so that its processor time is not counted. Prints its port. */
const server = `
const answer = 'HTTP/1.1 200 OK\\r\\ncontent-length: 100\\r\\n\\r\\n' + 'x'.repeat(100);
const server = require('node:net').createServer({ noDelay: true }, (socket) => {
  socket.on('data', () => socket.write(answer));
  socket.on('error', () => {});
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.on('close', () => process.exit()).resume();
`;

/** null where no connection to this machine can be made. */
export async function measureLoopback(): Promise<LoopbackCost | null> {
  // When we end, so does its standard input, and with it the server.
  const child = spawn(process.execPath, ['-e', server], { stdio: ['pipe', 'pipe', 'ignore'] });
  try {
    const port = await new Promise<string>((done, fail) => {
      child.once('error', fail);
      child.once('exit', () => fail(new Error('the server ended')));
      child.stdout.once('data', (data: Buffer) => done(data.toString().trim()));
    });
    return await load(`http://127.0.0.1:${port}/`);
  } catch {
    return null;
  } finally {
    child.kill();
  }
}

async function load(url: string): Promise<LoopbackCost | null> {
  const plan = quickPlan({
    url,
    durationMs,
    headers: {},
    insecure: false,
    allow: [],
    sourceAddresses: [],
    debug: false,
    root: '',
    cores: 2,
  });
  const ignore = (): void => undefined;
  const session = createLocalSession(plan, { onLog: ignore, onProblem: ignore });
  let requests = 0;
  let started = process.cpuUsage();
  try {
    const [test] = plan.tests;
    if (!test) return null;
    const { durationMs: tookMs } = await session.runTest(test, {
      onStart: () => {
        started = process.cpuUsage();
      },
      onSecond: ({ snapshots }) => {
        for (const { series } of snapshots) for (const { expected } of series) requests += expected;
      },
    });
    const { user, system } = process.cpuUsage(started);
    if (requests === 0) return null;
    return { cpuUsPerRequest: (user + system) / requests, requestsPerSecond: (requests / tookMs) * 1000 };
  } finally {
    await session.close();
  }
}
