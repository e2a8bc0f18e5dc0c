/** How long a first start takes, on a machine that does nothing else. */
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../support/private-server.ts';
import { startApi } from '../support/running-api.ts';

test('the first start takes 2 s at most, its 20,000 sessions seeded', async () => {
  // The quickest of three: what else the machine does is not the service's.
  const tookMs: number[] = [];
  while (tookMs.length < 3 && !tookMs.some((ms) => ms <= 2000)) {
    const port = await freePort();
    const began = performance.now();
    const api = await startApi({ port, env: { SEED_SESSIONS: '20000' }, later: onTestFinished });
    tookMs.push(performance.now() - began);
    expect((await api.ask('/ready')).status).toBe(200);
    const { body } = await api.as<{ total: number }>('viewer', '/optimization/sessions?limit=1');
    expect(body.total).toBe(20_000);
    await api.stop();
  }
  expect(Math.min(...tookMs), `ms of each start: ${tookMs.map(Math.round).join(', ')}`).toBeLessThanOrEqual(2000);
});
