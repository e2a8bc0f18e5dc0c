/** Stands between a service and a server, and can cut the connections, or fall silent. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Between {
  /** The server's address, by way of this. */
  readonly url: string;
  /** Ends every connection there is, without a word. */
  cut(): void;
  /** Keeps and takes connections, and carries nothing. */
  fallSilent(): void;
  close(): void;
}

export async function standBetween(url: string): Promise<Between> {
  const { port } = new URL(url);
  const open = new Set<Socket>();
  let isSilent = false;
  const server = createServer((socket) => {
    const onwards = connect(Number(port), '127.0.0.1');
    for (const each of [socket, onwards]) {
      open.add(each.on('error', () => undefined));
      each.on('close', () => open.delete(each));
    }
    if (!isSilent) socket.pipe(onwards).pipe(socket);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const cut = (): void => {
    for (const socket of open) socket.destroy();
  };
  return {
    url: url.replace(port, String((server.address() as AddressInfo).port)),
    cut,
    fallSilent: () => {
      isSilent = true;
      for (const socket of open) socket.unpipe();
    },
    close: () => {
      cut();
      server.close();
    },
  };
}
