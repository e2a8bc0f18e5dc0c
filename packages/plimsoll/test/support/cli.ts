/** Runs the built command line as a process, in a project of its own. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { RunResult } from '../../src/model/result.ts';

const plimsollBin = fileURLToPath(new URL('../../bin/plimsoll.js', import.meta.url));

export interface Finished {
  /** null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCli {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly finished: Promise<Finished>;
}

/** A folder with files, removed by `remove`. */
export class Project {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'plimsoll-e2e-')));

  constructor(files: Readonly<Record<string, string>> = {}) {
    for (const [path, text] of Object.entries(files)) this.write(path, text);
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningCli {
    // Vitest sets it, and a newer Node says so on standard error when both are set.
    const { FORCE_COLOR: _, ...inherited } = process.env;
    const child = spawn(process.execPath, [plimsollBin, ...args], {
      cwd: this.root,
      env: { ...inherited, NO_COLOR: '1', CI: '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const finished = new Promise<Finished>((done) => {
      child.once('close', (code) => done({ code, stdout, stderr }));
    });
    return { child, finished };
  }

  plimsoll(...args: string[]): Promise<Finished> {
    return this.start(args).finished;
  }

  /** Folders of the stored runs, oldest first. */
  runs(): string[] {
    try {
      const folder = join(this.root, '.plimsoll/runs');
      const entries = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
      return entries.map((entry) => join(folder, entry.name)).sort();
    } catch {
      return [];
    }
  }

  lastResult(): RunResult {
    return JSON.parse(readFileSync(join(this.runs().at(-1)!, 'result.json'), 'utf8')) as RunResult;
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

export interface TestTarget {
  readonly url: string;
  readonly port: number;
  /** 'GET /path' of every request, in order of arrival. */
  readonly requests: string[];
  close(): Promise<void>;
}

/** A server on 127.0.0.1 that notes every request. By default it answers 200 with a little JSON. */
export async function startTarget(
  answer: RequestListener = (_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end('{"n":1}');
  },
): Promise<TestTarget> {
  const requests: string[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(`${request.method ?? ''} ${request.url ?? ''}`);
    answer(request, response);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> =>
    new Promise((closed) => {
      server.close(() => closed());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}`, port, requests, close };
}
