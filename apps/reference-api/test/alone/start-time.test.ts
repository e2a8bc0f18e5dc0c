/** How long seeding takes, on a machine that does nothing else. */
import { expect, onTestFinished, test } from 'vitest';
import { freePort, temporaryFolder } from '../support/private-server.ts';
import { startApi, type RunningApi } from '../support/running-api.ts';

test('20,000 sessions are seeded in 2 s at most: so much longer a first start takes than a second', async () => {
  const folder = temporaryFolder('seed');
  onTestFinished(() => {
    folder.remove();
  });
  const port = await freePort();
  const start = async (): Promise<{ api: RunningApi; tookMs: number }> => {
    const began = performance.now();
    const env = { SEED_SESSIONS: '20000' };
    const api = await startApi({ port, env, folder: folder.path, later: onTestFinished });
    return { api, tookMs: performance.now() - began };
  };

  const first = await start();
  const { body } = await first.api.as<{ total: number }>('viewer', '/optimization/sessions?limit=1');
  expect(body.total).toBe(20_000);
  await first.api.stop();
  const second = await start();

  const tookMs = `ms: first ${Math.round(first.tookMs)}, second ${Math.round(second.tookMs)}`;
  expect(first.tookMs - second.tookMs, tookMs).toBeLessThanOrEqual(2000);
});
