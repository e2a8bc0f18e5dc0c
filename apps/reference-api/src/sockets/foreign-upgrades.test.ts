import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { answerForeignUpgrades, upgradeOptions } from './foreign-upgrades.ts';

/** Tells what it was asked, the body included, and takes upgrades of /taken/ alone. */
async function connected(): Promise<Socket> {
  const isTaken = ({ url }: IncomingMessage): boolean => url === '/taken/';
  const server = createServer(upgradeOptions(isTaken), (request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part));
    request.on('end', () => {
      const { method, url, headers } = request;
      response.end(JSON.stringify({ method, url, body, closes: headers.connection?.includes('close') ?? false }));
    });
  });
  answerForeignUpgrades(server, isTaken);
  server.on('upgrade', (request, socket) => {
    if (request.url === '/taken/') socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  onTestFinished(() => {
    socket.destroy();
    server.close();
  });
  return socket.setEncoding('utf8');
}

/** Until a line of the text says so. */
async function answer(socket: Socket, until: string): Promise<string> {
  let text = '';
  while (!text.includes(until)) text += ((await once(socket, 'data')) as [string])[0];
  return text;
}

const h2c = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n';

test('an offer of HTTP/2 is ignored, and the request answered; so is the next one on the same connection', async () => {
  const socket = await connected();
  socket.write(`GET /first HTTP/1.1\r\nHost: a\r\n${h2c}\r\n`);
  const first = await answer(socket, '}');
  expect(first).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(first).toContain('{"method":"GET","url":"/first","body":"","closes":false}');
  socket.write(`GET /second HTTP/1.1\r\nHost: a\r\n${h2c}\r\n`);
  expect(await answer(socket, '}')).toContain('"url":"/second"');
  socket.write('GET /third HTTP/1.1\r\nHost: a\r\n\r\n');
  expect(await answer(socket, '}')).toContain('"url":"/third"');
});

test.each(['whole', 'in two writes'])('a body behind it is read: %s', async (how) => {
  const socket = await connected();
  const head = `POST /orders HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n${h2c}\r\n`;
  socket.write(how === 'whole' ? `${head}0123456789` : `${head}01234`);
  if (how !== 'whole') setImmediate(() => socket.write('56789'));
  expect(await answer(socket, '}')).toContain('"body":"0123456789"');
});

test('what else the connection was told stays', async () => {
  const socket = await connected();
  socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close, Upgrade\r\nUpgrade: websocket\r\n\r\n');
  expect(await answer(socket, '}')).toContain('"closes":true');
  await once(socket, 'end');
});

test('what somebody takes is left to them', async () => {
  const socket = await connected();
  socket.write('GET /taken/ HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  expect(await answer(socket, '\r\n\r\n')).toContain('101 Switching Protocols');
});

test('behind others on the same connection it is answered in its turn', async () => {
  const socket = await connected();
  const plain = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
  const offering = `GET /third HTTP/1.1\r\nHost: a\r\n${h2c}\r\n`;
  socket.write(plain('/first') + plain('/second') + offering);
  let text = await answer(socket, '/third');
  socket.write(plain('/fourth'));
  text += await answer(socket, '/fourth');
  expect(text.match(/"url":"\/\w+"/g)).toEqual(
    ['/first', '/second', '/third', '/fourth'].map((url) => `"url":"${url}"`),
  );
});

test('reset while it waits for its turn, it takes nobody with it', async () => {
  const nothing = (): boolean => false;
  const server = createServer(upgradeOptions(nothing), ({ url }, response) => {
    if (url !== '/never-answered') response.end(url);
  });
  answerForeignUpgrades(server, nothing);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const asked = once(server, 'request') as Promise<[IncomingMessage]>;
  const socket = connect(port, '127.0.0.1');
  socket.write(`GET /never-answered HTTP/1.1\r\nHost: a\r\n\r\nGET /second HTTP/1.1\r\nHost: a\r\n${h2c}\r\n`);
  const [request] = await asked;
  const ended = new Promise((resolve) => request.socket.once('close', resolve));
  socket.resetAndDestroy();
  await ended;
  const other = connect(port, '127.0.0.1').setEncoding('utf8');
  other.write('GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  expect(await answer(other, '/next')).toContain('200 OK');
});

test('of a thousand headers and more none is lost, and so no body is taken for a request', async () => {
  const socket = await connected();
  const body = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
  const many = 'a:\r\n'.repeat(1500);
  socket.write(`POST /orders HTTP/1.1\r\nHost: a\r\n${h2c}${many}Content-Length: ${body.length}\r\n\r\n${body}`);
  const told = await answer(socket, '}');
  expect(told).toContain('"url":"/orders"');
  expect(told).toContain(JSON.stringify(body).slice(0, 15));
  socket.write('GET /next HTTP/1.1\r\nHost: a\r\n\r\n');
  expect(await answer(socket, '}')).toContain('"url":"/next"');
});
