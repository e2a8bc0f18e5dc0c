/** Latency ends with the last byte of the body, and begins before the wait for a connection of our own. */
import { expect } from 'vitest';
import { startOrigin } from '../support/origin.ts';
import { quantile } from '../support/order-statistics.ts';
import { quick, runTestFile } from '../support/run-cli.ts';
import { testOnQuietMachine } from './quiet-machine.ts';

testOnQuietMachine('a body that trickles for 500 ms reads 500 ms, not its first byte', async () => {
  const origin = await startOrigin();
  // Ten answers end at once, so one hiccup touches ten: with eight rounds the median bears three.
  const { test: measured } = await quick(`${origin.url}/trickle?ms=500&bytes=50`, ['-c', '10', '-n', '80']);
  const { servicesMs } = await origin.path();
  expect(measured.latency.p50).toBeGreaterThanOrEqual(500);
  expect(measured.latency.p50).toBeLessThanOrEqual(505);
  expect(Math.abs(measured.latency.p50! - quantile(servicesMs, 0.5))).toBeLessThanOrEqual(1.5);
  expect(measured.ttfb.p50).toBeLessThan(20);
});

testOnQuietMachine('a head that trickles for 500 ms reads 500 ms too', async () => {
  const origin = await startOrigin();
  // One at a time: the claim is about the head, and answers that end at once would wait for one processor.
  const { code, test: measured } = await quick(`${origin.url}/slow-head?ms=500`, ['-c', '1', '-n', '15']);
  const { servicesMs } = await origin.path();
  expect(code).toBe(0);
  expect(measured.latency.min).toBeGreaterThanOrEqual(500);
  expect(Math.abs(measured.latency.p50! - quantile(servicesMs, 0.5))).toBeLessThanOrEqual(3);
});

testOnQuietMachine('four requests at once over one connection wait for each other, inside latency', async () => {
  const origin = await startOrigin();
  const body = `loadTest('pool', {
    load: perVuIterations({ vus: 1, iterations: 10 }),
    http: { connectionsPerHost: 1 },
  }, async ({ http }) => { await Promise.all([1, 2, 3, 4].map(() => http.get('/delay', { query: { ms: 50 } }))); });`;
  const { test: measured } = await runTestFile(body, ['--target', origin.url]);
  const { connections } = await origin.record();
  // One more was there to ask whether the target can be reached.
  expect(connections.mostOpen).toBeLessThanOrEqual(2);
  // Waits of 0, 1, 2 and 3 times 50 ms, ten times each.
  expect(measured.wait.min).toBeLessThan(5);
  expect(measured.wait.p50).toBeGreaterThan(49);
  expect(measured.wait.p50).toBeLessThan(65);
  expect(measured.wait.max).toBeGreaterThan(149);
  expect(measured.latency.max).toBeGreaterThan(199);
  expect(measured.service.p50).toBeLessThan(60);
  expect(measured.latency.mean).toBeCloseTo(measured.service.mean! + measured.wait.mean!, 0);
});

testOnQuietMachine('arrivals that find every VU busy wait, inside latency', async () => {
  const origin = await startOrigin();
  const body = `loadTest('vus', {
    load: constantArrivalRate({ rate: 50, duration: '2s', spacing: 'constant', vus: 1, maxVus: 1 }),
    thresholds: ['success >= 0%'],
  }, async ({ http }) => { await http.get('/delay', { query: { ms: 30 } }); });`;
  const { test: measured } = await runTestFile(body, ['--target', origin.url]);
  // One VU carries 33 of 50 a second: the last that begins within 2 s is number 66, due at 1.33 s.
  expect(measured.latency.max).toBeGreaterThan(650);
  expect(measured.latency.max).toBeLessThan(1000);
  expect(measured.wait.max).toBeGreaterThan(620);
  expect(measured.service.p50).toBeLessThan(40);
  expect(measured.lag.p50).toBeLessThan(5);
  const [scenario] = measured.scenarios;
  expect(scenario!.due).toBe(100);
  expect(scenario!.started + scenario!.notIssued).toBe(100);
  expect(measured.verdict).toBe('failed');
});
