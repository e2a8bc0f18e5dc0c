/**
 * A WebSocket server in a process of its own, which can be killed, and which takes no time of the test's. By path: `/echo`
 * answers, `/storm/N` sends N messages of 1,000 bytes as fast as they are taken and then 'last', `/endless` never stops.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

/** Also run as a file of a project; its one argument is the port, 0 for any. It prints the port. */
export const socketServerText = `
import { WebSocketServer } from ${JSON.stringify(import.meta.resolve('ws'))};
const server = new WebSocketServer({ port: Number(process.argv[2] ?? 0), host: '127.0.0.1', perMessageDeflate: false });
const text = 'x'.repeat(1000);
const storm = (socket, left) => {
  if (left === 0) return socket.send('last');
  const batch = Math.min(left, 1000);
  for (let n = 1; n < batch; n++) socket.send(text);
  socket.send(text, (error) => { if (!error) storm(socket, left - batch); });
};
server.on('connection', (socket, { url }) => {
  socket.on('error', () => undefined);
  const [, path, count] = url.split('/');
  if (path === 'storm') storm(socket, Number(count));
  else if (path === 'endless') storm(socket, Infinity);
  else socket.on('message', (data) => socket.send(String(data)));
});
server.on('listening', () => console.log(server.address().port));
`;

export interface SocketProcess {
  readonly url: string;
  /** Without a farewell: the system ends its connections. */
  kill(): void;
}

export async function startSocketProcess(): Promise<SocketProcess> {
  const child = spawn(process.execPath, ['--input-type=module', '-', '0'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  onTestFinished(kill);
  child.stdin.end(socketServerText);
  const [port] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  return { url: `http://127.0.0.1:${port.trim()}`, kill };
}
