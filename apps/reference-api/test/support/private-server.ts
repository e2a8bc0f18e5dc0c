/** A server of Debian's as a private instance: own folder, free port, ended with the tests of the file. */
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const isRequired = process.env['PLIMSOLL_REQUIRE_SERVERS'] === '1';

/** Whether the tests that need it must be skipped. Errors: it is missing where nothing may be skipped. */
export function isMissing(name: string, path: string | undefined): boolean {
  if (path === undefined && isRequired)
    throw new Error(`${name} is missing, and servers are required: see .ci/install-servers`);
  return path === undefined;
}

export function findBinary(name: string, folders: readonly string[] = []): string | undefined {
  const places = [...folders, ...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'];
  return places.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

export function temporaryFolder(name: string): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), `reference-api-${name}-`));
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** Like expect.poll, which hooks may not use. */
export async function until(holds: () => Promise<boolean>, timeoutMs = 20_000): Promise<void> {
  const untilMs = performance.now() + timeoutMs;
  while (!(await holds())) {
    if (performance.now() > untilMs) throw new Error(`it did not come true within ${timeoutMs} ms`);
    await pause(50);
  }
}

/** One process that listens on a port, and can be stopped and started again there. */
export class PrivateServer {
  readonly port: number;
  readonly #start: () => ChildProcess;
  readonly #isUp: () => Promise<boolean>;
  #child: ChildProcess | undefined;
  #said = '';

  /** @param isUp whether it serves, where it takes connections before */
  constructor(
    port: number,
    program: string,
    args: readonly string[],
    options: SpawnOptions,
    isUp: () => Promise<boolean> = () => accepts(port),
  ) {
    this.port = port;
    this.#isUp = isUp;
    this.#start = () => spawn(program, [...args], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  }

  async start(): Promise<void> {
    const child = this.#start();
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#said += text));
    }
    await until(() => {
      if (child.exitCode !== null) throw new Error(`it ended with exit code ${child.exitCode}: ${this.#said}`);
      return this.#isUp();
    });
  }

  /** Freezes it and wakes it up, for instance. */
  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  async stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
