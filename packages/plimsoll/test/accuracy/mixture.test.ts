/** A mixture of delays with a known law: every percentile within 1 % or 1 ms of what the server really did. */
import { expect } from 'vitest';
import { startOrigin } from '../support/origin.ts';
import { quantile } from '../support/order-statistics.ts';
import { expectNoneLonger, expectNoneShorter } from './order.ts';
import { testClaim } from './quiet-machine.ts';
import { runWatched } from './watched-run.ts';

const mixture = '5~15:0.6,40~60:0.3,150~250:0.09,900~1000:0.01';
const percentiles = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99, p999: 0.999 } as const;

testClaim('uniform parts of 60, 30, 9 and 1 percent', {
  measure: async () => {
    const origin = await startOrigin({ seed: 7 });
    const load = `load: constantArrivalRate({ rate: 400, duration: '6s' })`;
    const { test: measured, waitedMs } = await runWatched(origin, load, `/mixture?of=${mixture}`);
    const { servicesMs } = await origin.path();
    return { measured, waitedMs, servicesMs };
  },
  onAnyMachine: ({ measured, waitedMs, servicesMs }) => {
    expect(measured.expected).toBe(servicesMs.length);
    expect(waitedMs).toHaveLength(servicesMs.length);
    expectNoneShorter(measured.latency, servicesMs);
    expectNoneLonger(measured.latency, waitedMs);
    // The law itself, as a check on the server, which may be late and never early: 0.6 / 0.3 / 0.09 / 0.01.
    expect(measured.latency.p50).toBeGreaterThan(11);
    expect(measured.latency.p95).toBeGreaterThan(150);
    expect(measured.latency.p999).toBeGreaterThan(900);
  },
  whenQuiet: ({ measured, servicesMs }) => {
    for (const [name, p] of Object.entries(percentiles) as [keyof typeof percentiles, number][]) {
      const truth = quantile(servicesMs, p);
      const allowed = Math.max(0.01 * truth, 1);
      expect(
        Math.abs(measured.latency[name]! - truth),
        `${name}: ${measured.latency[name]} for ${truth} ms`,
      ).toBeLessThanOrEqual(allowed);
    }
    expect(measured.latency.p50).toBeLessThan(16);
  },
});
