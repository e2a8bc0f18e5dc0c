/** The reference API as the bench runs it: embedded, or with PostgreSQL and Redis behind it. */
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import { noSettings } from '../../../loadtests/no-settings.ts';
import { end, start } from '../processes.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const fastOnly = ['--rate-limits', 'off'];
/** As deploy/local/start.mjs has it, too. */
const password = 'plimsoll';

export type Backend = 'embedded' | 'production';

export const backendNames: Readonly<Record<Backend, string>> = {
  embedded: 'SQLite, in memory',
  production: 'PostgreSQL, Redis',
};

export interface Service {
  readonly url: string;
  /** Of the API itself. */
  readonly pid: number;
  readonly token: string;
  stop(): Promise<void>;
}

interface Started {
  readonly instances: readonly { readonly url: string; readonly pid: number }[];
}

/**
 * @param flags as the API takes them: --profile naive --indexes on
 * @param env what an embedded one is to find in its environment besides
 */
export async function startService(
  backend: Backend,
  flags: readonly string[],
  folder: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Service> {
  const all = [...fastOnly, ...flags];
  const { child, url, pid } = backend === 'embedded' ? await embedded(all, folder, env) : await production(all);
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    for (let waited = 0; child.exitCode === null && child.signalCode === null && waited < 200; waited++)
      await pause(50);
    end(child);
  };
  const response = await fetch(`${url}/auth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password }),
  });
  const { access_token: token } = (await response.json()) as { access_token: string };
  return { url, pid, token, stop };
}

interface Running {
  readonly child: ChildProcess;
  readonly url: string;
  readonly pid: number;
}

/** Several run at once. */
let nextPort = 4901;

async function embedded(
  flags: readonly string[],
  folder: string,
  more: Readonly<Record<string, string>>,
): Promise<Running> {
  const port = nextPort++;
  const args = [`${root}../apps/reference-api/dist/main.js`, '--port', `${port}`, ...flags];
  const env = {
    ...noSettings,
    LOG_LEVEL: 'error',
    SEED_PASSWORD: password,
    DATABASE_FILE: `${folder}/data.sqlite`,
    CRITERIA_FILE: `${folder}/criteria.json`,
    ...more,
  };
  const child = start({ program: process.execPath, args, cwd: folder, env }, 'ignore');
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 400; tries++) {
    if (child.exitCode !== null) break;
    if ((await fetch(`${url}/ready`).catch(() => undefined))?.ok === true) return { child, url, pid: child.pid! };
    await pause(50);
  }
  end(child);
  throw new Error('the reference API did not start');
}

async function production(flags: readonly string[]): Promise<Running> {
  const args = [`${root}../deploy/local/start.mjs`, '--port', '0', '--instances', '1', '--json', '--', ...flags];
  const env = { SEED_SESSIONS: '20000', OPTIMISER_STEP_MS: '5000', SEED_PASSWORD: password };
  const child = start({ program: process.execPath, args, env }, ['ignore', 'pipe', 'inherit']);
  let said = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (said += text));
  for (let tries = 0; tries < 1200 && child.exitCode === null; tries++) {
    if (said.endsWith('\n')) {
      // Past nginx: what is compared is the service.
      const [instance] = (JSON.parse(said) as Started).instances;
      return { child, ...instance! };
    }
    await pause(50);
  }
  end(child);
  throw new Error('PostgreSQL, Redis and the API did not start');
}

/** Of the process, in MB of 10⁶ bytes. Linux only. */
export function residentMb(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return (Number(kilobytes) * 1024) / 1e6;
}
