/**
 * `ws` as a client, and nothing else: the same work as `load/idle-sockets.ts` and `load/socket-feed.ts`. Arguments: URL,
 * connections, seconds, source addresses. Opens 2,000 a second and holds them until so many seconds after the start.
 * Prints how many stood, how many did not or were lost, and how many messages came.
 */
import WebSocket from 'ws';
import { openInTurn, socketsPerSecond } from '../load/socket-pace.ts';

const [url = '', connections = '10', seconds = '10', sources = '127.0.0.1'] = process.argv.slice(2);
const addresses = sources.split(',');
const sockets: WebSocket[] = [];
let [opened, failed, received] = [0, 0, 0];
let isOver = false;

// One function for all sockets: a closure for each would be memory of ours, not of ws.
const onOpen = (): void => {
  opened++;
};
const onMessage = (): void => {
  received++;
};
const onClose = (): void => {
  if (!isOver) failed++;
};
const onError = (): void => {
  // 'close' follows.
};

function open(index: number): void {
  const localAddress = addresses[index % addresses.length]!;
  const socket = new WebSocket(url, { perMessageDeflate: false, localAddress });
  sockets.push(socket);
  socket.on('open', onOpen).on('message', onMessage).on('close', onClose).on('error', onError);
}

setTimeout(
  () => {
    isOver = true;
    process.stdout.write(`${JSON.stringify({ opened, failed, received })}\n`);
    for (const socket of sockets) socket.close(1001);
    setTimeout(() => process.exit(0), 500);
  },
  Number(seconds) * 1000,
);

await openInTurn(Number(connections), socketsPerSecond, open);
