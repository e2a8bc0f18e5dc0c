/** docs/reference/configuration.md: keys from the schema, meanings from the types. */
import { join } from 'node:path';
import { commentOf, declarationsOf, membersOf } from './declarations.mjs';
import { memberTable } from './test-api-page.mjs';
import { assertSame, codeBlock, notice, paragraphs, plainText } from './markdown.mjs';

const example = `import { defineConfig } from 'plimsoll';

export default defineConfig({
  targets: {
    local: 'http://localhost:3000',
    staging: { url: 'https://staging.example.org/api', headers: { 'x-client': 'load-test' } },
  },
  defaultTarget: 'local',
  allow: ['staging.example.org'],
  serve: { command: 'npm start', url: 'http://localhost:3000/health' },
  suites: { smoke: ['dashboard', 'login.load.ts'] },
  thresholds: ['success >= 99%'],
  limits: { maxRate: 500, maxVus: 200 },
  http: { timeout: '10s' },
});`;

export function configurationPage(packageRoot, { configSchema }) {
  const of = (file, name) => declarationsOf(join(packageRoot, 'src/model', file), name)[0];
  const { shape } = configSchema;
  const section = (title, node, schema) => {
    const members = membersOf(node);
    assertSame(
      title,
      Object.keys(schema.shape),
      members.map(({ name }) => name.replace('?', '')),
    );
    return paragraphs(`## ${title}`, plainText(commentOf(node)), memberTable(members)).trimEnd();
  };
  const target = inner(shape.targets).valueType.options.find((option) => option.shape);
  const http = inner(shape.http);
  return paragraphs(
    notice('`src/model/config.ts` and the schema that checks it'),
    '# Configuration',
    'A file `plimsoll.config.ts` (or `.mts`, `.js`, `.mjs`) where you start plimsoll; `--config` names another. The folder it lies in is the project: test files are looked for below it. Everything is optional.',
    codeBlock(example, 'ts'),
    'An unknown key or a wrong value ends the run with exit code 2 before anything is sent, and with the name nearest to what was typed.',
    section('Config', of('config.ts', 'Config'), configSchema),
    section('TargetConfig', of('config.ts', 'TargetConfig'), target),
    section('ServeConfig', of('config.ts', 'ServeConfig'), inner(shape.serve)),
    'The service gets SIGTERM at the end, and SIGKILL after 5 s. What it prints goes to `log.ndjson`. It is not started when `--target` names another place.',
    section('LimitsConfig', of('config.ts', 'LimitsConfig'), inner(shape.limits)),
    section('HttpDefaults', of('suite.ts', 'HttpDefaults'), http),
    section('TlsOptions', of('plan.ts', 'TlsPlan'), inner(http.shape.tls)),
    '## Which target',
    'In this order: `--target`, `defaultTarget`, the only target, where `serve` listens. With none of them every URL in the tests has to be absolute.',
    'A host that is neither this machine nor in `allow` (or `--allow`) is refused before its name is looked up.',
  );
}

/** What an optional schema wraps. */
function inner(schema) {
  return schema.unwrap();
}
