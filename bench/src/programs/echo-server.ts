/** Sends back whatever comes, over TCP, and prints the port it listens on as JSON: the other end of `host-probe.ts`. */
import { createServer, type AddressInfo } from 'node:net';

const server = createServer((socket) => {
  socket.setNoDelay(true);
  socket.on('data', (bytes) => socket.write(bytes));
  socket.on('error', () => undefined);
});

server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ port: (server.address() as AddressInfo).port })}\n`);
});
