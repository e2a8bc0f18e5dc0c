/** What `npm pack` makes, installed into an empty project: the command runs there, and the types compile. */
import { execFile } from 'node:child_process';
import { chownSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const packageRoot = fileURLToPath(new URL('../..', import.meta.url));
const compiler = fileURLToPath(new URL('../../../../node_modules/typescript/bin/tsc', import.meta.url));
const project = mkdtempSync(join(tmpdir(), 'plimsoll-packed-'));
const bin = join(project, 'node_modules/.bin/plimsoll');

interface Ended {
  readonly code: number;
  readonly said: string;
}

interface User {
  readonly uid?: number;
  readonly gid?: number;
}

function ran(command: string, args: readonly string[], cwd = project, user: User = {}): Promise<Ended> {
  // npm passes its own settings on to what it runs: the workspace's must not reach the project.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_|^FORCE_COLOR$|^CI$/.test(name)),
  );
  return new Promise((done) => {
    execFile(command, args, { cwd, env: { ...env, NO_COLOR: '1' }, ...user }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      done({ code, said: stdout + stderr });
    });
  });
}

/** Root may do what its users may not: where root runs the tests, it is nobody who uses the package, in a folder of its own. */
async function ordinaryUser(): Promise<User> {
  if (process.getuid?.() !== 0) return {};
  const nobody = { uid: 65_534, gid: 65_534 };
  // Node may lie in a folder of root's.
  if ((await ran('node', ['--version'], '/', nobody)).code !== 0) return {};
  chownSync(project, nobody.uid, nobody.gid);
  return nobody;
}

beforeAll(async () => {
  // What is built is packed as it is: other tests run it at this moment.
  const packed = await ran('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', project], packageRoot);
  const [{ filename }] = JSON.parse(packed.said) as [{ filename: string }];
  writeFileSync(join(project, 'package.json'), '{ "name": "empty", "type": "module", "private": true }');
  const quietly = ['--prefer-offline', '--no-audit', '--no-fund'];
  const installed = await ran('npm', ['install', ...quietly, join(project, filename)]);
  expect(installed, installed.said).toMatchObject({ code: 0 });
}, 180_000);
afterAll(() => rmSync(project, { recursive: true, force: true }));

test('the command says its version', async () => {
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string };
  expect(await ran(bin, ['--version'])).toEqual({ code: 0, said: `${version}\n` });
});

test('a first project, written by it, runs against a server, for an ordinary user', { timeout: 60_000 }, async () => {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url ?? '');
    response.end('{}');
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const user = await ordinaryUser();
    expect(await ran(bin, ['init', url], project, user)).toMatchObject({ code: 0 });
    const run = await ran(bin, ['run', '--duration', '1s'], project, user);
    const { uid = process.getuid?.() } = user;
    expect(statSync(join(project, '.plimsoll')).uid, run.said).toBe(uid);
    // 3 on a machine too busy to measure: it ran all the same.
    expect([0, 3], run.said).toContain(run.code);
    expect(paths.length, run.said).toBeGreaterThan(1);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

const example = `import { constantVus, csv, defineConfig, group, loadTest, metric } from 'plimsoll';
const sold = metric.counter('sold');
group('shop', () => {
  loadTest(
    'buy',
    { load: constantVus({ vus: 1, duration: '1s' }), thresholds: ['success >= 95%', 'GET /: latency.p95 < 2s'] },
    async ({ http, signal, sleep }) => {
      const answer = await http.get('/', { signal });
      answer.check('is whole', (response) => response.json<{ n: number }>().n > 0 && !signal.aborted);
      sold.add();
      await sleep('10ms');
    },
  );
});
void csv;
export default defineConfig({ targets: { local: 'http://127.0.0.1:1' } });
`;

test.each([
  ['neither', ['es2022'], example],
  ["the DOM's", ['es2022', 'dom'], `${example}const whole = (signal: AbortSignal) => signal;\nvoid whole;\n`],
])('its types compile, strictly, in a project with %s types', { timeout: 60_000 }, async (_, lib, text) => {
  writeFileSync(join(project, 'example.ts'), text);
  const compilerOptions = { noEmit: true, strict: true, module: 'nodenext', target: 'es2022', lib, types: [] };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['example.ts'] }));
  expect(await ran(process.execPath, [compiler, '-p', project])).toEqual({ code: 0, said: '' });
});
