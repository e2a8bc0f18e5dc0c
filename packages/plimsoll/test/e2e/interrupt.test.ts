import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Project, startTarget, type RunningCli, type TestTarget } from '../support/cli.ts';

let project: Project;
let target: TestTarget;

beforeEach(async () => {
  target = await startTarget();
  project = new Project({
    'long.load.ts': `import { constantVus, loadTest } from 'plimsoll';
      loadTest('long', { load: constantVus({ vus: 2, duration: '60s' }) }, async ({ http, sleep }) => {
        await http.get('/');
        await sleep('10ms');
      });`,
  });
});
afterEach(async () => {
  project.remove();
  await target.close();
});

/** Starts the long test and waits until its first seconds are on disk. */
async function inTheMiddle(): Promise<RunningCli> {
  const running = project.start(['run', '--target', target.url]);
  await until(() => {
    const [folder] = project.runs();
    return folder !== undefined && existsSync(join(folder, 'timeline.ndjson')) && secondsIn(folder) >= 2;
  });
  return running;
}

function secondsIn(folder: string): number {
  return readFileSync(join(folder, 'timeline.ndjson'), 'utf8').split('\n').length - 1;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((wake) => setTimeout(wake, 50));
}

test('Ctrl-C once stops, judges what there is, writes everything: exit 130', async () => {
  const { child, finished } = await inTheMiddle();
  child.kill('SIGINT');
  const { code, stdout, stderr } = await finished;
  expect(code).toBe(130);
  expect(stderr).toContain('Ctrl-C again');
  expect(stdout).toContain('INTERRUPTED');
  const result = project.lastResult();
  expect(result).toMatchObject({ verdict: 'interrupted', tests: [{ verdict: 'interrupted', stopped: 'interrupted' }] });
  expect(result.endedAt).not.toBeNull();
  expect(result.tests[0]?.books).toMatchObject({ balanced: true, breaches: [] });
  expect(result.tests[0]?.requests).toBe(target.requests.length);
});

test('Ctrl-C twice ends at once, and what is on disk can be read', async () => {
  project.write(
    'long.load.ts',
    `import { constantVus, loadTest } from 'plimsoll';
      loadTest('stubborn', { load: constantVus({ vus: 1, duration: '60s' }) }, async ({ http }) => {
        await http.get('/');
        await new Promise((done) => setTimeout(done, 60_000));
      });`,
  );
  const { child, finished } = await inTheMiddle();
  child.kill('SIGINT');
  await once(child.stderr, 'data');
  child.kill('SIGINT');
  expect((await finished).code).toBe(130);
  expect(project.lastResult().verdict).toBe('partial');
});

test('killed with SIGKILL, a partial result is left that says so', async () => {
  const { child, finished } = await inTheMiddle();
  child.kill('SIGKILL');
  expect((await finished).code).toBeNull();
  expect(project.lastResult()).toMatchObject({ verdict: 'partial', endedAt: null, tests: [{ verdict: 'partial' }] });
  const again = await project.plimsoll('analyse');
  expect(again.code).toBe(0);
  expect(again.stderr).toContain('cut off');
});

describe('standard output that nobody reads any more', () => {
  test('is no error of the run: everything is written, and the verdict decides', async () => {
    const { child, finished } = project.start(['run', '--target', target.url, '--iterations', '3']);
    child.stdout.destroy();
    const { code, stderr } = await finished;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(project.lastResult()).toMatchObject({ verdict: 'passed', tests: [{ iterations: 3 }] });
  });
});
