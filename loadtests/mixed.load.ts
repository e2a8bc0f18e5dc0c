import { group, loadTest, perVuIterations, sharedIterations } from 'plimsoll';
import type { Criteria, DashboardStats, SessionPage } from './api-types.ts';
import { signIn } from './sign-in.ts';
import { anyModel, startSession } from './start-sessions.ts';

/** The listeners are there before. */
const asking = { load: sharedIterations({ vus: 5, iterations: 30 }), startAfter: '1s' } as const;

/** So long they listen: those who ask are done by then, in whatever worker they are. */
const listening = '5s';

group('TestMixedLoad', () => {
  loadTest('test_mixed_endpoint_load', {
    thresholds: ['success >= 95%', 'each: success >= 95%'],
    setup: async ({ http }) => {
      const token = await signIn(http);
      return { token, model: await anyModel(http, token) };
    },
    scenarios: {
      listeners: {
        load: perVuIterations({ vus: 10, iterations: 1 }),
        run: async ({ io, data, sleep }) => {
          const socket = await io.connect({ auth: { token: data.token } });
          if (!socket.ok) return;
          await socket.step('join', () => socket.emitWithAck('join', { all: true }));
          // Without an event in ten seconds this ends with an exception, and the test fails.
          const heard = socket.next('session_cancelled', undefined, { timeout: '10s' });
          await Promise.all([heard, sleep(listening)]);
          await socket.close();
        },
      },
      operator: {
        load: perVuIterations({ vus: 1, iterations: 10 }),
        startAfter: '1s',
        run: async ({ http, data }) => {
          const id = await startSession(http, data.token, data.model);
          await http.post('/optimization/sessions/{id}/cancel', { path: { id }, bearer: data.token });
        },
      },
      dashboard: {
        ...asking,
        run: async ({ http, data }) => {
          const stats = await http.get('/dashboard/stats', { bearer: data.token });
          stats.check('has models', (r) => r.json<DashboardStats>().total_models > 0);
        },
      },
      sessions: {
        ...asking,
        run: async ({ http, data, iteration }) => {
          const query = { skip: 50 * iteration.index, limit: 50 };
          const list = await http.get('/optimization/sessions', { bearer: data.token, query });
          list.check('is the page asked for', (r) => r.json<SessionPage>().skip === query.skip);
        },
      },
      config: {
        ...asking,
        run: async ({ http, data }) => {
          const criteria = await http.get('/config/optimization-criteria', { bearer: data.token });
          criteria.check('has limits', (r) => Object.keys(r.json<Criteria>().constraints).length > 0);
        },
      },
    },
  });
});
