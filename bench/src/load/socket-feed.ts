/** Every VU opens one WebSocket, in its turn, and has a handler for what the server sends. */
import { constantVus, loadTest } from 'plimsoll';
import { dueMs, socketsPerSecond } from './socket-pace.ts';

/** The least that a handler can do, and what the peer's does as well. */
const counted = { messages: 0 };

loadTest(
  'socket feed',
  { load: constantVus({ vus: 1000, duration: '15s' }), connections: 'lazy', gracefulStop: 0 },
  async ({ ws, vu, sleep }) => {
    await sleep(dueMs(vu.id, socketsPerSecond));
    const socket = await ws.connect('/feed');
    socket.on('message', () => {
      counted.messages++;
    });
    await sleep('1h');
  },
);
