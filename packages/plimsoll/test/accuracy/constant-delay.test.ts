/** A server that always waits 100 ms must read 100 ms, however it is loaded. A well-known tool reads 52. */
import { expect } from 'vitest';
import { startOrigin, type Origin } from '../support/origin.ts';
import { quantile } from '../support/order-statistics.ts';
import { quick, runTestFile } from '../support/run-cli.ts';
import { testOnQuietMachine } from './quiet-machine.ts';

/** What the server did after the warm-up, the first second. */
async function trueServicesMs(origin: Origin): Promise<Float64Array> {
  const { servicesMs, arrivalsMs } = await origin.path('/delay');
  return servicesMs.filter((serviceMs, at) => arrivalsMs[at]! + serviceMs >= 1000);
}

async function expectTrueDelay(origin: Origin, load: string): Promise<void> {
  const { code, test: measured } = await runTestFile(
    `loadTest('delay', { load: ${load}, warmUp: '1s' }, async ({ http }) => { await http.get('/delay?ms=100'); });`,
    ['--target', origin.url],
  );
  const truth = await trueServicesMs(origin);
  expect(code).toBe(0);
  // One second begins where the other ends: a few requests may lie on the other side.
  expect(Math.abs(measured.expected - truth.length)).toBeLessThan(0.05 * truth.length);
  expect(measured.latency.p50).toBeGreaterThanOrEqual(100);
  expect(measured.latency.p50).toBeLessThanOrEqual(102);
  expect(Math.abs(measured.latency.p50! - quantile(truth, 0.5))).toBeLessThanOrEqual(1.5);
  expect(Math.abs(measured.latency.p99! - quantile(truth, 0.99))).toBeLessThanOrEqual(3);
}

for (const rate of [50, 200, 1000]) {
  testOnQuietMachine(`arrivals at ${rate} a second`, async () => {
    const vus = Math.ceil(rate / 4);
    const load = `constantArrivalRate({ rate: ${rate}, duration: '4s', spacing: 'constant', vus: ${vus} })`;
    await expectTrueDelay(await startOrigin(), load);
  });
}

testOnQuietMachine('twenty VUs, one request at a time each', async () => {
  await expectTrueDelay(await startOrigin(), `constantVus({ vus: 20, duration: '4s' })`);
});

testOnQuietMachine('quick, from its first request on', async () => {
  const origin = await startOrigin();
  const { code, test: measured } = await quick(`${origin.url}/delay?ms=100`, ['-r', '100', '-d', '3s']);
  const { servicesMs, answered, arrived } = await origin.path('/delay');
  expect(code).toBe(0);
  expect(measured.requests).toBe(arrived);
  expect(measured.expected).toBe(answered['200']);
  expect(measured.latency.min).toBeGreaterThanOrEqual(100);
  expect(measured.latency.p50).toBeLessThanOrEqual(102);
  expect(Math.abs(measured.latency.p50! - quantile(servicesMs, 0.5))).toBeLessThanOrEqual(1.5);
});
