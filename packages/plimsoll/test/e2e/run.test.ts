import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RunResult } from '../../src/model/result.ts';
import { Project, startTarget, type TestTarget } from '../support/cli.ts';

let target: TestTarget;
let project: Project;

beforeAll(async () => {
  target = await startTarget((request, response) => {
    response.statusCode = request.url === '/500' ? 500 : 200;
    response.end(JSON.stringify({ header: request.headers['x-key'] ?? null, port: process.pid }));
  });
});
afterAll(() => target.close());
beforeEach(() => {
  target.requests.length = 0;
  project = new Project({
    'plimsoll.config.ts': `import { defineConfig } from 'plimsoll';
      export default defineConfig({
        targets: { local: { url: '${target.url}', headers: { 'x-key': 'of the target' } } },
        suites: { smoke: ['first'] },
      });`,
  });
});
afterEach(() => project.remove());

function testFile(name: string, body: string, options = ''): string {
  return `import { group, loadTest, sharedIterations } from 'plimsoll';
    group('G', () => {
      loadTest('${name}', { load: sharedIterations({ vus: 2, iterations: 6 }), ${options} }, async ({ http, log }) => { ${body} });
    });`;
}

test('a test that holds passes: exit 0, every request made, everything stored', async () => {
  project.write('a.load.ts', testFile('first', "(await http.get('/a')).check('n', (r) => r.status === 200);"));
  const { code, stdout, stderr } = await project.plimsoll('run');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/✓ G › first/);
  expect(stdout).toContain('PASSED');
  expect(target.requests).toEqual(Array<string>(6).fill('GET /a'));
  const result = project.lastResult();
  expect(result).toMatchObject({ verdict: 'passed', target: target.url, command: 'plimsoll run' });
  const files = readdirSync(project.runs()[0]!).sort();
  expect(files).toEqual(['junit.xml', 'result.json', 'summary.md', 'timeline.ndjson']);
  expect(result.tests[0]).toMatchObject({
    requests: 6,
    iterations: 6,
    file: 'a.load.ts',
    checks: [{ name: 'n', passed: 6 }],
  });
});

test('the headers of the target and the defaults of the project reach every request', async () => {
  project.write('a.load.ts', testFile('first', "log((await http.get('/a')).json().header);"));
  const { stdout, stderr } = await project.plimsoll('run', '--iterations', '1');
  expect(stdout + stderr).toContain('of the target');
});

test('a threshold that does not hold fails: exit 1, marked', async () => {
  project.write('a.load.ts', testFile('first', "await http.get('/a');", "thresholds: ['latency.p50 < 0.001ms']"));
  const { code, stdout } = await project.plimsoll('run');
  expect(code).toBe(1);
  expect(stdout).toMatch(/✗ latency.p50 < 0.001ms/);
  expect(stdout).toContain('FAILED');
});

test('failing requests fail the test without a threshold of its own', async () => {
  project.write('a.load.ts', testFile('first', "await http.get('/500');"));
  const { code } = await project.plimsoll('run');
  expect(code).toBe(1);
  expect(project.lastResult().tests[0]).toMatchObject({ verdict: 'failed', success: 0, status: { '500': 6 } });
});

test('a test whose code throws is told with the place in the TypeScript', async () => {
  project.write('a.load.ts', testFile('first', "await http.get('/a');\n\n\n throw new TypeError('no such field');"));
  const { code, stdout } = await project.plimsoll('run');
  expect(code).toBe(1);
  expect(stdout).toContain('no such field');
  expect(project.lastResult().tests[0]?.exceptions[0]).toMatchObject({
    count: 6,
    message: expect.stringContaining('no such field') as string,
  });
  expect(project.lastResult().tests[0]?.exceptions[0]?.place).toContain('a.load.ts:6');
});

describe('what is run', () => {
  beforeEach(() => {
    project.write('a.load.ts', testFile('first', "await http.get('/a');"));
    project.write('sub/b.load.mts', testFile('second', "await http.get('/b');"));
  });

  async function requestsOf(...args: string[]): Promise<Set<string>> {
    const { code } = await project.plimsoll('run', ...args);
    expect(code).toBe(0);
    return new Set(target.requests);
  }

  test('is everything, in the order of the files', async () => {
    await project.plimsoll('run', '--iterations', '1');
    expect(target.requests).toEqual(['GET /a', 'GET /b']);
  });
  test('is chosen by name', async () => expect(await requestsOf('SECOND')).toEqual(new Set(['GET /b'])));
  test('is chosen by file', async () => expect(await requestsOf('sub/b.load.mts')).toEqual(new Set(['GET /b'])));
  test('is chosen by suite', async () => expect(await requestsOf('--suite', 'smoke')).toEqual(new Set(['GET /a'])));
  test('ends with the first that does not pass, when asked to', async () => {
    project.write('a.load.ts', testFile('first', "await http.get('/500');"));
    const { code } = await project.plimsoll('run', '--bail', '--iterations', '1');
    expect(code).toBe(1);
    expect(target.requests).toEqual(['GET /500']);
  });
  test('is only shown with --dry-run', async () => {
    const { code, stdout } = await project.plimsoll('run', '--dry-run', '--vus', '3');
    expect(code).toBe(0);
    expect(stdout).toContain('G › first');
    expect(stdout).toContain('6 iterations shared by 3 VUs');
    expect(target.requests).toEqual([]);
    expect(project.runs()).toEqual([]);
  });
});

