/** Every VU opens one Socket.IO client, in its turn, and holds it for the rest of the test. */
import { constantVus, loadTest } from 'plimsoll';
import { dueMs, ioClientsPerSecond } from './socket-pace.ts';

loadTest(
  'idle Socket.IO clients',
  { load: constantVus({ vus: 5000, duration: '20s' }), connections: 'lazy', gracefulStop: 0 },
  async ({ io, vu, sleep }) => {
    await sleep(dueMs(vu.id, ioClientsPerSecond));
    await io.connect();
    await sleep('1h');
  },
);
