/** What a run must not keep: each secret is looked for in every file of its folder, and in all that is printed. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { Project, startTarget, type Finished, type TestTarget } from '../support/cli.ts';

let target: TestTarget;
let project: Project;
/** The headers and the body of each request. */
const received: string[] = [];

beforeAll(async () => {
  target = await startTarget((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      received.push(`${JSON.stringify(request.headers)} ${body}`);
      response.setHeader('set-cookie', 'sid=zq-set-cookie');
      response.statusCode = request.url === '/gone' ? 404 : 200;
      response.end('{"token":"zq-answer"}');
    });
  });
});
afterAll(() => target.close());
beforeEach(() => {
  received.length = 0;
  project = new Project();
});
afterEach(() => project.remove());

/** Everything in the folder of the only run, file by file. */
function storedFiles(): Record<string, string> {
  const [folder] = project.runs();
  const names = readdirSync(folder!);
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder!, name), 'utf8')]));
}

function expectNowhere(secrets: readonly string[], places: Readonly<Record<string, string>>): void {
  const found = Object.entries(places).flatMap(([place, text]) =>
    secrets.filter((secret) => text.includes(secret)).map((secret) => `${secret} in ${place}`),
  );
  expect(found).toEqual([]);
}

const basic = (password: string): string => Buffer.from(`me:${password}`).toString('base64');

test('run: tokens, cookies, bodies and passwords are sent, and stay out of everything that is kept', async () => {
  const { port } = target;
  project.write(
    'plimsoll.config.ts',
    `import { defineConfig } from 'plimsoll';
     const http = { bearer: 'zq-bearer', headers: { 'X-Api-Key': 'zq-api-key', cookie: 'a=zq-cookie' } };
     export default defineConfig({ targets: { local: 'http://me:zq-target@127.0.0.1:${port}' }, http });`,
  );
  const there = `http://me:zq-url@localhost:${port}`;
  project.write(
    'a.load.ts',
    `import { loadTest, perVuIterations } from 'plimsoll';
     loadTest('secrets', { load: perVuIterations({ vus: 1, iterations: 1 }) }, async ({ http, ws, sse }) => {
       await http.post('/a', { json: { password: 'zq-body' }, bearer: 'zq-own-bearer' });
       await http.get('/b?access_token=zq-query');
       await http.get('/c', { basic: { user: 'me', password: 'zq-basic' } });
       await ws.connect('${there.replace('http', 'ws')}/socket');
       await sse.connect('${there}/events');
       await http.get('${there}/d');
       (await http.get('${there}/gone')).orThrow();
     });`,
  );
  const { code, stdout } = await project.plimsoll('run');
  expect(code).toBe(1);
  expect(stdout).toContain(`GET http://localhost:${port}/gone`);
  const sent = received.join('\n');
  for (const secret of ['zq-api-key', 'zq-cookie', 'zq-body', 'zq-own-bearer', basic('zq-basic'), basic('zq-url')]) {
    expect(sent).toContain(secret);
  }
  const files = storedFiles();
  expect(Object.keys(files)).toEqual(expect.arrayContaining(['result.json', 'timeline.ndjson', 'summary.md']));
  const encoded = ['zq-basic', 'zq-url', 'zq-target'].map(basic);
  expectNowhere(['zq-', ...encoded], { ...files, 'standard output': stdout });
});

test('--debug prints requests and answers, and keeps neither', async () => {
  project.write(
    'a.load.ts',
    `import { loadTest, perVuIterations } from 'plimsoll';
     loadTest('secrets', { load: perVuIterations({ vus: 1, iterations: 1 }) }, async ({ http, log }) => {
       await http.post('/a', { json: { password: 'zq-body' }, bearer: 'zq-bearer' });
       log('a line of the test');
     });`,
  );
  const { code, stderr } = await project.plimsoll('run', '--debug', '--target', target.url);
  expect(code).toBe(0);
  expect(stderr).toContain('zq-body');
  expect(stderr).toContain('zq-answer');
  expectNowhere(['zq-bearer', 'zq-set-cookie'], { 'standard error': stderr });
  const files = storedFiles();
  expect(files['log.ndjson']).toContain('a line of the test');
  expectNowhere(['zq-'], files);
});

test('quick: headers, the body and the password of the URL are not in what it keeps or prints', async () => {
  const url = `me:zq-url@127.0.0.1:${target.port}/x?token=zq-query`;
  const headers = ['-H', 'X-Api-Key: zq-api-key', '-H', 'Authorization: Bearer zq-bearer', '-H', 'Cookie: a=zq-cookie'];
  const words = ['quick', url, '-n', '2', ...headers, '--body', 'zq-body', '-m', 'POST'];
  const run: Finished = await project.plimsoll(...words);
  expect(run.code).toBe(0);
  expect(received.join()).toMatch(/zq-api-key.*zq-cookie.*zq-body/);
  const files = storedFiles();
  expect(files['result.json']).toContain(`http://***@127.0.0.1:${target.port}/x?token=***`);
  expectNowhere(['zq-', basic('zq-url')], { ...files, 'standard output': run.stdout, 'standard error': run.stderr });
  const unstored = await project.plimsoll(...words, '--json', '--no-store');
  expectNowhere(['zq-'], { 'standard output': unstored.stdout });
});
