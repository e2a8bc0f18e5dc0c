/**
 * `socket.io-client`, and nothing else: the same work as `load/idle-socket-io.ts`. Arguments: URL, clients, seconds, source
 * addresses. Opens 1,000 a second and holds them until so many seconds after the start. Prints how many stood, and how
 * many did not or were lost.
 */
import { io, type ManagerOptions, type Socket } from 'socket.io-client';
import { ioClientsPerSecond, openInTurn } from '../load/socket-pace.ts';

const [url = '', clients = '10', seconds = '10', sources = '127.0.0.1'] = process.argv.slice(2);
const addresses = sources.split(',');
const sockets: Socket[] = [];
let [opened, failed] = [0, 0];
let isOver = false;

// One function for all clients: a closure for each would be memory of ours, not of socket.io-client.
const onConnect = (): void => {
  opened++;
};
const onRefused = (): void => {
  failed++;
};
const onDisconnect = (): void => {
  if (!isOver) failed++;
};

function open(index: number): void {
  // `localAddress` is passed on to ws, though the types do not say so.
  const localAddress = addresses[index % addresses.length];
  const options = { transports: ['websocket'], forceNew: true, reconnection: false, localAddress };
  const socket = io(url, options as Partial<ManagerOptions>);
  sockets.push(socket);
  socket.on('connect', onConnect).on('connect_error', onRefused).on('disconnect', onDisconnect);
}

setTimeout(
  () => {
    isOver = true;
    process.stdout.write(`${JSON.stringify({ opened, failed, received: 0 })}\n`);
    for (const socket of sockets) socket.disconnect();
    setTimeout(() => process.exit(0), 500);
  },
  Number(seconds) * 1000,
);

await openInTurn(Number(clients), ioClientsPerSecond, open);
