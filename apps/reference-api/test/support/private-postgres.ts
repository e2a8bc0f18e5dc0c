/** A PostgreSQL of our own: quick and forgetful. It refuses to run as root, and then runs as nobody. */
import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { findBinary, freePort, PrivateServer, temporaryFolder } from './private-server.ts';

const debian = '/usr/lib/postgresql';
const folders = existsSync(debian) ? readdirSync(debian).map((version) => join(debian, version, 'bin')) : [];
export const postgresBinary = findBinary('postgres', folders);
const initdb = findBinary('initdb', folders);

export interface PrivatePostgres {
  readonly url: string;
  readonly server: PrivateServer;
  remove(): Promise<void>;
}

export async function startPostgres(): Promise<PrivatePostgres> {
  const folder = temporaryFolder('postgres');
  const data = join(folder.path, 'data');
  const user = otherUser();
  if (user !== undefined) chownSync(folder.path, user.uid, user.gid);
  const options = { cwd: folder.path, ...user, env: { PATH: process.env['PATH'], LANG: 'C.UTF-8' } };
  const init = ['-D', data, '-U', 'plimsoll', '--auth=trust', '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync'];
  execFileSync(initdb!, init, { ...options, stdio: 'pipe' });
  const port = await freePort();
  const set = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder.path,
    fsync: 'off',
    max_connections: 60,
  };
  const args = ['-D', data, ...Object.entries(set).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const url = `postgres://plimsoll@127.0.0.1:${port}/postgres`;
  const server = new PrivateServer(port, postgresBinary!, args, options, () => answers(url));
  await server.start();
  return {
    url,
    server,
    remove: async () => {
      await server.stop('SIGQUIT');
      folder.remove();
    },
  };
}

/** It takes connections before it is ready for them. */
async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url });
  // One that ends while it starts says so twice, and the second time to nobody.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function otherUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (flag: string): number => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}
