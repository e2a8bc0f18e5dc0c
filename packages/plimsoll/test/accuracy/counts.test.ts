/** The tool's counts against the server's own: the same to the last request, whatever the server does to them. */
import { expect, test } from 'vitest';
import { startOrigin } from '../support/origin.ts';
import { quick, runTestFile } from '../support/run-cli.ts';
import { testClaim } from './quiet-machine.ts';

const many = ['-c', '20', '-n', '3000'];

test('answers of 500 in between', async () => {
  const origin = await startOrigin();
  const { code, test: measured } = await quick(`${origin.url}/every/7/500`, many);
  const { arrived, answered } = await origin.path();
  expect(arrived).toBe(3000);
  expect(measured.requests).toBe(3000);
  expect(measured.status).toEqual(answered);
  expect(measured.failed).toBe(Math.floor(3000 / 7));
  expect(measured.errors).toEqual({ status: Math.floor(3000 / 7) });
  expect(measured.success).toBeCloseTo(1 - Math.floor(3000 / 7) / 3000, 6);
  expect(code).toBe(1);
});

test('answers of 429 are limited, neither failed nor in the share of success', async () => {
  const origin = await startOrigin();
  const { code, test: measured } = await quick(`${origin.url}/every/4/429`, many);
  const { answered } = await origin.path();
  expect(measured.status).toEqual(answered);
  expect(measured.limited).toBe(750);
  expect(measured.failed).toBe(0);
  expect(measured.success).toBe(1);
  expect(code).toBe(0);
});

test('connections reset without an answer', async () => {
  const origin = await startOrigin();
  // POST: a request that is not safe to repeat is not repeated.
  const args = [...many, '-m', 'POST', '--body', 'x'];
  const { code, test: measured } = await quick(`${origin.url}/reset?every=10`, args);
  const { arrived, answered, reset } = await origin.path();
  expect(measured.requests).toBe(3000);
  expect(arrived).toBe(3000);
  expect(measured.expected).toBe(answered['200']);
  expect(measured.failed).toBe(reset);
  expect(measured.errors).toEqual({ reset });
  expect(measured.resent).toBe(0);
  expect(code).toBe(1);
});

test('connections reset without an answer to GET: what is sent again is counted, and can be judged', async () => {
  const origin = await startOrigin();
  const body = `loadTest('again', { load: sharedIterations({ vus: 20, iterations: 3000 }), thresholds: ['success >= 0%', 'resent <= 100'] },
    async ({ http }) => { await http.get('/reset?every=10'); });`;
  const { code, test: measured } = await runTestFile(body, ['--target', origin.url]);
  const { arrived, answered, reset } = await origin.path();
  expect(measured.requests).toBe(3000);
  expect(measured.requests + measured.resent).toBe(arrived);
  expect(measured.expected).toBe(answered['200']);
  expect(measured.failed + measured.resent).toBe(reset);
  expect([code, measured.verdict, measured.failures]).toEqual([1, 'failed', ['threshold not held: resent <= 100']]);
});

test('connections reset in the middle of a body', async () => {
  const origin = await startOrigin();
  const { test: measured } = await quick(`${origin.url}/reset?when=body&every=10`, many);
  const { arrived, answered, cut } = await origin.path();
  expect(arrived).toBe(3000);
  expect(measured.requests).toBe(3000);
  expect(measured.expected).toBe(answered['200']);
  expect(measured.failed).toBe(cut);
  expect(cut).toBe(300);
});

test('connections closed whenever they are idle are no error', async () => {
  const origin = await startOrigin({ closeIdleAfterMs: 20 });
  const body = `loadTest('idle', { load: perVuIterations({ vus: 20, iterations: 30 }) },
    async ({ http, random }) => {
      await http.get('/thing');
      // No sleep of the tool's: this is of counts, and its lag is of a machine that may be busy.
      await new Promise((resolve) => setTimeout(resolve, random.integer(15, 25)));
    });`;
  const { code, test: measured } = await runTestFile(body, ['--target', origin.url]);
  const { arrived, answered } = await origin.path();
  const { connections } = await origin.record();
  expect(code).toBe(0);
  expect(measured.expected).toBe(600);
  expect(measured.failed).toBe(0);
  expect(answered['200']).toBe(600);
  expect(arrived).toBe(600);
  expect(connections.closedIdle).toBeGreaterThan(20);
});

test.for(['announced', 'silently'] as const)('a connection closed after each answer, %s', async (closeEach) => {
  const origin = await startOrigin({ closeEach });
  const { code, test: measured } = await quick(`${origin.url}/thing`, ['-c', '10', '-n', '1000']);
  const { arrived, answered } = await origin.path();
  expect(code).toBe(0);
  expect(measured.expected).toBe(1000);
  expect(measured.failed).toBe(0);
  // What crossed with the news of the end never reached the server.
  expect(answered['200']).toBe(1000);
  expect(arrived).toBe(1000);
  if (closeEach === 'announced') expect(measured.resent).toBe(0);
});

test('arrivals: planned, issued, seen by the server', async () => {
  const origin = await startOrigin();
  const { test: measured } = await quick(`${origin.url}/thing`, ['-r', '700', '-d', '3s']);
  const { arrived } = await origin.path();
  expect(measured.failed).toBe(0);
  expect(measured.requests).toBe(arrived);
  expect(measured.scenarios[0]!.due).toBe(arrived);
  expect(measured.notIssued).toBe(0);
});

testClaim('time-outs are counted, and held in the latency at their age', {
  measure: async () => {
    const origin = await startOrigin();
    const args = ['-c', '5', '-n', '10', '--timeout', '300ms'];
    const { code, test: measured } = await quick(`${origin.url}/never`, args);
    return { code, measured, ...(await origin.path()) };
  },
  onAnyMachine: ({ code, measured, arrived, abandoned }) => {
    expect(arrived).toBe(10);
    expect(abandoned).toBe(10);
    expect(measured.errors).toEqual({ timeout: 10 });
    expect(measured.latency.min).toBeGreaterThanOrEqual(299);
    expect(code).toBe(1);
  },
  whenQuiet: ({ measured }) => {
    expect(measured.latency.max).toBeLessThan(400);
  },
});

test('requests that the end of the test cuts off are unfinished', async () => {
  const origin = await startOrigin();
  const body = `loadTest('cut', { load: constantVus({ vus: 8, duration: '1s' }), gracefulStop: '500ms' },
    async ({ http }) => { await http.get('/never'); });`;
  const { test: measured } = await runTestFile(body, ['--target', origin.url]);
  expect((await origin.path()).arrived).toBe(8);
  expect(measured.requests).toBe(8);
  expect(measured.unfinished).toBe(8);
  expect(measured.latency.min).toBeGreaterThan(1400);
});

test('when the server dies, the counts agree to within the connections open', async () => {
  const origin = await startOrigin({ dieAfterMs: 1500 });
  const { code, test: measured } = await quick(`${origin.url}/thing`, ['-c', '20', '-d', '3s']);
  await origin.died();
  const { answered } = await origin.path();
  expect(answered['200']).toBeGreaterThan(500);
  expect(Math.abs(measured.expected - answered['200']!)).toBeLessThanOrEqual(20);
  expect(measured.failed).toBeGreaterThan(0);
  expect(code).toBe(1);
});
