/** Each of a few VUs opens its share of the WebSockets, in their turn, and holds them for the rest of the test. */
import { constantVus, loadTest } from 'plimsoll';
import { openers, openInTurn, shareOf, socketsPerSecond } from './socket-pace.ts';

loadTest(
  'idle sockets',
  { load: constantVus({ vus: openers, duration: '20s' }), connections: 'lazy', gracefulStop: 0 },
  async ({ ws, vu, sleep }) => {
    await openInTurn(shareOf(vu.id), socketsPerSecond / openers, () => void ws.connect('/idle'));
    await sleep('1h');
  },
);
