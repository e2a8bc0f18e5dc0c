import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Project } from '../support/cli.ts';

let project: Project;
let url: string;

beforeEach(async () => {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  url = `http://127.0.0.1:${port}`;
  project = new Project({
    'server.mjs': `import { createServer } from 'node:http';
      console.log('listening soon');
      createServer((_, response) => response.end('ok')).listen(${port}, '127.0.0.1');`,
    'a.load.ts': `import { loadTest, sharedIterations } from 'plimsoll';
      loadTest('first', { load: sharedIterations({ vus: 1, iterations: 3 }) }, async ({ http }) => { await http.get('/'); });`,
  });
});
afterEach(() => project.remove());

function configure(command: string, more = ''): void {
  project.write('plimsoll.config.mjs', `export default { serve: { command: '${command}', url: '${url}/', ${more} } };`);
}

test('the service is started before and stopped after the run; what it prints is in the log', async () => {
  configure('node server.mjs');
  const { code } = await project.plimsoll('run');
  expect(code).toBe(0);
  expect(project.lastResult()).toMatchObject({ verdict: 'passed', target: url });
  expect(readFileSync(join(project.runs()[0]!, 'log.ndjson'), 'utf8')).toContain('service: listening soon');
  await expect(fetch(url)).rejects.toThrow();
});

test('a service that dies at its start: exit 4 with its last lines', async () => {
  project.write('server.mjs', 'console.error("no such table"); process.exit(1);');
  configure('node server.mjs');
  const { code, stderr } = await project.plimsoll('run');
  expect(code).toBe(4);
  expect(stderr).toContain('the service ended with exit code 1 before it was ready');
  expect(stderr).toContain('no such table');
});

test('a service that is never ready: exit 4 after its time', async () => {
  project.write('server.mjs', 'setInterval(() => {}, 1000);');
  configure('node server.mjs', "timeout: '500ms'");
  const { code, stderr } = await project.plimsoll('run');
  expect(code).toBe(4);
  expect(stderr).toContain('within 0.5 s');
});

test.each(['SIGINT', 'SIGHUP'] as const)('%s while the service starts stops it too', async (signal) => {
  project.write('server.mjs', 'console.log(process.pid); setInterval(() => {}, 1000);');
  configure(`node server.mjs > pid.txt`);
  const { child, finished } = project.start(['run']);
  let pid = 0;
  while (pid === 0) {
    await new Promise((wake) => setTimeout(wake, 50));
    try {
      pid = Number(readFileSync(join(project.root, 'pid.txt'), 'utf8'));
    } catch {
      // Not started yet.
    }
  }
  child.kill(signal);
  expect((await finished).code).toBe(130);
  // Where nobody collects orphans, a dead process is still listed, as a zombie.
  await expect.poll(() => isRunning(pid)).toBe(false);
});

function isRunning(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}

test('a project made by init runs as it is', async () => {
  const fresh = new Project();
  try {
    expect((await fresh.plimsoll('init')).code).toBe(0);
    const again = await fresh.plimsoll('init');
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('nothing was written');
    // The example's port is fixed, and other tests may run at the same time.
    for (const path of ['plimsoll.config.ts', 'loadtests/example-server.mjs']) {
      const text = readFileSync(join(fresh.root, path), 'utf8');
      expect(text).toContain('4567');
      fresh.write(path, text.replaceAll('4567', new URL(url).port));
    }
    const { code, stdout } = await fresh.plimsoll('run', '--duration', '1s');
    expect(code, stdout).toBe(0);
    expect(stdout).toContain('GET /products/{id}');
  } finally {
    fresh.remove();
  }
});
