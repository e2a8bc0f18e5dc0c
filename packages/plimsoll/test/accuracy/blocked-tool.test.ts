/** The tool itself stands still for 3 s: users would have waited all the same, and the measurement says it is unsound. */
import { expect } from 'vitest';
import type { TestResult } from '../../src/model/result.ts';
import { startOrigin } from '../support/origin.ts';
import { quantile } from '../support/order-statistics.ts';
import { makeProject, everything, onlyTest, runTestFile, expectBalanced } from '../support/run-cli.ts';
import { testOnQuietMachine } from './quiet-machine.ts';

const perSecond = 50;
const seconds = 7;
const total = perSecond * seconds;

function load(body: string): string {
  return `loadTest('blocked', {
    load: constantArrivalRate({ rate: ${perSecond}, duration: '${seconds}s', spacing: 'constant', vus: 250 }),
  }, async ({ http, iteration }) => { ${body} });`;
}

/** As if the server had frozen for the time: the 150 arrivals inside end when it is over. */
function expectLatenciesOfAFreeze(measured: TestResult, forMs: number): void {
  const inside = Math.floor((forMs * perSecond) / 1000);
  const implied = Array.from({ length: total }, (_, at) => (at < inside ? forMs - (at * 1000) / perSecond : 0));
  expect(measured.expected).toBe(total);
  expect(measured.latency.max).toBeGreaterThan(Math.max(...implied) * 0.95);
  expect(measured.latency.max).toBeLessThan(Math.max(...implied) * 1.05);
  expect(measured.latency.p99).toBeGreaterThan(quantile(implied, 0.99) * 0.95);
  expect(measured.latency.p99).toBeLessThan(quantile(implied, 0.99) * 1.05);
  expect(measured.lag.max).toBeGreaterThan(2800);
}

testOnQuietMachine('by a test function that computes for 3 s', async () => {
  const origin = await startOrigin();
  const body = `
    if (iteration.index === 100) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000);
    await http.get('/thing');`;
  const { code, test: measured } = await runTestFile(load(body), ['--target', origin.url]);
  expectLatenciesOfAFreeze(measured, 3000);
  expect(measured.validity.state).toBe('INVALID');
  expect(measured.validity.reasons.map((reason) => reason.code)).toContain('lag');
  expect(code).toBe(3);
});

testOnQuietMachine('by whoever stops the whole process for 3 s', async () => {
  const origin = await startOrigin();
  const project = makeProject({ 'a.load.ts': `${everything}\n${load(`await http.get('/thing');`)}` });
  const cli = project.start(['run', '--json', '--target', origin.url]);
  await expect.poll(() => project.lastRun() !== undefined, { timeout: 10_000, interval: 20 }).toBe(true);
  await expect
    .poll(async () => Object.keys((await origin.record()).paths).length, { timeout: 10_000, interval: 50 })
    .toBe(1);
  await new Promise((done) => setTimeout(done, 1000));
  cli.signal('SIGSTOP');
  const stoppedMs = performance.now();
  await new Promise((done) => setTimeout(done, 3000));
  cli.signal('SIGCONT');
  const forMs = performance.now() - stoppedMs;
  const run = await cli.end();
  expectBalanced(run.result);
  const measured = onlyTest(run);
  expectLatenciesOfAFreeze(measured, forMs);
  expect(['DEGRADED', 'INVALID']).toContain(measured.validity.state);
});
