import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bundleTestFiles } from '../input/bundle.ts';
import { findTestFiles } from '../input/discover.ts';
import { configIssues } from '../input/config-issues.ts';
import { loadConfig } from '../input/config.ts';
import { firstProject, type FirstProject } from './first-project.ts';

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'plimsoll-init-')));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(project: FirstProject): void {
  for (const { path, text } of firstProject(project)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    // The tool's own entry is not built when unit tests run; it only gives the type.
    writeFileSync(
      join(root, path),
      text.replace("import { defineConfig } from 'plimsoll';", 'const defineConfig = (config) => config;'),
    );
  }
}

test.each<FirstProject>([
  { language: 'ts' },
  { language: 'js' },
  { language: 'ts', target: 'https://shop.example/api' },
  { language: 'js', target: 'http://localhost:3000' },
])('what is written for %j is a valid configuration and a test that compiles', async (project) => {
  expect(firstProject(project).filter(({ text }) => / $/m.test(text))).toEqual([]);
  write(project);
  const { config } = await loadConfig(root);
  expect(configIssues(config)).toEqual([]);
  expect(Object.values(config.targets ?? {})).toEqual([project.target ?? 'http://127.0.0.1:4567']);
  expect(config.allow).toEqual(project.target?.includes('example') === true ? ['shop.example'] : undefined);
  const files = findTestFiles(root);
  expect(files).toHaveLength(1);
  const { path } = await bundleTestFiles(root, files);
  expect(readFileSync(path, 'utf8')).toContain('constantVus');
});
