/** The least there is to run: one file, one test, one iteration. */
import { loadTest, sharedIterations } from 'plimsoll';

loadTest('one iteration', { load: sharedIterations({ vus: 1, iterations: 1 }) }, async ({ http }) => {
  await http.get('/file.txt');
});
