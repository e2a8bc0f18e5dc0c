/** Too many names, too large a body: bounded memory, and a number that is still true. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startOrigin } from '../../support/origin.ts';
import {
  everything,
  expectBalanced,
  makeProject,
  onlyTest,
  type CliRun,
  type RunOptions,
} from '../../support/run-cli.ts';

/** Runs, and looks at the most memory the process ever had. Linux only: elsewhere 0. */
async function runAndWatch(
  body: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<CliRun & { peakMb: number }> {
  const cli = makeProject({ 'a.load.ts': `${everything}\n${body}` }).start(['run', '--json', ...args], options);
  let peakMb = 0;
  const look = setInterval(() => {
    try {
      const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${cli.pid}/status`, 'utf8'))?.[1];
      peakMb = Math.max(peakMb, Number(kilobytes ?? 0) / 1024);
    } catch {
      // It has ended, or this is not Linux.
    }
  }, 50);
  const run = await cli.end();
  clearInterval(look);
  expectBalanced(run.result);
  return { ...run, peakMb };
}

test('100,000 distinct URLs are folded into one series, said once', async () => {
  const origin = await startOrigin();
  const body = `loadTest('names', { load: sharedIterations({ vus: 50, iterations: 100000 }) },
    async ({ http, iteration }) => { await http.get('/item/' + iteration.index); });`;
  const run = await runAndWatch(body, ['--target', origin.url]);
  const measured = onlyTest(run);
  expect(run.code).toBe(0);
  expect(measured.expected).toBe(100_000);
  expect((await origin.path('/item')).arrived).toBe(100_000);
  expect(measured.series.length).toBeLessThanOrEqual(201);
  const other = measured.series.find((series) => series.name === 'other');
  expect(other!.expected).toBe(100_000 - (measured.series.length - 1));
  expect(run.stderr.match(/more than 200 series/g)).toHaveLength(1);
  expect(run.peakMb).toBeLessThan(350);
});

test('a gigabyte of body is counted to the last byte and not kept', async () => {
  const origin = await startOrigin();
  const body = `loadTest('huge', { load: perVuIterations({ vus: 1, iterations: 1 }) }, async ({ http }) => {
      const response = await http.get('/huge?mb=1000', { name: 'huge' });
      response.check('is not kept', (r) => { try { return r.bytes.length === 0; } catch { return true; } });
    });`;
  const run = await runAndWatch(body, ['--target', origin.url]);
  const measured = onlyTest(run);
  expect(measured.status).toEqual({ 200: 1 });
  expect(measured.expected).toBe(1);
  expect(measured.checkFailed).toBe(0);
  expect(measured.bytesIn).toBeGreaterThan(1_000_000_000);
  expect(measured.bytesIn).toBeLessThan(1_000_001_000);
  expect(run.peakMb).toBeLessThan(300);
});

test("a gzip bomb goes off in nobody's memory", async () => {
  const origin = await startOrigin();
  const body = `loadTest('bomb', { load: perVuIterations({ vus: 1, iterations: 2 }) }, async ({ http, log }) => {
      const response = await http.get('/bomb?mb=300', { name: 'bomb' });
      try { log('length ' + response.text().length); } catch (error) { log('said: ' + (error as Error).message); }
    });`;
  const run = await runAndWatch(body, ['--target', origin.url]);
  const measured = onlyTest(run);
  expect(measured.requests).toBe(2);
  expect(measured.exceptions).toEqual([]);
  expect(run.peakMb).toBeLessThan(300);
  expect(run.stderr).toMatch(/said: the body of bomb cannot be read: the gzip body decodes to more than \d+ bytes/);
});

test('so much log that no disk keeps up is bounded too', async () => {
  const origin = await startOrigin();
  const body = `loadTest('chatty', { load: sharedIterations({ vus: 10, iterations: 2000 }) },
    async ({ http, log }) => { await http.get('/thing'); log('x'.repeat(10000)); });`;
  const run = await runAndWatch(body, ['--target', origin.url]);
  expect(onlyTest(run).expected).toBe(2000);
  expect(run.peakMb).toBeLessThan(350);
});
