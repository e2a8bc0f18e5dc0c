/** A run that does not come to its end: what was measured until then is there. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startOrigin, type Origin } from '../../support/origin.ts';
import { expectBalanced, makeProject, onlyTest, type CliProcess, type Project } from '../../support/run-cli.ts';

async function startLongRun(origin: Origin, project: Project): Promise<CliProcess> {
  const cli = project.start(['quick', `${origin.url}/delay?ms=20`, '-c', '5', '-d', '60s']);
  await expect
    .poll(async () => (await origin.record()).paths['/delay']?.arrived ?? 0, { timeout: 15_000, interval: 50 })
    .toBeGreaterThan(100);
  return cli;
}

test.for(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s once: judged, written, exit code 130', async (signal) => {
  const origin = await startOrigin();
  const project = makeProject();
  const cli = await startLongRun(origin, project);
  cli.signal(signal);
  const run = await cli.end();
  expect(run.code).toBe(130);
  expectBalanced(run.result);
  const measured = onlyTest(run);
  expect(run.result!.verdict).toBe('interrupted');
  expect(run.result!.endedAt).not.toBeNull();
  expect(measured.stopped).toBe('interrupted');
  expect(measured.expected + measured.unfinished).toBeGreaterThan(100);
  expect(measured.requests).toBe((await origin.path()).arrived);
  for (const file of ['junit.xml', 'summary.md', 'timeline.ndjson'])
    expect(existsSync(join(run.folder!, file)), file).toBe(true);
  expect(run.stderr).toContain('Ctrl-C again');
});

test('Ctrl-C twice: ends at once, and the last whole second is on disk', async () => {
  const origin = await startOrigin();
  const project = makeProject({
    'a.load.ts': `import { constantVus, loadTest } from 'plimsoll';
      loadTest('slow to end', { load: constantVus({ vus: 2, duration: '60s' }), gracefulStop: '30s' },
        async ({ http }) => { await http.get('/thing'); await http.get('/never'); });`,
  });
  const cli = project.start(['run', '--target', origin.url]);
  await expect
    .poll(async () => (await origin.record()).paths['/never']?.arrived ?? 0, { timeout: 15_000, interval: 50 })
    .toBe(2);
  await new Promise((done) => setTimeout(done, 1200));
  cli.signal('SIGINT');
  await cli.says('Ctrl-C again');
  const secondMs = performance.now();
  cli.signal('SIGINT');
  const run = await cli.end();
  expect(performance.now() - secondMs).toBeLessThan(1500);
  expect(run.code).toBe(130);
  expect(run.result!.tests[0]?.requests).toBeGreaterThan(0);
});

test('kill -9 after 3 s leaves a readable partial result, marked as such', async () => {
  const origin = await startOrigin();
  const project = makeProject();
  const cli = await startLongRun(origin, project);
  await new Promise((done) => setTimeout(done, 3000));
  cli.signal('SIGKILL');
  const run = await cli.end();
  expect(run.signal).toBe('SIGKILL');
  const { arrived } = await origin.path();
  expect(run.result!.verdict).toBe('partial');
  expect(run.result!.endedAt).toBeNull();
  expectBalanced(run.result);
  const measured = onlyTest(run);
  // At most the last second and a bit is missing: 5 connections, 20 ms each, are 250 requests a second.
  expect(measured.requests).toBeGreaterThan(arrived - 500);
  expect(measured.latency.p50).toBeGreaterThan(19);
  const lines = readFileSync(join(run.folder!, 'timeline.ndjson'), 'utf8').trim().split('\n');
  expect(lines.length).toBeGreaterThanOrEqual(2);
  const seconds = lines.map((line) => (JSON.parse(line) as { second: number }).second);
  expect(seconds[0]).toBe(0);
  expect(seconds).toEqual([...new Set(seconds)].sort((a, b) => a - b));

  const again = await project.run(['report']);
  expect(again.code).toBe(0);
  expect(again.stdout).toMatch(/partial/i);
});
