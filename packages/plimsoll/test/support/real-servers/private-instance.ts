/**
 * Runs a server of Debian's as a private instance: own folder, own configuration, free port, in the foreground, ended
 * with the test. Nothing of the machine's own configuration is read or touched.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished, test } from 'vitest';
import { freePort } from '../dialling.ts';

export interface ServerWishes {
  readonly tls: boolean;
  readonly keepAlive: boolean;
  readonly chunked: boolean;
}

/** What a server finds in its folder: content/ with what it serves, and the paths of the certificate. */
export interface Place extends ServerWishes {
  readonly root: string;
  readonly port: number;
  readonly certificate: string;
  readonly key: string;
  readonly certificateAndKey: string;
  readonly isRoot: boolean;
}

export interface ServerKind {
  readonly name: string;
  /** Looked for in PATH and where Debian keeps what only root runs. */
  readonly binary: string;
  /** File name → text: written into the folder. */
  readonly configuration: (place: Place) => Readonly<Record<string, string>>;
  readonly arguments: (place: Place) => readonly string[];
  /** The log it writes, a line per request, as far as it does; '' where it says so on standard error. */
  readonly accessLog?: string;
  /** Files without which a case cannot be. */
  readonly needs?: (wishes: ServerWishes) => readonly string[];
}

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  /** Requests by status, as its own log has them. */
  loggedStatuses(): Readonly<Record<string, number>>;
}

/** 100 bytes, and 200 KB that no single read holds. */
export const smallText = `${'plimsoll '.repeat(11)}.`;
export const largeText = 'a line of a larger file that compresses well enough\n'.repeat(4000);

const isRequired = process.env['PLIMSOLL_REQUIRE_SERVERS'] === '1';
const certificates = fileURLToPath(new URL('../certificates/', import.meta.url));

/** `test` where the servers are there; else skipped, or an error where servers are required. */
export function testWith(kinds: readonly ServerKind[], wishes: ServerWishes): typeof test | typeof test.skip {
  const missing = kinds.flatMap(({ binary, needs }) => [
    ...(findBinary(binary) === undefined ? [binary] : []),
    ...(needs?.(wishes) ?? []).filter((file) => !existsSync(file)),
  ]);
  if (missing.length === 0) return test;
  if (!isRequired) return test.skip;
  throw new Error(`${missing.join(' and ')} is missing, and servers are required: see .ci/install-servers`);
}

function findBinary(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'];
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  return name.startsWith('/') ? (existsSync(name) ? name : undefined) : found;
}

export async function startServer(kind: ServerKind, wishes: ServerWishes): Promise<RunningServer> {
  const place = await makePlace(wishes);
  for (const [name, text] of Object.entries(kind.configuration(place))) {
    mkdirSync(join(place.root, name, '..'), { recursive: true });
    writeFileSync(join(place.root, name), text, { mode: 0o755 });
  }
  const binary = findBinary(kind.binary);
  if (binary === undefined) throw new Error(`${kind.binary} is missing`);
  const child = spawn(binary, kind.arguments(place), {
    cwd: place.root,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    // The group: some servers fork.
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGKILL');
    await ended;
    rmSync(place.root, { recursive: true, force: true });
  });
  await accepting(place.port, () => {
    if (child.exitCode !== null) throw new Error(`${kind.name} ended with exit code ${child.exitCode}: ${said}`);
  });
  const { accessLog } = kind;
  return {
    url: `${wishes.tls ? 'https' : 'http'}://localhost:${place.port}`,
    port: place.port,
    loggedStatuses: () =>
      statusesIn(
        accessLog === undefined || accessLog === '' ? said : readFileSync(join(place.root, accessLog), 'utf8'),
      ),
  };
}

async function makePlace(wishes: ServerWishes): Promise<Place> {
  const root = mkdtempSync(join(tmpdir(), 'plimsoll-server-'));
  // A server that gives root away must still be able to read.
  chmodSync(root, 0o755);
  mkdirSync(join(root, 'content'));
  writeFileSync(join(root, 'content/small.txt'), smallText);
  writeFileSync(join(root, 'content/large.txt'), largeText);
  const certificate = join(root, 'server.pem');
  const key = join(root, 'server.key');
  const certificateAndKey = join(root, 'both.pem');
  copyFileSync(join(certificates, 'server.pem'), certificate);
  copyFileSync(join(certificates, 'server.key'), key);
  writeFileSync(certificateAndKey, readFileSync(certificate, 'utf8') + readFileSync(key, 'utf8'));
  const isRoot = process.getuid?.() === 0;
  return { ...wishes, root, port: await freePort(), certificate, key, certificateAndKey, isRoot };
}

async function accepting(port: number, assertAlive: () => void): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt++) {
    assertAlive();
    const isOpen = await new Promise<boolean>((done) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => done(true)).once('error', () => done(false));
      socket.once('connect', () => socket.destroy());
    });
    if (isOpen) return;
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error(`nothing listens on port ${port}`);
}

/** Common log format: … "GET /small.txt HTTP/1.1" 200 100 */
function statusesIn(log: string): Record<string, number> {
  const statuses: Record<string, number> = {};
  for (const [, status] of log.matchAll(/"[A-Z]+ \S+ HTTP\/1\.[01]" (\d{3})/g)) {
    statuses[status!] = (statuses[status!] ?? 0) + 1;
  }
  return statuses;
}
