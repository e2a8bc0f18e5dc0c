import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { filesNamedBy, findTestFiles, matchesFilters } from './discover.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'plimsoll-discover-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function touch(...paths: string[]): void {
  for (const path of paths) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), '');
  }
}

test('test files are found in any folder, but not in installed, built or hidden ones', () => {
  touch('a.load.ts', 'deep/er/b.load.mjs', 'deep/c.load.tsx', 'deep/load.ts', 'deep/d.test.ts', 'e.load.json');
  touch('node_modules/x/f.load.js', 'dist/g.load.js', '.cache/h.load.ts', 'deep/.i.load.ts');
  expect(findTestFiles(root)).toEqual(['a.load.ts', 'deep/c.load.tsx', 'deep/er/b.load.mjs']);
});

describe('files named outright', () => {
  test('are taken whatever they are called, relative to the folder the user stands in', () => {
    touch('sub/smoke.ts', 'a.load.ts');
    expect(filesNamedBy(['smoke.ts', '../a.load.ts'], root, join(root, 'sub'))).toEqual(['a.load.ts', 'sub/smoke.ts']);
  });

  test('one filter that is no file means that all files have to be looked into', () => {
    touch('a.load.ts');
    expect(filesNamedBy(['a.load.ts', 'dashboard'], root, root)).toBeUndefined();
    expect(filesNamedBy([], root, root)).toBeUndefined();
  });
});

describe('filters', () => {
  const dashboard = { file: 'loadtests/dashboard.load.ts', group: 'TestDashboard', name: 'test_concurrent_requests' };

  test.each([['dashboard.load'], ['./loadtests/'], ['testDASHBOARD'], ['concurrent'], ['Dashboard > test_conc']])(
    '%s means the dashboard test',
    (filter) => expect(matchesFilters(dashboard, ['nothing', filter])).toBe(true),
  );

  test('another word does not', () => expect(matchesFilters(dashboard, ['sessions'])).toBe(false));
  test('no filter means every test', () => expect(matchesFilters(dashboard, [])).toBe(true));
});
