/** The TypeScript in the documents compiles against the types that are shipped, as strictly as our own. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'plimsoll-documents-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Whole examples: those that import plimsoll. */
function examples(): Map<string, string> {
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((path) => `docs/${path}`);
  const found = new Map<string, string>();
  for (const document of [...docs.filter((path) => path.endsWith('.md')), 'README.md', 'packages/plimsoll/README.md']) {
    const blocks = [...readFileSync(join(root, document), 'utf8').matchAll(/^```ts\n(.*?)^```/gms)];
    for (const [number, block] of blocks.entries()) {
      const code = block[1]!;
      if (!code.includes("from 'plimsoll'")) continue;
      const where = document.replace(/\.md$/, '').replaceAll('/', '-');
      found.set(`${where}-${number + 1}.ts`, code);
    }
  }
  return found;
}

const compilerOptions = {
  target: 'es2023',
  lib: ['es2023'],
  module: 'nodenext',
  moduleDetection: 'force',
  typeRoots: [join(root, 'node_modules/@types')],
  types: ['node'],
  paths: { plimsoll: [join(root, 'packages/plimsoll/dist/index.d.ts')] },
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noEmit: true,
};

test('every example in the documents compiles', () => {
  const all = examples();
  expect(all.size).toBeGreaterThan(8);
  for (const [name, code] of all) writeFileSync(join(folder, name), code);
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const { stdout } = spawnSync(process.execPath, [compiler, '--project', folder], { cwd: folder, encoding: 'utf8' });
  expect(stdout).toBe('');
});
