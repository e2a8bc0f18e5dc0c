/** Handlers that take themselves off while they are called: nobody is passed over, and nothing counts as unclaimed. */
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
