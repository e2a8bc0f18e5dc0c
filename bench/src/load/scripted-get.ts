/** The scripted test of the bench: an async function, one GET, one check. VUs and duration come from the command line. */
import { constantVus, loadTest } from 'plimsoll';

loadTest('scripted GET', { load: constantVus({ vus: 50, duration: '10s' }) }, async ({ http }) => {
  const file = await http.get('/file.txt');
  file.check('is 100 bytes long', (response) => response.bytes.length === 100);
});
