/** The files that `plimsoll init` writes: a project whose first run passes. */

export interface ProjectFile {
  /** From the project's root, with '/'. */
  readonly path: string;
  readonly text: string;
}

export interface FirstProject {
  readonly language: 'ts' | 'js';
  /** The service to load; without one, a small example server is written too. */
  readonly target?: string | undefined;
}

const exampleUrl = 'http://127.0.0.1:4567';

export function firstProject({ language, target }: FirstProject): ProjectFile[] {
  const files = [
    { path: `plimsoll.config.${language === 'ts' ? 'ts' : 'mjs'}`, text: configText(target) },
    { path: `loadtests/first.load.${language === 'ts' ? 'ts' : 'mjs'}`, text: testText(language, target) },
  ];
  return target === undefined ? [...files, { path: 'loadtests/example-server.mjs', text: serverText }] : files;
}

function configText(target: string | undefined): string {
  const lines = target === undefined ? exampleSettings : settingsFor(target);
  return `import { defineConfig } from 'plimsoll';

export default defineConfig({
${lines.map((line) => (line === '' ? '' : `  ${line}`)).join('\n')}

  // For every test, beside its own.
  thresholds: ['success >= 99%'],

  // No test may ask for more than this, whatever is typed.
  limits: { maxRate: 1000, maxVus: 500 },
});
`;
}

const exampleSettings = [
  '// Where the tests go. Put your own service here, and remove the example.',
  `targets: { local: '${exampleUrl}' },`,
  '',
  '// Started before the run and stopped after it. Remove it when your service runs by itself.',
  `serve: { command: 'node loadtests/example-server.mjs', url: '${exampleUrl}/health' },`,
];

function settingsFor(target: string): string[] {
  const { hostname } = new URL(target);
  const isLocal = /^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
  return [
    '// Where the tests go; `plimsoll run --target NAME` chooses.',
    `targets: { first: '${target}' },`,
    ...(isLocal ? [] : ['', '// Hosts other than this machine have to be allowed.', `allow: ['${hostname}'],`]),
  ];
}

function testText(language: 'ts' | 'js', target: string | undefined): string {
  const body = target === undefined ? exampleBody(language) : ownBody;
  return `import { constantVus, group, loadTest } from 'plimsoll';

group('first', () => {
  loadTest(
    'visitors',
    {
      // Five visitors at once for ten seconds. Other models: constantArrivalRate, rampingVus, sharedIterations …
      load: constantVus({ vus: 5, duration: '10s' }),
      // What has to hold, or the run fails with exit code 1.
      thresholds: ['latency.p95 < 500ms', 'success >= 99%'],
    },
${body}      // Visitors look around; without a pause each of them would ask as fast as it can.
      await sleep('100ms');
    },
  );
});
`;
}

function exampleBody(language: 'ts' | 'js'): string {
  const type = language === 'ts' ? '<{ price: number }>' : '';
  return `    async ({ http, random, sleep }) => {
      const product = await http.get('/products/{id}', { path: { id: random.integer(1, 100) } });
      product.check('has a price', (r) => r.json${type}().price > 0);
`;
}

const ownBody = `    async ({ http, sleep }) => {
      const page = await http.get('/');
      page.check('has a body', (r) => r.text().length > 0);
`;

const serverText = `// A server to try the first test on. Replace it by your own service.
import { createServer } from 'node:http';

const server = createServer((request, response) => {
  const id = /^\\/products\\/(\\d+)$/.exec(request.url)?.[1];
  const found = id !== undefined || request.url === '/health';
  response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
  response.end(JSON.stringify(id === undefined ? { ok: found } : { id: Number(id), price: 9.99 }));
});

server.listen(4567, '127.0.0.1');
`;
