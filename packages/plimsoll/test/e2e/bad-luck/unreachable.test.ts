/** A target that cannot be reached is told apart from one that fails: exit code 4, nothing sent, one sentence. */
import { expect, test } from 'vitest';
import { authority, type CertificateName } from '../../support/certificates.ts';
import { freePort } from '../../support/dialling.ts';
import { startOrigin } from '../../support/origin.ts';
import { everything, makeProject, type CliRun } from '../../support/run-cli.ts';

function expectUnreachable({ code, stderr, result, folder }: CliRun, sentence: string | RegExp): void {
  expect(stderr).toMatch(sentence);
  expect(stderr).not.toContain('    at ');
  expect(code).toBe(4);
  expect(result!.verdict).toBe('unreachable');
  expect(result!.tests).toEqual([]);
  expect(result!.problems).toHaveLength(1);
  expect(result!.problems[0]).toMatch(sentence);
  expect(folder).toBeDefined();
}

/** A test that trusts our authority, against a server with one of its certificates. */
async function runAgainst(certificate: CertificateName): Promise<CliRun & { arrived: number }> {
  const origin = await startOrigin({ tls: certificate });
  const file = `${everything}
    loadTest('secure', {
      load: sharedIterations({ vus: 2, iterations: 10 }),
      http: { tls: { ca: ${JSON.stringify(authority)} } },
    }, async ({ http }) => { await http.get('/thing'); });`;
  const run = await makeProject({ 'a.load.ts': file }).run(['run', '--target', `https://localhost:${origin.port}`]);
  const { paths } = await origin.record();
  return { ...run, arrived: Object.keys(paths).length };
}

test('a target that is down', async () => {
  const port = await freePort();
  const run = await makeProject().run(['quick', `http://127.0.0.1:${port}/`]);
  expectUnreachable(run, `cannot reach http://127.0.0.1:${port}: 127.0.0.1:${port} refused the connection — start`);
});

test('a target that is down, for a test file', async () => {
  const port = await freePort();
  const file = `${everything}
    loadTest('a', { load: constantVus({ vus: 1, duration: '1s' }) }, async ({ http }) => { await http.get('/'); });`;
  const run = await makeProject({ 'a.load.ts': file }).run(['run', '--target', `http://127.0.0.1:${port}`]);
  expectUnreachable(run, `cannot reach http://127.0.0.1:${port}: 127.0.0.1:${port} refused the connection — start`);
});

test('a name that does not exist', async () => {
  const run = await makeProject().run(['quick', 'http://no-such-host.invalid/', '--allow', 'no-such-host.invalid']);
  expectUnreachable(run, /cannot reach http:\/\/no-such-host\.invalid: the name .*no-such-host\.invalid/);
});

test('a certificate for another name', async () => {
  const run = await runAgainst('wrong-name');
  expectUnreachable(run, /the certificate of localhost:\d+ is for another name: it names other\.example/);
  expect(run.arrived).toBe(0);
});

test('a certificate that has expired', async () => {
  const run = await runAgainst('expired');
  expectUnreachable(run, /the certificate of localhost:\d+ has expired/);
  expect(run.arrived).toBe(0);
});

test('a certificate that nobody here trusts', async () => {
  const run = await runAgainst('self-signed');
  expectUnreachable(run, /the certificate of localhost:\d+ is self-signed; give it as `tls\.ca`/);
});

test('the right certificate passes: the others fail for their own fault', async () => {
  const run = await runAgainst('server');
  expect(run.code).toBe(0);
  expect(run.arrived).toBe(1);
});

test('an authority that one of several tests does not trust: nothing is sent for the others either', async () => {
  const origin = await startOrigin({ tls: 'server' });
  const test = (name: string, tls: string) => `loadTest('${name}', {
      load: sharedIterations({ vus: 1, iterations: 1 }), http: { tls: ${tls} },
    }, async ({ http }) => { await http.get('/thing'); });`;
  const ours = JSON.stringify({ ca: authority });
  const file = [everything, test('first', ours), test('second', ours), test('third', '{}')].join('\n');
  const args = ['run', '--target', `https://localhost:${origin.port}`];
  const run = await makeProject({ 'a.load.ts': file }).run(args);
  expectUnreachable(run, /cannot reach https:\/\/localhost:\d+ as 'third' asks for: the issuer of the certificate of/);
  const { paths, connections } = await origin.record();
  expect(paths).toEqual({});
  // Of the first two only one asked.
  expect(connections.opened).toBeLessThanOrEqual(2);
});

test('a port that speaks no TLS', async () => {
  const origin = await startOrigin();
  const run = await makeProject().run(['quick', `https://127.0.0.1:${origin.port}/`]);
  expectUnreachable(run, 'does not speak TLS; is it an http:// address?');
});

test('a source address that this machine does not have: the hint is about that, and not about the server', async () => {
  const origin = await startOrigin();
  const args = ['quick', origin.url, '-n', '1', '--source-address', '203.0.113.9'];
  const { code, stderr } = await makeProject().run(args);
  expect(code).toBe(4);
  expect(stderr.replaceAll(/\s+/g, ' ')).toContain('give --source-address one that this machine has');
  expect(stderr).not.toContain('start the server');
});

test('quick, which has no targets, does not send anybody to --target', async () => {
  const { code, stderr } = await makeProject().run(['quick', 'http://127.0.0.1:1', '-n', '1']);
  expect(code).toBe(4);
  expect(stderr).toContain('start the server');
  expect(stderr).not.toContain('--target');
});
