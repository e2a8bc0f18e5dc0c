/** Each of a few VUs opens its share of the Socket.IO clients, in their turn, and holds them for the rest of the test. */
import { constantVus, loadTest } from 'plimsoll';
import { ioClientsPerSecond, openers, openInTurn, shareOf } from './socket-pace.ts';

loadTest(
  'idle Socket.IO clients',
  { load: constantVus({ vus: openers, duration: '20s' }), connections: 'lazy', gracefulStop: 0 },
  async ({ io, vu, sleep }) => {
    await openInTurn(shareOf(vu.id), ioClientsPerSecond / openers, () => void io.connect());
    await sleep('1h');
  },
);
