/** A mixture of delays with a known law: every percentile within 1 % or 1 ms of what the server really did. */
import { expect } from 'vitest';
import { startOrigin } from '../support/origin.ts';
import { quantile } from '../support/order-statistics.ts';
import { quick } from '../support/run-cli.ts';
import { testOnQuietMachine } from './quiet-machine.ts';

const mixture = '5~15:0.6,40~60:0.3,150~250:0.09,900~1000:0.01';
const percentiles = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99, p999: 0.999 } as const;

testOnQuietMachine('uniform parts of 60, 30, 9 and 1 percent', async () => {
  const origin = await startOrigin({ seed: 7 });
  const { test: measured } = await quick(`${origin.url}/mixture?of=${mixture}`, ['-r', '400', '-d', '6s']);
  const { servicesMs } = await origin.path();
  expect(measured.requests).toBe(servicesMs.length);
  for (const [name, p] of Object.entries(percentiles) as [keyof typeof percentiles, number][]) {
    const truth = quantile(servicesMs, p);
    const allowed = Math.max(0.01 * truth, 1);
    expect(
      Math.abs(measured.latency[name]! - truth),
      `${name}: ${measured.latency[name]} for ${truth} ms`,
    ).toBeLessThanOrEqual(allowed);
  }
  // The law itself, as a check on the server: 0.6 / 0.3 / 0.09 / 0.01.
  expect(measured.latency.p50).toBeGreaterThan(11);
  expect(measured.latency.p50).toBeLessThan(16);
  expect(measured.latency.p95).toBeGreaterThan(150);
  expect(measured.latency.p999).toBeGreaterThan(900);
});
