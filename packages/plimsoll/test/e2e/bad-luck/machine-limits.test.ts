/** This machine, not the target, cannot do what was asked for. */
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startOrigin } from '../../support/origin.ts';
import { makeProject, onlyTest, quick } from '../../support/run-cli.ts';

/** Own mounts, own network: where the kernel or the container forbids them, the case cannot be made. */
function canUnshare(flags: string): boolean {
  return process.platform === 'linux' && spawnSync('unshare', [flags, 'true'], { stdio: 'ignore' }).status === 0;
}
const hasIp = spawnSync('ip', ['-V'], { stdio: 'ignore' }).status === 0;

test('more VUs than open files: said before anything is sent', async () => {
  const origin = await startOrigin();
  const run = await makeProject().run(['quick', origin.url, '-c', '200'], { shell: 'ulimit -n 150' });
  expect(run.code).toBe(2);
  expect(run.stderr).toMatch(
    /needs 200 connections, and this shell allows 150 open files — no more than 150, the hard limit, can be had/,
  );
  expect(run.result).toBeUndefined();
  expect((await origin.record()).paths).toEqual({});
});

test('a test that grows beyond the limit of open files: invalid, and the rest is counted', async () => {
  const origin = await startOrigin();
  const args = ['-r', '100', '-d', '4s'];
  const run = await quick(`${origin.url}/delay?ms=2500`, args, { shell: 'ulimit -n 150' });
  const { answered } = await origin.path();
  expect(run.test.errors['file-limit']).toBeGreaterThan(20);
  expect(run.test.expected).toBe(answered['200']);
  expect(run.test.validity.state).toBe('INVALID');
  expect(run.test.validity.reasons.map((reason) => reason.code)).toContain('file-limit');
  expect(run.stderr).toContain('open files');
  // Also where no file could be opened for the results of some moment.
  expect(run.code).toBe(3);
});

test.runIf(hasIp && canUnshare('-rn'))(
  'no local port left: invalid, and those with a connection are served',
  async () => {
    const project = makeProject({
      'server.mjs': `import { createServer } from 'node:http';
      import { writeFileSync } from 'node:fs';
      createServer((_, response) => setTimeout(() => response.end('ok'), 20))
        .listen(8080, '127.0.0.1', () => writeFileSync('listening', ''));`,
    });
    // The server shares the network of the tool, and its group, with which it is ended.
    const shell = [
      'ip link set lo up',
      'echo "40000 40020" > /proc/sys/net/ipv4/ip_local_port_range',
      `"${process.execPath}" server.mjs >/dev/null 2>&1 &`,
      'while [ ! -e listening ]; do sleep 0.05; done',
    ].join('\n');
    const args = ['quick', 'http://127.0.0.1:8080/', '-c', '50', '-d', '2s', '--json'];
    const run = await project.run(args, { through: ['unshare', '-rn'], shell });
    const measured = onlyTest(run);
    expect(run.code).toBe(3);
    expect(measured.errors['port-limit']).toBeGreaterThan(100);
    expect(measured.validity.reasons.map((reason) => reason.code)).toContain('port-limit');
    // 20 connections, 20 ms each, for 2 s: 2,000 answers if nobody takes their turn away.
    expect(measured.expected).toBeGreaterThan(500);
  },
);

test.runIf(canUnshare('-rm'))(
  'a disk that is full: the run goes on, and what could not be stored is said once',
  async () => {
    const origin = await startOrigin();
    const project = makeProject({ '.plimsoll/runs/.gitignore': '*\n' });
    const shell = 'mount -t tmpfs -o size=40k none .plimsoll';
    const args = ['quick', `${origin.url}/thing`, '-c', '5', '-d', '3s', '--json'];
    const run = await project.run(args, { through: ['unshare', '-rm'], shell });
    expect(run.code).toBe(5);
    const measured = onlyTest(run);
    expect(measured.expected).toBe((await origin.path()).answered['200']);
    expect(run.stderr.match(/the disk is full/g)).toHaveLength(1);
    expect(run.result!.problems.join()).toContain('the disk is full');
    expect(run.result!.verdict).toBe('broken');
  },
);

test('a store that cannot be written to: the same', async () => {
  const origin = await startOrigin();
  // A file where the folder should be, so that root is refused too.
  const project = makeProject({ '.plimsoll': 'a file' });
  const run = await project.run(['quick', `${origin.url}/thing`, '-n', '100', '--json']);
  expect(run.code).toBe(5);
  expect(onlyTest(run).expected).toBe(100);
  expect(run.stderr).toContain('results cannot be written to');
});

test('nobody reads standard output any more: the run is finished, stored and judged', async () => {
  const origin = await startOrigin();
  const project = makeProject();
  const run = await project.run(['quick', `${origin.url}/every/2/500`, '-n', '4000', '-c', '2'], {
    stopsReading: true,
  });
  expect(run.code).toBe(1);
  expect(run.result!.verdict).toBe('failed');
  expect(onlyTest(run).requests).toBe(4000);
  expect(run.stderr).toBe('');
});

test('| head, as a shell does it', async () => {
  const origin = await startOrigin();
  const project = makeProject();
  writeFileSync(join(project.root, 'piped.sh'), `"$@" | head -n 1; echo "code $?"\n`);
  const cli = join(import.meta.dirname, '../../../dist/cli/main.js');
  const out = execFileSync(
    'bash',
    ['-o', 'pipefail', 'piped.sh', process.execPath, cli, 'quick', `${origin.url}/thing`, '-n', '3000'],
    { cwd: project.root, encoding: 'utf8' },
  );
  expect(out).toMatch(/started\ncode 0\n$/);
});
