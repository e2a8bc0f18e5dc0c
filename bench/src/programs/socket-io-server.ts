/**
 * The server of the bench's Socket.IO clients: `socket.io`, in a process of its own. It sends nothing but its heartbeat.
 * Prints the port it listens on as JSON; `GET /status` tells how many clients are connected.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { nothingCounted, type SocketCounts } from '../socket-counts.ts';

const http = createServer((_request, response) => {
  const counts: SocketCounts = { ...nothingCounted, open: io.of('/').sockets.size };
  response.end(JSON.stringify(counts));
});
const io = new Server(http, { transports: ['websocket'] });

http.listen(0, '127.0.0.1', 4096, () => {
  process.stdout.write(`${JSON.stringify({ port: (http.address() as AddressInfo).port })}\n`);
});
