import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { TestFileError } from '../kernel/errors.ts';
import { bundleTestFiles } from './bundle.ts';
import type { OwnPackage } from './own-package.ts';

let root: string;
let own: OwnPackage;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'plimsoll-bundle-')));
  const entry = join(root, 'plimsoll.mjs');
  writeFileSync(
    entry,
    "globalThis[Symbol.for('plimsoll.registry')] = globalThis.madeByPlimsoll; export const loadTest = 0;",
  );
  own = { root: '', version: '1.2.3', entryUrl: pathToFileURL(entry).href };
});
afterEach(() => {
  vi.unstubAllGlobals();
  rmSync(root, { recursive: true });
});

const bundleFiles = (files: readonly string[]) => bundleTestFiles(root, files, own);

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  // Written "long ago", so that it does not count as changed during the compilation.
  utimesSync(join(root, path), 1_000_000, 1_000_000);
}

/** Imports the bundle with a stand-in for the registry; returns what the files pushed to `globalThis.seen`. */
async function run(path: string): Promise<unknown[]> {
  const seen: unknown[] = [];
  vi.stubGlobal('seen', seen);
  vi.stubGlobal('push', (value: unknown) => seen.push(value));
  const registry = {
    root: '',
    groups: ['left over'],
    set file(path: string) {
      if (path) seen.push(`begin ${path}`);
    },
  };
  vi.stubGlobal('madeByPlimsoll', registry);
  await import(/* @vite-ignore */ `${pathToFileURL(path).href}?${Math.random()}`);
  expect(registry).toMatchObject({ root, groups: [] });
  return seen;
}

test('each file is announced before its code runs, in order, and shared TypeScript is bundled', async () => {
  write('shared/count.ts', 'let n = 0; export const next = (): number => ++n;');
  write('b.load.ts', "import { next } from './shared/count'; enum Kind { A = 7 } push(next() as number + Kind.A);");
  write('a.load.ts', "import { next } from './shared/count.ts'; await Promise.resolve(); push(next());");
  const { path } = await bundleFiles(['a.load.ts', 'b.load.ts']);
  expect(await run(path)).toEqual(['begin a.load.ts', 1, 'begin b.load.ts', 9]);
});

test('the place of the code is that of the source', async () => {
  write('deep/a.load.ts', '#!/usr/bin/env node\npush([import.meta.url, __dirname, __filename]);');
  write('b.load.ts', "import './deep/a.load.ts'; push(import.meta.url); export const require = 1;");
  const { path } = await bundleFiles(['b.load.ts']);
  const source = join(root, 'deep/a.load.ts');
  expect(await run(path)).toEqual([
    'begin b.load.ts',
    [pathToFileURL(source).href, join(root, 'deep'), source],
    pathToFileURL(join(root, 'b.load.ts')).href,
  ]);
});

test('packages stay where they are, found from the file that imports them; plimsoll is the copy that runs', async () => {
  write('app/node_modules/pkg/package.json', '{"name":"pkg","type":"module","exports":{"import":"./esm.js"}}');
  write('app/node_modules/pkg/esm.js', 'export const here = import.meta.url;');
  write(
    'app/a.load.ts',
    "import { here } from 'pkg'; import { readFileSync } from 'node:fs'; push(here); push(typeof readFileSync);",
  );
  const { path } = await bundleFiles(['app/a.load.ts']);
  const packageFile = join(root, 'app/node_modules/pkg/esm.js');
  expect(await run(path)).toEqual(['begin app/a.load.ts', pathToFileURL(packageFile).href, 'function']);

  write('b.load.ts', "import { loadTest } from 'plimsoll'; loadTest();");
  const other = await bundleFiles(['b.load.ts']);
  expect(readFileSync(other.path, 'utf8')).toContain(`from "${own.entryUrl}"`);
});

describe('the cache', () => {
  test('gives the same bundle without compiling while nothing has changed, and a new one as soon as an import has', async () => {
    write('value.ts', 'export const value = 1;');
    write('a.load.ts', "import { value } from './value.ts'; push(value);");
    const first = await bundleFiles(['a.load.ts']);
    const made = statSync(first.path).mtimeMs;
    first.cache.annotate('seen');
    const second = await bundleFiles(['a.load.ts']);
    expect(second).toMatchObject({ path: first.path, note: 'seen' });
    expect(statSync(second.path).mtimeMs).toBe(made);

    write('value.ts', 'export const value = 22;');
    const third = await bundleFiles(['a.load.ts']);
    expect(third.note).toBeUndefined();
    expect(await run(third.path)).toEqual(['begin a.load.ts', 22]);
    expect(() => statSync(first.path)).toThrow('ENOENT');
  });

  test('a tsconfig that appears is noticed', async () => {
    write('lib/value.ts', 'export const value = 3;');
    write('a.load.ts', "import { value } from './lib/value.ts'; push(value);");
    const first = await bundleFiles(['a.load.ts']);
    first.cache.annotate('old');
    write('tsconfig.json', '{"compilerOptions":{"paths":{"@/*":["./lib/*"]}}}');
    expect((await bundleFiles(['a.load.ts'])).note).toBeUndefined();
    write('b.load.ts', "import { value } from '@/value'; push(value);");
    const aliased = await bundleFiles(['b.load.ts']);
    expect(await run(aliased.path)).toEqual(['begin b.load.ts', 3]);
  });
});

describe('a file that does not compile', () => {
  async function messageOf(...files: string[]): Promise<string> {
    const error: unknown = await bundleFiles(files).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(TestFileError);
    return (error as Error).message;
  }

  test('is named with line, column and the line itself', async () => {
    write('a.load.ts', 'const fine = 1;\nlet a b;\n');
    const message = await messageOf('a.load.ts');
    expect(message).toContain('a.load.ts does not compile');
    expect(message).toContain('a.load.ts:2:7');
    expect(message).toMatch(/\n {6}let a b;\n {12}\^/);
  });

  test('a missing import is named; of many mistakes five are shown', async () => {
    for (let file = 0; file < 7; file++) write(`${file}.load.ts`, `import './missing-${file}.ts';`);
    const message = await messageOf(...Array.from({ length: 7 }, (_, file) => `${file}.load.ts`));
    expect(message).toContain('Could not resolve "./missing-0.ts"');
    expect(message.match(/Could not resolve/g)).toHaveLength(5);
    expect(message).toContain('and 2 more');
  });
});