test('--json prints exactly the stored result, and what a test logs goes elsewhere', async () => {
  project.write('a.load.ts', testFile('first', "log('said'); await http.get('/a');"));
  const { code, stdout, stderr } = await project.plimsoll('run', '--json');
  expect(code).toBe(0);
  expect(stdout).toBe(readFileSync(join(project.runs()[0]!, 'result.json'), 'utf8'));
  expect((JSON.parse(stdout) as RunResult).tests[0]?.requests).toBe(6);
  expect(stderr).toContain('said');
  expect(readFileSync(join(project.runs()[0]!, 'log.ndjson'), 'utf8').trim().split('\n')).toHaveLength(6);
});

test('--debug prints requests and answers', async () => {
  project.write('a.load.ts', testFile('first', "await http.get('/a?q=1');"));
  const { stdout, stderr } = await project.plimsoll('run', '--debug', '--iterations', '1');
  expect(stdout + stderr).toMatch(/GET \/a\?q=1/);
  expect(stdout + stderr).toMatch(/\b200\b/);
});

test('--env-file is read before the configuration and the tests', async () => {
  project.write('.env.load', 'PLIMSOLL_TEST_PATH=/from-env\n');
  project.write('a.load.ts', testFile('first', 'await http.get(process.env.PLIMSOLL_TEST_PATH);'));
  await project.plimsoll('run', '--env-file', '.env.load', '--iterations', '1');
  expect(target.requests).toEqual(['GET /from-env']);
});

test('rows of data go round by iteration, whatever the number of workers', async () => {
  project.write('users.csv', 'id\n1\n2\n3\n4\n5\n6\n');
  project.write(
    'a.load.ts',
    `import { csv, loadTest, sharedIterations } from 'plimsoll';
     const users = csv('users.csv', { order: 'unique' });
     loadTest('rows', { load: sharedIterations({ vus: 4, iterations: 6 }) }, async (context) => {
       await context.http.get('/u/{id}', { path: { id: users.row(context).id } });
     });`,
  );
  const { code } = await project.plimsoll('run', '--workers', '2');
  expect(code).toBe(0);
  expect(target.requests.toSorted()).toEqual([1, 2, 3, 4, 5, 6].map((id) => `GET /u/${id}`));

  project.write('users.csv', 'id\n1\n');
  const short = await project.plimsoll('run');
  expect(short.code).toBe(1);
  expect(short.stdout).toContain('users.csv has 1 row');
});

test('an unchanged project is not compiled again', async () => {
  project.write('a.load.ts', testFile('first', "await http.get('/a');"));
  expect((await project.plimsoll('run')).code).toBe(0);
  project.write('no-compiler', '');
  const withoutCompiler = { ESBUILD_BINARY_PATH: join(project.root, 'no-compiler') };
  expect((await project.start(['run'], withoutCompiler).finished).code).toBe(0);
  project.write('a.load.ts', testFile('renamed', "await http.get('/a');"));
  const { code, stderr } = await project.start(['run'], withoutCompiler).finished;
  expect(code).toBe(2);
  expect(stderr).toContain('esbuild, which compiles the test files, does not start');
});

test('report and analyse show a stored run again', async () => {
  project.write('a.load.ts', testFile('first', "await http.get('/a');"));
  await project.plimsoll('run');
  const again = await project.plimsoll('analyse');
  expect(again.code).toBe(0);
  expect(again.stdout).toContain('G › first');
  const json = await project.plimsoll('report', 'first', '--format', 'json');
  expect(JSON.parse(json.stdout)).toEqual(project.lastResult());
});

test('--env-file by the linked command: read where it exists; where not, told before anything is run', async () => {
  const linked = fileURLToPath(new URL('../../../../node_modules/.bin/plimsoll', import.meta.url));
  const start = (command: string, ...args: string[]) =>
    spawnSync(command, args, { cwd: project.root, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } });
  project.write('.env.load', 'A=1');
  project.write('a.load.ts', testFile('first', ''));
  expect(start(linked, 'run', '--env-file', '.env.load', '--dry-run')).toMatchObject({ status: 0 });
  const gone = start(linked, 'run', '--env-file', 'gone', '--dry-run');
  // 9: Node 20 looks for the option itself, behind the script's name too (docs/decisions/env-file-on-node-20.md).
  expect([2, 9]).toContain(gone.status);
  expect(gone.stderr).toContain('gone');
  const ours = start(process.execPath, '--', linked, 'run', '--env-file', 'gone', '--dry-run');
  expect(ours).toMatchObject({ status: 2, stderr: 'plimsoll: --env-file: gone cannot be read\n' });
});
