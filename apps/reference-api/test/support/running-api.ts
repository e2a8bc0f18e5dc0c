/** The built server as a process of its own, on a free port, with a folder of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort, temporaryFolder, until } from './private-server.ts';

const program = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

export interface Request {
  readonly method?: string;
  readonly json?: unknown;
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

export class RunningApi {
  readonly url: string;
  readonly child: ChildProcess;
  said = '';
  readonly #tokens = new Map<string, string>();

  constructor(port: number, args: readonly string[], folder: string, env: Readonly<Record<string, string>>) {
    this.url = `http://127.0.0.1:${port}`;
    this.child = spawn(process.execPath, [program, '--port', String(port), ...args], {
      cwd: folder,
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.said += text));
    }
  }

  async ready(): Promise<this> {
    await until(async () => {
      if (this.child.exitCode !== null) throw new Error(`it ended with ${this.child.exitCode}: ${this.said}`);
      return (await fetch(`${this.url}/health`).catch(() => undefined))?.status === 200;
    }, 40_000);
    return this;
  }

  async ask<T = Record<string, unknown>>(
    path: string,
    { method, json, token, headers }: Request = {},
  ): Promise<Answer<T>> {
    const response = await fetch(this.url + path, {
      method: method ?? (json === undefined ? 'GET' : 'POST'),
      headers: {
        ...(json !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(json !== undefined && { body: JSON.stringify(json) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
    return { status: response.status, headers: response.headers, body: (isJson ? JSON.parse(text) : text) as T };
  }

  /** A token of the seeded user of that name. */
  async token(username = 'admin'): Promise<string> {
    const known = this.#tokens.get(username);
    if (known !== undefined) return known;
    const json = { username, password: 'plimsoll' };
    const { body } = await this.ask<{ access_token: string }>('/auth/token', { json });
    this.#tokens.set(username, body.access_token);
    return body.access_token;
  }

  /** With a token of the administrator, unless another is given. */
  async as<T = Record<string, unknown>>(username: string, path: string, request: Request = {}): Promise<Answer<T>> {
    return await this.ask<T>(path, { ...request, token: await this.token(username) });
  }

  /** @returns its exit code */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const { child } = this;
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await once(child, 'exit');
    }
    return child.exitCode;
  }
}

export interface ApiOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Kept between several runs; else one of its own. */
  readonly folder?: string;
  readonly port?: number;
  /** Called when the tests of it are over. */
  readonly later: (cleanUp: () => Promise<void>) => void;
}

export async function startApi({ args = [], env = {}, folder, port, later }: ApiOptions): Promise<RunningApi> {
  const own = folder === undefined ? temporaryFolder('run') : undefined;
  const small = { SEED_SESSIONS: '500', SEED_PASSWORD: 'plimsoll', LOG_LEVEL: 'warn', ...env };
  const api = new RunningApi(port ?? (await freePort()), args, folder ?? own!.path, small);
  later(async () => {
    await api.stop('SIGKILL');
    own?.remove();
  });
  return await api.ready();
}
