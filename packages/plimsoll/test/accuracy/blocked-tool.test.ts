/** The tool itself stands still for 3 s: users would have waited all the same, and the measurement says it is unsound. */
import { expect } from 'vitest';
import type { TestResult } from '../../src/model/result.ts';
import { startOrigin } from '../support/origin.ts';
import { quantile } from '../support/order-statistics.ts';
import { makeProject, everything, onlyTest, runTestFile, expectBalanced } from '../support/run-cli.ts';
import { testClaim } from './quiet-machine.ts';

const perSecond = 50;
const seconds = 7;
const total = perSecond * seconds;

function load(body: string): string {
  return `loadTest('blocked', {
    load: constantArrivalRate({ rate: ${perSecond}, duration: '${seconds}s', spacing: 'constant', vus: ${total} }),
  }, async ({ http, iteration }) => { ${body} });`;
}

/** As if the server had frozen for the time: the 150 arrivals inside end when it is over. */
function impliedMs(forMs: number): number[] {
  const inside = Math.floor((forMs * perSecond) / 1000);
  return Array.from({ length: total }, (_, at) => (at < inside ? forMs - (at * 1000) / perSecond : 0));
}

/** Whatever else the machine does: it can only have stood still for longer. */
function expectAtLeastAFreeze({ expected, latency, lag }: TestResult, forMs: number): void {
  expect(expected).toBe(total);
  expect(latency.max).toBeGreaterThan(Math.max(...impliedMs(forMs)) * 0.95);
  expect(latency.p99).toBeGreaterThan(quantile(impliedMs(forMs), 0.99) * 0.95);
  expect(lag.max).toBeGreaterThan(2800);
}

function expectNotMoreThanAFreeze({ latency }: TestResult, forMs: number): void {
  expect(latency.max).toBeLessThan(Math.max(...impliedMs(forMs)) * 1.05);
  expect(latency.p99).toBeLessThan(quantile(impliedMs(forMs), 0.99) * 1.05);
}

testClaim('by a test function that computes for 3 s', {
  measure: async () => {
    const origin = await startOrigin();
    const body = `
      if (iteration.index === 100) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000);
      await http.get('/thing');`;
    return runTestFile(load(body), ['--target', origin.url]);
  },
  onAnyMachine: ({ code, test: measured }) => {
    expectAtLeastAFreeze(measured, 3000);
    expect(measured.validity.state).toBe('INVALID');
    expect(measured.validity.reasons.map((reason) => reason.code)).toContain('lag');
    expect(code).toBe(3);
  },
  whenQuiet: ({ test: measured }) => {
    expectNotMoreThanAFreeze(measured, 3000);
  },
});

testClaim('by whoever stops the whole process for 3 s', {
  measure: async () => {
    const origin = await startOrigin();
    const project = makeProject({ 'a.load.ts': `${everything}\n${load(`await http.get('/thing');`)}` });
    const cli = project.start(['run', '--json', '--target', origin.url]);
    await expect.poll(() => project.lastRun() !== undefined, { timeout: 10_000, interval: 20 }).toBe(true);
    await expect
      .poll(async () => Object.keys((await origin.record()).paths).length, { timeout: 10_000, interval: 50 })
      .toBe(1);
    await new Promise((done) => setTimeout(done, 1000));
    const beforeMs = performance.now();
    cli.signal('SIGSTOP');
    const stoppedMs = performance.now();
    await new Promise((done) => setTimeout(done, 3000));
    const goesOnMs = performance.now();
    cli.signal('SIGCONT');
    const afterMs = performance.now();
    const run = await cli.end();
    expectBalanced(run.result);
    return { measured: onlyTest(run), leastMs: goesOnMs - stoppedMs, mostMs: afterMs - beforeMs };
  },
  onAnyMachine: ({ measured, leastMs }) => {
    expectAtLeastAFreeze(measured, leastMs);
    expect(['DEGRADED', 'INVALID']).toContain(measured.validity.state);
  },
  whenQuiet: ({ measured, mostMs }) => {
    expectNotMoreThanAFreeze(measured, mostMs);
  },
});
