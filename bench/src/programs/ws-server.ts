/**
 * The server of the bench's WebSockets: `ws`, in a process of its own. Prints the port it listens on as JSON.
 * `/feed`: every socket there gets one text of 100 bytes every 200 ms, so that a client that keeps up finds one frame in
 * each read. `/heartbeat`: pinged every 10 s; who owes an answer at the next ping is cut, and counted as silent.
 * `/publish`: what comes from there goes to every socket of `/subscribe`. Any other path: nothing is sent.
 * `GET /status` tells the counts.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { nothingCounted, type SocketCounts } from '../socket-counts.ts';

const roundMs = 200;
const heartbeatMs = 10_000;
const text = 'x'.repeat(100);

const counts: { -readonly [name in keyof SocketCounts]: number } = { ...nothingCounted };
const fed = new Set<WebSocket>();
const subscribed = new Set<WebSocket>();
/** Whether the last ping is still without an answer. */
const owing = new Map<WebSocket, boolean>();

const http = createServer((_request, response) => {
  response.end(JSON.stringify(counts));
});
const server = new WebSocketServer({ server: http, perMessageDeflate: false });

server.on('connection', (socket, { url }) => {
  counts.open++;
  socket.on('error', () => undefined);
  socket.once('close', () => {
    counts.open--;
    fed.delete(socket);
    subscribed.delete(socket);
    owing.delete(socket);
  });
  if (url === '/feed') fed.add(socket);
  if (url === '/subscribe') subscribed.add(socket);
  if (url === '/publish') {
    socket.on('message', (data) => {
      sendTo(subscribed, (data as Buffer).toString());
    });
  }
  if (url === '/heartbeat') {
    owing.set(socket, false);
    socket.on('pong', () => {
      counts.pongs++;
      owing.set(socket, false);
    });
  }
});

function sendTo(sockets: ReadonlySet<WebSocket>, message: string): void {
  counts.sent += sockets.size;
  for (const socket of sockets) socket.send(message);
}

setInterval(() => {
  sendTo(fed, text);
}, roundMs);

setInterval(() => {
  for (const [socket, isOwing] of owing) {
    if (isOwing) {
      counts.silent++;
      socket.terminate();
    } else {
      counts.pings++;
      owing.set(socket, true);
      socket.ping();
    }
  }
}, heartbeatMs);

http.listen(0, '127.0.0.1', 4096, () => {
  process.stdout.write(`${JSON.stringify({ port: (http.address() as AddressInfo).port })}\n`);
});
