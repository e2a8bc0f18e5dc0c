/** A POST of 1 KB JSON built in every iteration, and the answer parsed. */
import { constantVus, loadTest } from 'plimsoll';
import { orderNumber, type Receipt } from './order.ts';

loadTest('scripted POST', { load: constantVus({ vus: 50, duration: '10s' }) }, async ({ http, iteration }) => {
  const answer = await http.post('/orders', { json: orderNumber(iteration.index) });
  answer.check('is accepted', (response) => response.json<Receipt>().accepted);
});
