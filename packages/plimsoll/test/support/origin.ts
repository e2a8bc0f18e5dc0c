/**
 * A server with planted behaviour on 127.0.0.1, in a process of its own, that keeps its own exact record.
 *
 *     const origin = await startOrigin({ dieAfterMs: 1000 });
 *     … load `${origin.url}/delay?ms=100` …
 *     const { paths, connections } = await origin.record();
 *
 * It stops with the test that started it. What the paths do: `origin/behaviours.ts`.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { onTestFinished } from 'vitest';
import { certificate, type CertificateName } from './certificates.ts';
import type { FromOrigin, OriginRecord, OriginSettings, PathRecord, ToOrigin } from './origin/messages.ts';

export type { OriginRecord, PathRecord };

export interface OriginOptions extends Omit<OriginSettings, 'certificate'> {
  readonly tls?: CertificateName;
}

export class Origin {
  readonly url: string;
  readonly port: number;
  readonly #process: ChildProcess;
  #last: OriginRecord | undefined;
  #asking: (() => void)[] = [];

  constructor(child: ChildProcess, scheme: string, port: number) {
    this.#process = child;
    this.port = port;
    this.url = `${scheme}://127.0.0.1:${port}`;
    child.on('message', (message: FromOrigin) => {
      if (message.type === 'record') this.#last = message.record;
      this.#answer();
    });
    child.once('exit', () => this.#answer());
  }

  /** What it has seen so far; of a server that died, until its death. */
  async record(): Promise<OriginRecord> {
    const child = this.#process;
    if (child.exitCode === null && child.signalCode === null) {
      child.send({ type: 'record' } satisfies ToOrigin);
      await new Promise<void>((done) => this.#asking.push(done));
    }
    if (this.#last === undefined) throw new Error('the server ended without leaving its record');
    return this.#last;
  }

  #answer(): void {
    for (const done of this.#asking.splice(0)) done();
  }

  /** The record of one path, the only one asked for unless named. */
  async path(name?: string): Promise<PathRecord> {
    const { paths } = await this.record();
    const found = name === undefined ? Object.values(paths)[0] : paths[name];
    if (found === undefined) throw new Error(`the server saw no request for ${name ?? 'anything'}`);
    return found;
  }

  /** Ends the process with everything open. */
  async die(): Promise<void> {
    this.#process.send({ type: 'die' } satisfies ToOrigin);
    await this.died();
  }

  async died(): Promise<void> {
    const child = this.#process;
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }

  async stop(): Promise<void> {
    const child = this.#process;
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

export async function startOrigin(options: OriginOptions = {}): Promise<Origin> {
  const { tls, ...rest } = options;
  const settings: OriginSettings = { ...rest, ...(tls && { certificate: certificate(tls) }) };
  const child = fork(program(), [JSON.stringify(settings)], { serialization: 'advanced', execArgv: [] });
  const [message] = (await once(child, 'message')) as [FromOrigin];
  if (message.type !== 'listening') throw new Error('the server did not say where it listens');
  const origin = new Origin(child, tls ? 'https' : 'http', message.port);
  onTestFinished(() => origin.stop());
  return origin;
}

let built: string | undefined;

/** Node 20 runs no TypeScript, so the process gets a bundle, made once per test file. */
function program(): string {
  if (built !== undefined) return built;
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-origin-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const outfile = join(folder, 'origin.mjs');
  const entry = fileURLToPath(new URL('origin/process.ts', import.meta.url));
  buildSync({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm', target: 'node20' });
  return (built = outfile);
}
