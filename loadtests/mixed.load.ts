import { group, loadTest, perVuIterations, sharedIterations } from 'plimsoll';
import type { Criteria, DashboardStats, SessionPage } from './api-types.ts';
import { signIn } from './sign-in.ts';

const load = sharedIterations({ vus: 5, iterations: 30 });

group('TestMixedLoad', () => {
  loadTest('test_mixed_endpoint_load', {
    thresholds: ['success >= 95%', 'each: success >= 95%'],
    setup: async ({ http }) => ({ token: await signIn(http) }),
    scenarios: {
      listeners: {
        load: perVuIterations({ vus: 10, iterations: 1 }),
        run: async ({ io, data, sleep }) => {
          const socket = await io.connect({ auth: { token: data.token } });
          if (!socket.ok) return;
          await socket.step('join', () => socket.emitWithAck('join', { all: true }));
          await sleep('1s');
          await socket.close();
        },
      },
      dashboard: {
        load,
        run: async ({ http, data }) => {
          const stats = await http.get('/dashboard/stats', { bearer: data.token });
          stats.check('has models', (r) => r.json<DashboardStats>().total_models > 0);
        },
      },
      sessions: {
        load,
        run: async ({ http, data, iteration }) => {
          const query = { skip: 50 * iteration.index, limit: 50 };
          const list = await http.get('/optimization/sessions', { bearer: data.token, query });
          list.check('is the page asked for', (r) => r.json<SessionPage>().skip === query.skip);
        },
      },
      config: {
        load,
        run: async ({ http, data }) => {
          const criteria = await http.get('/config/optimization-criteria', { bearer: data.token });
          criteria.check('has limits', (r) => Object.keys(r.json<Criteria>().constraints).length > 0);
        },
      },
    },
  });
});
