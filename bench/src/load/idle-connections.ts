/** Every VU makes one request and then holds its connection for the rest of the test. */
import { constantVus, loadTest } from 'plimsoll';

loadTest(
  'idle connections',
  { load: constantVus({ vus: 10_000, duration: '20s' }), gracefulStop: 0 },
  async ({ http, sleep }) => {
    await http.get('/file.txt');
    await sleep('1h');
  },
);
