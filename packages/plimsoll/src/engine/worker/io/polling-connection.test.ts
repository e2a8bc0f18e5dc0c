import { describe, expect, test } from 'vitest';
import { answerOf, pause } from '../../../../test/support/raw-server.ts';
import { PollingConnection } from './polling-connection.ts';
import { handshake, Listener, pollingSetting } from './polling.fixture.ts';

test('silent, it is never at rest for another transport to take over', async () => {
  const { way, server } = await pollingSetting(({ socket, index }) => {
    if (index === 0) socket.write(handshake());
  });
  const user = new Listener();
  const connection = new PollingConnection(way(), user);
  await expect.poll(() => server.requests.length).toBe(2);
  connection.silence();
  server.requests[1]!.socket.write(answerOf('6'));
  await pause(30);
  let isAtRest = false;
  connection.pause(() => {
    isAtRest = true;
  });
  expect([isAtRest, user.messages.length, server.requests.length]).toEqual([false, 1, 2]);
});

test('its end takes the poll along: the server sees that connection go', async () => {
  const { way, server } = await pollingSetting(({ socket, index, line }) => {
    if (index === 0) socket.write(handshake());
    else if (line.startsWith('POST')) socket.write(answerOf('ok'));
  });
  const user = new Listener();
  const connection = new PollingConnection(way(), user);
  await expect.poll(() => server.requests.length).toBe(2);
  expect(server.sockets.size).toBe(1);
  connection.close();
  await expect.poll(() => user.end).toEqual({ code: 1000, wasClean: true, error: undefined });
  expect(server.requests.at(-1)!.text).toMatch(/\r\n\r\n1$/);
  // The one of the end is idle; the one of the poll is gone.
  await expect.poll(() => server.sockets.size).toBe(1);
  expect(server.sockets.has(server.requests.at(-1)!.socket)).toBe(true);
});

test('sessions share one record of requests that nobody reads, and count their bytes each for itself', async () => {
  const { way, server, quiet } = await pollingSetting(({ socket, index, line }) => {
    if (index < 2) socket.write(handshake());
    else if (line.startsWith('POST')) socket.write(answerOf('ok'));
  });
  const users = [new Listener(), new Listener()];
  const connections = users.map((user) => new PollingConnection(way(), user));
  await expect.poll(() => users.every(({ isOpen }) => isOpen)).toBe(true);
  const sizes = (): number[][] => connections.map(({ bytesIn, bytesOut }) => [bytesIn, bytesOut]);
  const before = sizes();
  connections[0]!.send('4hello');
  await expect.poll(() => sizes()[0]![0]).toBe(before[0]![0]! + answerOf('ok').length);
  expect(sizes()[1]).toEqual(before[1]);
  await expect.poll(() => server.requests.length).toBe(5);
  const sent = server.requests.reduce((sum, { text }) => sum + text.length, 0);
  expect(connections[0]!.bytesOut + connections[1]!.bytesOut).toBe(sent);
  expect(connections[0]!.bytesIn).toBe(handshake().length + answerOf('ok').length);
  expect(quiet.take().series).toMatchObject([{ name: 'IO /', issued: 5, bytesOut: sent }]);
});

test('what waits behind a body that is under way is buffered, and sent after it', async () => {
  const { way, server } = await pollingSetting(({ socket, index }) => {
    if (index === 0) socket.write(handshake());
  });
  const connection = new PollingConnection(way(), new Listener());
  await expect.poll(() => connection.state).toBe('open');
  connection.send('4first');
  expect(connection.bufferedBytes).toBe(0);
  connection.send('4ü');
  // Each with what parts it from the next; bytes go as base64 behind a 'b'.
  connection.send(Buffer.alloc(3));
  const post = () => server.requests.filter(({ line }) => line.startsWith('POST'));
  expect(connection.bufferedBytes).toBe(4 + 6);
  await expect.poll(() => post().length).toBe(1);
  post()[0]!.socket.write(answerOf('ok'));
  await expect.poll(() => post().length).toBe(2);
  expect(connection.bufferedBytes).toBe(0);
});

describe('a message that is too large', () => {
  const bytes = (length: number): string => `b${Buffer.alloc(length).toString('base64')}`;

  test.each([
    ['a text', `4${'ü'.repeat(50)}`, 101],
    ['bytes', bytes(100), 100],
  ])('%s: 1009, and the server hears of the end; one of just the limit is none', async (_, packet, size) => {
    const { way, server } = await pollingSetting(({ socket, index, line }) => {
      if (index < 2) socket.write(handshake());
      else if (line.startsWith('POST')) socket.write(answerOf('ok'));
    });
    const [strict, exact] = [new Listener(), new Listener()];
    const first = new PollingConnection(way({ maxMessageBytes: size - 1 }), strict);
    const second = new PollingConnection(way({ maxMessageBytes: size }), exact);
    await expect.poll(() => server.requests.length).toBe(4);
    for (const { socket } of server.requests.slice(2)) socket.write(answerOf(['4a', packet, '4b'].join('\x1e')));
    await expect.poll(() => strict.end).toMatchObject({ code: 1009, wasClean: false, error: { kind: 'too-large' } });
    await expect.poll(() => exact.messages.slice(1)).toEqual(['4a', packet, '4b']);
    expect(strict.messages.slice(1)).toEqual(['4a']);
    expect([first.state, second.state]).toEqual(['closed', 'open']);
    await expect.poll(() => server.requests.filter(({ text }) => text.endsWith('\r\n\r\n1'))).toHaveLength(1);
  });

  test('http.maxBodyBytes is about requests, and no limit of a session', async () => {
    const { way, server } = await pollingSetting(
      ({ socket, index }) => {
        if (index === 0) socket.write(handshake());
        else if (index === 1) socket.write(answerOf(Array.from({ length: 50 }, () => '4hello').join('\x1e')));
      },
      { maxBodyBytes: 150 },
    );
    const user = new Listener();
    const connection = new PollingConnection(way(), user);
    await expect.poll(() => user.messages.length).toBe(51);
    expect([connection.state, server.requests.length]).toEqual(['open', 3]);
  });
});

test('the request that begins a session is in the trace of the attempt, and what follows in others', async () => {
  const { way, server } = await pollingSetting(
    ({ socket, index, line }) => {
      if (index === 0) socket.write(handshake());
      else if (line.startsWith('POST')) socket.write(answerOf('ok'));
    },
    { trace: { sampled: 1 } },
  );
  const opening = way();
  const connection = new PollingConnection(opening, new Listener());
  await expect.poll(() => server.requests.length).toBe(2);
  connection.send('4hello');
  await expect.poll(() => server.requests.length).toBe(3);
  const sent = server.requests.map(({ text }) => /^traceparent: (.*)\r$/m.exec(text)?.[1]);
  expect(sent[0]).toBe(opening.request.trace.header);
  expect(new Set(sent).size).toBe(3);
  for (const header of sent) expect(header).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
});
