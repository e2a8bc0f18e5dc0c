import { group, loadTest, sharedIterations } from 'plimsoll';
import type { SessionPage } from './api-types.ts';
import { everyFilter, filterCount, obeys, statuses } from './session-filters.ts';
import { signIn } from './sign-in.ts';

const path = '/optimization/sessions';
const roundsOfFilters = 5;

group('TestSessionsEndpointLoad', () => {
  loadTest(
    'test_sessions_concurrent_requests',
    {
      load: sharedIterations({ vus: 10, iterations: 100 }),
      thresholds: ['success >= 95%', 'latency.mean < 1.5s'],
      setup: async ({ http }) => ({ token: await signIn(http) }),
    },
    async ({ http, data }) => {
      const list = await http.get(path, { bearer: data.token });
      list.check('is a full page, newest first', (r) => {
        const page = r.json<SessionPage>();
        return page.sessions.length === 50 && obeys(page, { name: '', query: {} });
      });
    },
  );

  loadTest(
    'test_sessions_with_filters_load',
    {
      load: sharedIterations({ vus: 10, iterations: roundsOfFilters * filterCount }),
      thresholds: ['success >= 95%', 'latency.mean < 1.5s', 'each: success >= 95%', 'each: latency.mean < 1.5s'],
      setup: async ({ http }) => {
        const token = await signIn(http);
        // A session in the middle of the history says which model and which days there are.
        const answer = await http.get(path, { bearer: token, query: { skip: 500, limit: 1 } });
        const [session] = answer.orThrow().json<SessionPage>().sessions;
        if (session === undefined) throw new Error('the target has fewer than 501 sessions: seed it first');
        for (const status of statuses) {
          const found = await http.get(path, { bearer: token, query: { status, limit: 1 } });
          if (found.orThrow().json<SessionPage>().total === 0)
            throw new Error(`no session is ${status}: seed the target first`);
        }
        const endDate = session.started_at.slice(0, 10);
        const startDate = new Date(Date.parse(endDate) - 7 * 86_400_000).toISOString().slice(0, 10);
        return { token, filters: everyFilter({ modelId: session.model_id, startDate, endDate }) };
      },
    },
    async ({ http, data, iteration }) => {
      const filter = data.filters[iteration.index % data.filters.length]!;
      const list = await http.get(path, { bearer: data.token, query: filter.query, name: `sessions: ${filter.name}` });
      list.check('obeys the filter', (r) => obeys(r.json<SessionPage>(), filter));
    },
  );
});
