/** Every VU opens one WebSocket, in its turn, and pings the server every 20 s; the server pings it, too. */
import { constantVus, loadTest } from 'plimsoll';
import { dueMs, socketsPerSecond } from './socket-pace.ts';

loadTest(
  'held sockets',
  { load: constantVus({ vus: 18_000, duration: '75s' }), connections: 'lazy', gracefulStop: 0 },
  async ({ ws, vu, sleep }) => {
    await sleep(dueMs(vu.id, socketsPerSecond));
    const socket = (await ws.connect('/heartbeat')).orThrow();
    while (socket.isOpen) {
      await sleep('20s');
      await socket.ping();
    }
    // Lost; another iteration would hide it.
    await sleep('1h');
  },
);
