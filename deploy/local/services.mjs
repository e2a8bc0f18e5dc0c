/** PostgreSQL, Redis, the instances and nginx, each on 127.0.0.1 and in the folder given. */
import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { accepts, find, Program } from './programs.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const api = join(here, '../../apps/reference-api/dist/main.js');

/** PostgreSQL refuses to be run by root, and is nobody's then. */
function otherUser() {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

/** @param keep what is told of the program as soon as there is one, so that it can be stopped whatever becomes of it */
export async function startPostgres(folder, port, keep) {
  const [initdb, postgres] = ['initdb', 'postgres'].map((name) => find(name, 'postgresql'));
  const user = otherUser();
  const options = { cwd: folder, env: { PATH: process.env.PATH, LANG: 'C.UTF-8' }, ...user };
  mkdirSync(folder, { recursive: true });
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const init = ['-D', data, '-U', 'plimsoll', '--auth=trust', '--encoding=UTF8', '--locale=C.UTF-8'];
  execFileSync(initdb, init, { ...options, stdio: 'pipe' });
  const settings = { port, listen_addresses: '127.0.0.1', unix_socket_directories: folder, max_connections: 100 };
  const args = ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const program = keep(new Program('PostgreSQL', postgres, args, options), 'SIGINT');
  await program.ready(() => accepts(port));
  return { program, url: `postgres://plimsoll@127.0.0.1:${port}/postgres` };
}

export async function startRedis(folder, port, keep) {
  mkdirSync(folder, { recursive: true });
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
  const program = keep(new Program('Redis', find('redis-server', 'redis-server'), args));
  await program.ready(() => accepts(port));
  return { program, url: `redis://127.0.0.1:${port}` };
}

/** @param flags of the server, `--rate-limits off` for instance */
export async function startInstance(folder, port, environment, flags, keep) {
  mkdirSync(folder, { recursive: true });
  // Last, what it is asked by.
  const args = [api, '--instance', `instance-${port}`, ...flags, '--port', `${port}`];
  const env = { PATH: process.env.PATH, LOG_LEVEL: 'warn', ...environment };
  const program = keep(new Program(`the instance on port ${port}`, process.execPath, args, { cwd: folder, env }));
  const url = `http://127.0.0.1:${port}`;
  await program.ready(async () => (await fetch(`${url}/ready`).catch(() => undefined))?.ok === true);
  return { program, url };
}

/** The file of production, with the ports of here. */
export async function startNginx(folder, port, instancePorts, keep) {
  mkdirSync(folder, { recursive: true });
  const site = readFileSync(join(here, '../nginx/reference-api.conf'), 'utf8')
    .replace(/(?: {4}server 127\.0\.0\.1:\d+ ([^\n]*)\n)+/g, (_, terms) =>
      instancePorts.map((each) => `    server 127.0.0.1:${each} ${terms}\n`).join(''),
    )
    .replace('listen 80;', `listen 127.0.0.1:${port};`);
  // Requests come to their end; sockets, which have none, are not waited for longer than `worker_shutdown_timeout`.
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const configuration = `
worker_processes 1; daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log warn;
worker_shutdown_timeout 2s;
events { worker_connections 4096; }
http {
access_log off;
${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n')}
${site}}
`;
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, configuration);
  const program = keep(new Program('nginx', find('nginx', 'nginx'), ['-p', folder, '-c', file]), 'SIGQUIT');
  await program.ready(() => accepts(port));
  return { program, url: `http://127.0.0.1:${port}` };
}
