/** Handlers set late, and taken off while they are called: nobody is passed over, and nothing counts as unclaimed. */
import { expect, test } from 'vitest';
import { liveIoSocket, liveSocket } from './live-socket.fixture.ts';

test('a close handler that takes itself off does not hold up whoever closes', async () => {
  const { socket } = liveSocket();
  const told: string[] = [];
  const off = socket.on('close', () => {
    told.push('first');
    off();
  });
  socket.on('close', () => told.push('second'));
  expect(await socket.close()).toMatchObject({ code: 1000 });
  expect(told).toEqual(['first', 'second']);
});

test('a reason that is no text is refused like one that is too long', async () => {
  const { socket } = liveSocket();
  await expect(socket.close(1000, null as never)).rejects.toThrow('with the reason null');
});

test.each([
  ['x'.repeat(123), undefined],
  ['x'.repeat(124), 'a reason of 124 bytes'],
  ['ä'.repeat(62), 'a reason of 124 bytes'],
])('a reason must fit into a close frame: %s', async (reason, told) => {
  const { socket } = liveSocket();
  if (told === undefined) expect(await socket.close(4000, reason)).toMatchObject({ wasClean: true });
  else await expect(socket.close(4000, reason)).rejects.toThrow(told);
});

test('a message handler for once: its neighbour has the message too, and nobody else is offered it', async () => {
  const { bench, socket } = liveSocket();
  const told: string[] = [];
  const off = socket.on('message', (message) => {
    told.push(`once ${message.text()}`);
    off();
  });
  const offLast = socket.on('message', (message) => {
    told.push(`twice ${message.text()}`);
    if (message.text() === 'b') offLast();
  });
  socket.message('a');
  socket.message('b');
  expect(told).toEqual(['once a', 'twice a', 'twice b']);
  expect(bench.take().sockets).toMatchObject({ messagesIn: 2, taken: 2 });
  socket.message('c');
  expect((await socket.next()).text()).toBe('c');
});

test('a handler that is set while a message is handed on gets the next one', () => {
  const { socket } = liveSocket();
  const told: string[] = [];
  socket.on('message', () => {
    told.push('first');
    if (told.length === 1) socket.on('message', () => told.push('second'));
  });
  socket.message('a');
  expect(told).toEqual(['first']);
  socket.message('b');
  expect(told).toEqual(['first', 'first', 'second']);
});

test('Socket.IO: handlers of a name, of any, and of the end', async () => {
  const { bench, socket } = liveIoSocket();
  const told: string[] = [];
  const offAny = socket.onAny(() => {
    told.push('any once');
    offAny();
  });
  socket.onAny(() => told.push('any'));
  const offNamed = socket.on('said', () => {
    told.push('said once');
    offNamed();
  });
  const offLast = socket.on('said', () => {
    told.push('said');
    offLast();
  });
  socket.message('said');
  expect(told).toEqual(['any once', 'any', 'said once', 'said']);
  expect(bench.take().sockets).toMatchObject({ messagesIn: 1, taken: 1 });
  const offClose = socket.onClose(() => {
    offClose();
  });
  expect(await socket.close()).toMatchObject({ code: 1000 });
});

test('Socket.IO: the last handler of an event takes itself off, and the event was claimed', () => {
  const { bench, socket } = liveIoSocket();
  const off = socket.on('said', () => {
    off();
  });
  socket.message('said');
  expect(bench.take().sockets).toMatchObject({ messagesIn: 1, taken: 1 });
});

test('Socket.IO: what a handler throws is counted by its place, and its neighbours and the next event are reached', () => {
  const { bench, socket } = liveIoSocket();
  const told: string[] = [];
  socket.on('said', () => {
    told.push('thrower');
    throw Object.assign(new Error('in a handler'), { stack: 'Error\n    at told (/shop/a.load.ts:7:3)' });
  });
  socket.on('said', () => told.push('neighbour'));
  socket.message('said');
  socket.message('said');
  expect(told).toEqual(['thrower', 'neighbour', 'thrower', 'neighbour']);
  const { exceptions, sockets } = bench.take();
  expect(exceptions).toMatchObject([{ message: 'in a handler', place: '/shop/a.load.ts:7:3', count: 2 }]);
  expect(sockets).toMatchObject({ messagesIn: 2, taken: 2 });
});

