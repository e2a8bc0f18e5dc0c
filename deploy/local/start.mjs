/**
 * The whole of production on one machine: PostgreSQL, Redis, two instances and nginx before them, until Ctrl-C.
 *
 *     node deploy/local/start.mjs [--port 4880] [--instances 2] [--json] [-- flags of the instances]
 *
 * Everything is private: a folder under the system's temporary one, removed at the end, and free ports but for nginx's.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { accepts } from './programs.mjs';
import { startInstance, startNginx, startPostgres, startRedis } from './services.mjs';

const started = [];
let folder;
let stopping;

try {
  await start(readFlags());
} catch (error) {
  // What was stopped on its way up fails, and is no news.
  if (stopping === undefined)
    process.stderr.write(`start: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}\n`);
  await stop();
  process.exitCode = 1;
}

function readFlags() {
  const options = {
    port: { type: 'string', default: '4880' },
    instances: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
  };
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const port = wholeNumber('--port', values.port, 0, 65_535);
  return { port, count: wholeNumber('--instances', values.instances, 1, 16), json: values.json, flags: positionals };
}

function wholeNumber(name, text, least, most) {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new Error(`${name} is '${text}', and must be a whole number from ${least} to ${most}`);
}

async function start({ port: wanted, count, json, flags }) {
  const built = join(dirname(fileURLToPath(import.meta.url)), '../../apps/reference-api/dist/main.js');
  if (!existsSync(built)) throw new Error('the reference API is not built — run `npm ci && npm run build` first');
  const port = wanted === 0 ? await freePort() : wanted;
  if (await accepts(port)) throw new Error(`port ${port} is in use — choose another by --port`);
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void stop().then(() => process.exit(0)));
  folder = mkdtempSync(join(tmpdir(), 'reference-api-local-'));
  // nginx's worker and PostgreSQL are other users, and must get through.
  chmodSync(folder, 0o755);
  const [postgres, redis] = [
    await startPostgres(join(folder, 'postgres'), await freePort(), keep),
    await startRedis(join(folder, 'redis'), await freePort(), keep),
  ];
  const environment = {
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    AUTH_SECRET: randomBytes(32).toString('hex'),
    SEED_SESSIONS: process.env.SEED_SESSIONS ?? '20000',
    // The suite starts sessions and cancels them: none may come to its end before.
    OPTIMISER_STEP_MS: process.env.OPTIMISER_STEP_MS ?? '5000',
    // Private and gone with Ctrl-C: the password that the suite signs in with.
    SEED_PASSWORD: process.env.SEED_PASSWORD ?? 'plimsoll',
  };
  const instances = [];
  for (let at = 0; at < count; at++) {
    const own = await freePort();
    instances.push(await startInstance(join(folder, `instance-${own}`), own, environment, flags, keep));
  }
  const ports = instances.map(({ url }) => Number(new URL(url).port));
  const nginx = await startNginx(join(folder, 'nginx'), port, ports, keep);
  tell({ nginx, instances, postgres, redis }, json);
}

function keep(program, stopSignal) {
  started.unshift({ program, stopSignal });
  // Told to stop meanwhile: this one came too late for it.
  if (stopping !== undefined) void program.stop(stopSignal);
  return program;
}

function tell({ nginx, instances, postgres, redis }, json) {
  const of = ({ url, program }) => ({ url, pid: program.child.pid });
  if (json) {
    const all = { ...of(nginx), instances: instances.map(of), postgres: of(postgres), redis: of(redis) };
    process.stdout.write(`${JSON.stringify(all)}\n`);
    return;
  }
  process.stdout.write(
    [
      `ready: ${nginx.url}`,
      ...instances.map(({ url }) => `  instance    ${url}`),
      `  PostgreSQL  ${postgres.url}`,
      `  Redis       ${redis.url}`,
      'Ctrl-C stops everything.',
      '',
    ].join('\n'),
  );
}

/** In the opposite order, so that nothing is missed by what still runs. */
function stop() {
  stopping ??= (async () => {
    for (const { program, stopSignal } of started) await program.stop(stopSignal);
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  })();
  return stopping;
}

async function freePort() {
  const server = createServer();
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}
