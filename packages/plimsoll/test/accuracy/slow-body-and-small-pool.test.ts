/** Latency ends with the last byte of the body, and begins before the wait for a connection of our own. */
import { expect } from 'vitest';
import { startOrigin } from '../support/origin.ts';
import { quantile } from '../support/order-statistics.ts';
import { quick, runTestFile } from '../support/run-cli.ts';
import { expectNoneShorter } from './order.ts';
import { testClaim } from './quiet-machine.ts';

testClaim('a body that trickles for 500 ms reads 500 ms, not its first byte', {
  measure: async () => {
    const origin = await startOrigin();
    // Ten answers end at once, so one hiccup touches ten: with eight rounds the median bears three.
    const run = await quick(`${origin.url}/trickle?ms=500&bytes=50`, ['-c', '10', '-n', '80']);
    return { ...run, ...(await origin.path()) };
  },
  onAnyMachine: ({ test: { latency }, servicesMs }) => {
    expect(latency.min).toBeGreaterThanOrEqual(500);
    expectNoneShorter(latency, servicesMs);
  },
  whenQuiet: ({ test: { latency, ttfb }, servicesMs }) => {
    expect(latency.p50).toBeLessThanOrEqual(505);
    expect(Math.abs(latency.p50! - quantile(servicesMs, 0.5))).toBeLessThanOrEqual(1.5);
    expect(ttfb.p50).toBeLessThan(20);
  },
});

testClaim('a head that trickles for 500 ms reads 500 ms too', {
  measure: async () => {
    const origin = await startOrigin();
    // One at a time: the claim is about the head, and answers that end at once would wait for one processor.
    const run = await quick(`${origin.url}/slow-head?ms=500`, ['-c', '1', '-n', '15']);
    return { ...run, ...(await origin.path()) };
  },
  onAnyMachine: ({ test: { latency }, servicesMs }) => {
    expect(latency.min).toBeGreaterThanOrEqual(500);
    expectNoneShorter(latency, servicesMs);
  },
  whenQuiet: ({ code, test: { latency }, servicesMs }) => {
    expect(code).toBe(0);
    expect(Math.abs(latency.p50! - quantile(servicesMs, 0.5))).toBeLessThanOrEqual(3);
  },
});

testClaim('four requests at once over one connection wait for each other, inside latency', {
  measure: async () => {
    const origin = await startOrigin();
    const body = `loadTest('pool', {
      load: perVuIterations({ vus: 1, iterations: 10 }),
      http: { connectionsPerHost: 1 },
    }, async ({ http }) => { await Promise.all([1, 2, 3, 4].map(() => http.get('/delay', { query: { ms: 50 } }))); });`;
    const { test: measured } = await runTestFile(body, ['--target', origin.url]);
    return { measured, connections: (await origin.record()).connections };
  },
  onAnyMachine: ({ measured: { latency, service, wait }, connections }) => {
    // One more was there to ask whether the target can be reached.
    expect(connections.mostOpen).toBeLessThanOrEqual(2);
    // Waits of 0, 1, 2 and 3 times 50 ms, ten times each, or more.
    expect(wait.p50).toBeGreaterThan(49);
    expect(wait.max).toBeGreaterThan(149);
    expect(latency.max).toBeGreaterThan(199);
    expect(latency.mean).toBeCloseTo(service.mean! + wait.mean!, 0);
  },
  whenQuiet: ({ measured: { service, wait } }) => {
    expect(wait.min).toBeLessThan(5);
    expect(wait.p50).toBeLessThan(65);
    expect(service.p50).toBeLessThan(60);
  },
});

testClaim('arrivals that find every VU busy wait, inside latency', {
  measure: async () => {
    const origin = await startOrigin();
    const body = `loadTest('vus', {
      load: constantArrivalRate({ rate: 50, duration: '2s', spacing: 'constant', vus: 1, maxVus: 1 }),
      thresholds: ['success >= 0%'],
    }, async ({ http }) => { await http.get('/delay', { query: { ms: 30 } }); });`;
    return (await runTestFile(body, ['--target', origin.url])).test;
  },
  onAnyMachine: ({ latency, wait, scenarios: [scenario], verdict }) => {
    // One VU carries 33 of 50 a second, or fewer: the last that begins within 2 s is number 66, due at 1.33 s, or one
    // before. Half a second of standing still at the end would be forgiven.
    expect(latency.max).toBeGreaterThan(500);
    expect(wait.max).toBeGreaterThan(470);
    expect(scenario!.due).toBe(100);
    expect(scenario!.started + scenario!.notIssued).toBe(100);
    expect(verdict).toBe('failed');
  },
  whenQuiet: ({ latency, service, wait, lag }) => {
    expect(latency.max).toBeGreaterThan(650);
    expect(latency.max).toBeLessThan(1000);
    expect(wait.max).toBeGreaterThan(620);
    expect(service.p50).toBeLessThan(40);
    expect(lag.p50).toBeLessThan(5);
  },
});
