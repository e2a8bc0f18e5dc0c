/** A server that always waits 100 ms must read 100 ms, however it is loaded. A well-known tool reads 52. */
import { expect } from 'vitest';
import { startOrigin } from '../support/origin.ts';
import { quantile } from '../support/order-statistics.ts';
import { quick } from '../support/run-cli.ts';
import { expectNoneLonger, expectNoneShorter } from './order.ts';
import { testClaim } from './quiet-machine.ts';
import { runWatched } from './watched-run.ts';

function testTrueDelay(name: string, load: string): void {
  testClaim(name, {
    measure: async () => {
      const origin = await startOrigin();
      const run = await runWatched(origin, `load: ${load}, warmUp: '1s'`, '/delay?ms=100');
      return { ...run, ...(await origin.path('/delay')) };
    },
    onAnyMachine: ({ test: { latency, expected }, servicesMs, waitedMs }) => {
      expect(expected).toBeGreaterThan(0);
      expect(latency.min).toBeGreaterThanOrEqual(100);
      expectNoneShorter(latency, servicesMs);
      expectNoneLonger(latency, waitedMs);
    },
    whenQuiet: ({ code, test: { latency, expected }, servicesMs, arrivalsMs }) => {
      expect(code).toBe(0);
      // After the warm-up. One second begins where the other ends: a few requests may lie on the other side.
      const truth = servicesMs.filter((serviceMs, at) => arrivalsMs[at]! + serviceMs >= 1000);
      expect(Math.abs(expected - truth.length)).toBeLessThan(0.05 * truth.length);
      expect(latency.p50).toBeLessThanOrEqual(102);
      expect(Math.abs(latency.p50! - quantile(truth, 0.5))).toBeLessThanOrEqual(1.5);
      expect(Math.abs(latency.p99! - quantile(truth, 0.99))).toBeLessThanOrEqual(3);
    },
  });
}

for (const rate of [50, 200, 1000]) {
  const vus = Math.ceil(rate / 4);
  testTrueDelay(
    `arrivals at ${rate} a second`,
    `constantArrivalRate({ rate: ${rate}, duration: '4s', spacing: 'constant', vus: ${vus} })`,
  );
}

testTrueDelay('twenty VUs, one request at a time each', `constantVus({ vus: 20, duration: '4s' })`);

testClaim('quick, from its first request on', {
  measure: async () => {
    const origin = await startOrigin();
    const run = await quick(`${origin.url}/delay?ms=100`, ['-r', '100', '-d', '3s']);
    return { ...run, ...(await origin.path('/delay')) };
  },
  onAnyMachine: ({ test: measured, servicesMs, answered, arrived }) => {
    expect(measured.requests).toBe(arrived);
    expect(measured.expected).toBe(answered['200']);
    expect(measured.latency.min).toBeGreaterThanOrEqual(100);
    expectNoneShorter(measured.latency, servicesMs);
  },
  whenQuiet: ({ code, test: { latency }, servicesMs }) => {
    expect(code).toBe(0);
    expect(latency.p50).toBeLessThanOrEqual(102);
    expect(Math.abs(latency.p50! - quantile(servicesMs, 0.5))).toBeLessThanOrEqual(1.5);
  },
});
