import { constantArrivalRate, group, loadTest, sharedIterations } from 'plimsoll';

interface Product {
  readonly id: number;
  readonly price: number;
}

group('shop', () => {
  // Visitors come whether the shop answers in time or not: 50 a second, for ten seconds.
  loadTest(
    'browsing',
    {
      load: constantArrivalRate({ rate: 50, duration: '10s' }),
      thresholds: ['latency.p95 < 500ms', 'GET /products/{id}: latency.p99 < 400ms'],
    },
    async ({ http, random }) => {
      const list = await http.get('/products', { query: { page: random.integer(1, 5) } });
      list.check('has ten products', (r) => r.json<Product[]>().length === 10);
      const product = await http.get('/products/{id}', { path: { id: random.integer(1, 50) } });
      product.check('has a price', (r) => r.json<Product>().price > 0);
    },
  );

  // Ten customers share 100 orders; each reads the page for a moment first.
  loadTest(
    'ordering',
    {
      load: sharedIterations({ vus: 10, iterations: 100 }),
      thresholds: ['order: latency.p95 < 600ms', 'each: latency.mean < 400ms'],
      setup: async ({ http }) => {
        const answer = (await http.post('/login', { json: { user: 'ada' } })).orThrow();
        return { token: answer.json<{ token: string }>().token };
      },
    },
    async ({ http, data, random, sleep, step }) => {
      const id = random.integer(1, 50);
      await http.get('/products/{id}', { path: { id } });
      await sleep('100ms');
      await step('order', async (scoped) => {
        const order = await scoped.http.post('/orders', { json: { id, count: 1 }, bearer: data.token, expect: 201 });
        order.check('has a number', (r) => r.json<{ order: number }>().order > 0);
      });
    },
  );
});
