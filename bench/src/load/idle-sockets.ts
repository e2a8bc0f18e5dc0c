/** Every VU opens one WebSocket, in its turn, and holds it for the rest of the test. */
import { constantVus, loadTest } from 'plimsoll';
import { dueMs, socketsPerSecond } from './socket-pace.ts';

loadTest(
  'idle sockets',
  { load: constantVus({ vus: 10_000, duration: '20s' }), connections: 'lazy', gracefulStop: 0 },
  async ({ ws, vu, sleep }) => {
    await sleep(dueMs(vu.id, socketsPerSecond));
    await ws.connect('/idle');
    await sleep('1h');
  },
);
