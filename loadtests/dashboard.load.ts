import { constantVus, group, loadTest, sharedIterations, type Http } from 'plimsoll';
import type { DashboardStats } from './api-types.ts';
import { signIn } from './sign-in.ts';

async function readStats(http: Http, token: string): Promise<void> {
  const stats = await http.get('/dashboard/stats', { bearer: token });
  stats.check('has totals that add up', (r) => {
    const { total_sessions, active_sessions, completed_sessions, failed_sessions } = r.json<DashboardStats>();
    return total_sessions > 0 && active_sessions + completed_sessions + failed_sessions <= total_sessions;
  });
}

group('TestDashboardEndpointLoad', () => {
  loadTest(
    'test_dashboard_concurrent_requests',
    {
      load: sharedIterations({ vus: 10, iterations: 100 }),
      thresholds: ['success >= 95%', 'latency.mean < 1s', 'latency.p95 < 2s'],
      setup: async ({ http }) => ({ token: await signIn(http) }),
    },
    ({ http, data }) => readStats(http, data.token),
  );

  loadTest(
    'test_dashboard_sustained_load',
    {
      load: constantVus({ vus: 5, duration: '10s' }),
      thresholds: ['success >= 95%', 'latency.mean < 1s', 'latency.p95 < 2s'],
      setup: async ({ http }) => ({ token: await signIn(http) }),
    },
    // A dashboard asks again and again; a short look in between keeps five users from becoming five floods.
    async ({ http, data, sleep }) => {
      await readStats(http, data.token);
      await sleep('20ms');
    },
  );
});
