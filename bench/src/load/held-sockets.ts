/** Every VU opens one WebSocket, in its turn, and pings the server every 20 s, from the tenth on; the server pings it, too. */
import { constantVus, loadTest } from 'plimsoll';
import { dueMs, socketsPerSecond } from './socket-pace.ts';

loadTest(
  'held sockets',
  { load: constantVus({ vus: 18_000, duration: '75s' }), connections: 'lazy', gracefulStop: 0 },
  async ({ ws, vu, sleep }) => {
    await sleep(dueMs(vu.id, socketsPerSecond));
    const socket = (await ws.connect('/heartbeat')).orThrow();
    await sleep('10s');
    while (socket.isOpen) {
      // Without a pong it is left, and so not open at the end.
      if ((await socket.ping()) === undefined) socket.terminate('reset');
      await sleep('20s');
    }
    // Lost; another iteration would hide it.
    await sleep('1h');
  },
);
