/** A Redis of our own, without anything on the disk. */
import { findBinary, freePort, PrivateServer, temporaryFolder } from './private-server.ts';

export const redisBinary = findBinary('redis-server');

export interface PrivateRedis {
  readonly url: string;
  readonly server: PrivateServer;
  remove(): Promise<void>;
}

export async function startRedis(): Promise<PrivateRedis> {
  const folder = temporaryFolder('redis');
  const port = await freePort();
  const args = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    folder.path,
  ];
  const server = new PrivateServer(port, redisBinary!, args, {});
  await server.start();
  return {
    url: `redis://127.0.0.1:${port}`,
    server,
    remove: async () => {
      await server.stop();
      folder.remove();
    },
  };
}