test('what came before there was a handler: one that takes itself off leaves the rest to others', async () => {
  const { bench, socket } = liveSocket();
  for (const text of ['a', 'b', 'c']) socket.message(text);
  const told: string[] = [];
  const off = socket.on('message', (message) => {
    told.push(message.text());
    off();
  });
  await Promise.resolve();
  expect(told).toEqual(['a']);
  expect(bench.take().sockets).toMatchObject({ messagesIn: 3, taken: 1 });
  expect((await socket.next()).text()).toBe('b');
  expect(bench.take().sockets).toMatchObject({ messagesIn: 0, taken: 1 });
});

test('Socket.IO: handlers set in one go get what came before them in the order of its coming', async () => {
  const { bench, socket } = liveIoSocket();
  for (const name of ['left', 'right', 'other', 'left', 'right']) socket.message(name);
  const told: string[] = [];
  for (const name of ['right', 'left']) socket.on(name, () => told.push(name));
  expect(told).toEqual([]);
  await Promise.resolve();
  socket.message('left');
  expect(told).toEqual(['left', 'right', 'left', 'right', 'left']);
  expect(bench.take().sockets).toMatchObject({ messagesIn: 6, taken: 5 });
  expect((await socket.next('other')).name).toBe('other');
});

test('options of a wait that nobody reads are told, whatever has come', async () => {
  const { socket } = liveSocket();
  socket.message('here already');
  await expect(socket.next(undefined, { timout: '1s' } as never)).rejects.toThrow(
    "a wait on WS / has no option 'timout'",
  );
  await expect(socket.next(undefined, 1000 as never)).rejects.toThrow('the options of a wait on WS / are 1000');
  await expect(socket.ping({ timeoutMs: 5 } as never)).rejects.toThrow("a wait on WS / has no option 'timeoutMs'");
  await expect(socket.step('s', () => Promise.resolve(), { within: 1 } as never)).rejects.toThrow(
    "a wait on WS / has no option 'within'",
  );
  expect(() => socket.send('x', { fragmentBytes: 5, pings: true } as never)).toThrow("send has no option 'pings'");
});

test('a handler and a wait that are set in one go both have what came before them', async () => {
  const { bench, socket } = liveSocket();
  for (const text of ['a', 'b']) socket.message(text);
  const told: string[] = [];
  socket.on('message', (message) => told.push(message.text()));
  expect((await socket.next((message) => message.text() === 'b')).text()).toBe('b');
  expect(told).toEqual(['a', 'b']);
  expect(bench.take().sockets).toMatchObject({ messagesIn: 2, taken: 2 });
});

test('a wait beside a new handler for what never comes ends when the socket has ended', async () => {
  const { socket } = liveSocket();
  socket.message('a');
  await socket.close();
  socket.on('message', () => undefined);
  await expect(socket.next((message) => message.text() === 'b')).rejects.toThrow('the socket is not open');
});

test('what comes while a handler is being set waits behind what had come before', async () => {
  const { bench, socket } = liveIoSocket();
  socket.message('news');
  const told: string[] = [];
  socket.on('welcome', () => {
    socket.on('news', () => told.push('news'));
    socket.onAny(({ name }) => told.push(`any ${name}`));
  });
  await Promise.resolve();
  socket.message('welcome');
  socket.message('other');
  expect(told).toEqual([]);
  await Promise.resolve();
  expect(told).toEqual(['any news', 'news', 'any other']);
  expect(bench.take().sockets).toMatchObject({ messagesIn: 3, taken: 3 });
});
