import { group, loadTest, sharedIterations } from 'plimsoll';
import type { Criteria } from './api-types.ts';
import { isName } from './is-name.ts';
import { signIn } from './sign-in.ts';

const path = '/config/optimization-criteria';

group('TestConfigEndpointLoad', () => {
  loadTest(
    'test_config_get_concurrent_requests',
    {
      load: sharedIterations({ vus: 100, iterations: 100 }),
      thresholds: ['success >= 95%', 'latency.mean < 500ms'],
      setup: async ({ http }) => ({ token: await signIn(http) }),
    },
    async ({ http, data }) => {
      const criteria = await http.get(path, { bearer: data.token });
      criteria.check('has a name and limits', (r) => {
        const { name, constraints } = r.json<Partial<Criteria>>();
        return isName(name) && Number(constraints?.['max_latency_ms']) > 0;
      });
    },
  );

  loadTest(
    'test_config_update_sequential',
    {
      load: sharedIterations({ vus: 1, iterations: 20 }),
      thresholds: [
        'success >= 95%',
        'each: success >= 95%',
        'latency.mean < 1s',
        // The readings in between are quick, and would hide slow updates in a mean of both.
        `PUT ${path}: latency.mean < 1s`,
        // Each update is read back, and none is lost: a check does not look at an answer that never came.
        `GET ${path}: success >= 100%`,
        'is what was written: checks >= 100%',
      ],
      setup: async ({ http }) => {
        const token = await signIn(http);
        const answer = await http.get(path, { bearer: token });
        return { token, found: answer.orThrow().json<Criteria>() };
      },
      teardown: async ({ http, data }) => {
        (await http.put(path, { bearer: data.token, json: data.found })).orThrow();
      },
    },
    async ({ http, data, iteration }) => {
      const name = `load test, update ${iteration.index}`;
      const limit = 50 + iteration.index;
      const wanted = { ...data.found, name, constraints: { ...data.found.constraints, max_latency_ms: limit } };
      await http.put(path, { bearer: data.token, json: wanted });
      const read = await http.get(path, { bearer: data.token });
      read.check('is what was written', (r) => JSON.stringify(r.json()) === JSON.stringify(wanted));
    },
  );
});
