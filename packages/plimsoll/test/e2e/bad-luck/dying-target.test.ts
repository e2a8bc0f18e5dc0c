/** A target that dies while it is loaded has failed the test: exit code 1, and what was measured until then is kept. */
import { expect, test } from 'vitest';
import { startOrigin } from '../../support/origin.ts';
import { makeProject, onlyTest, runTestFile } from '../../support/run-cli.ts';

test('arrivals go on, and each is counted as refused', async () => {
  const origin = await startOrigin({ dieAfterMs: 1000 });
  const project = makeProject();
  const run = await project.run(['quick', `${origin.url}/thing`, '-r', '100', '-d', '2s', '--json']);
  const measured = onlyTest(run);
  const { answered, open } = await origin.path();
  // 3 where the machine was too busy to issue arrivals in time.
  expect([1, 3]).toContain(run.code);
  expect(run.result!.tests[0]!.thresholds.find(({ expression }) => expression.startsWith('success'))!.ok).toBe(false);
  expect(answered['200']).toBeGreaterThan(70);
  expect(Math.abs(measured.expected - answered['200']!)).toBeLessThanOrEqual(open + 1);
  expect(measured.errors['refused']).toBeGreaterThan(50);
  expect(measured.requests).toBe(measured.expected + measured.failed);
  // Fast failures do not flatter: they are not in the latency.
  expect(measured.failedLatency.max).not.toBeNull();
  expect(measured.latency.p50).toBeGreaterThan(0);
  expect(run.stderr).toMatch(/refused/);
});

test('VUs that meet nothing but refusals let the run end in time', async () => {
  const origin = await startOrigin({ dieAfterMs: 500 });
  const body = `loadTest('dies', { load: constantVus({ vus: 10, duration: '2s' }) },
    async ({ http }) => { await http.get('/thing'); });`;
  const { code, test: measured, tookMs } = await runTestFile(body, ['--target', origin.url]);
  expect(code).toBe(1);
  expect(measured.durationSeconds).toBeCloseTo(2, 0);
  expect(tookMs).toBeLessThan(10_000);
  expect(measured.failed).toBeGreaterThan(measured.status['200']! / 100);
});

test('a target that is back after a while is found again', async () => {
  const first = await startOrigin({ dieAfterMs: 700 });
  const body = `loadTest('back', { load: constantArrivalRate({ rate: 50, duration: '4s' }), thresholds: ['success >= 1%'] },
    async ({ http }) => { await http.get('/thing'); });`;
  const running = runTestFile(body, ['--target', first.url]);
  await first.died();
  const second = await startOrigin({ port: first.port });
  const { code, test: measured } = await running;
  const [before, after] = [await first.path(), await second.path()];
  expect([0, 3]).toContain(code);
  expect(after.answered['200']).toBeGreaterThan(50);
  expect(Math.abs(measured.expected - before.answered['200']! - after.answered['200']!)).toBeLessThanOrEqual(2);
});
