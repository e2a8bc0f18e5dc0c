/** Which files hold tests, and which tests a filter on the command line means. */
import { readdirSync, statSync, type Dirent } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';

const testFile = /\.load\.[cm]?[jt]sx?$/;
const scriptFile = /\.[cm]?[jt]sx?$/;
const skippedFolders = new Set(['node_modules', 'dist', 'build', 'coverage']);

/** Paths of all `*.load.ts` (js, mts, mjs, cts, cjs, tsx, jsx) under `root`, relative to it with '/', sorted. */
export function findTestFiles(root: string): string[] {
  const found: string[] = [];
  collect(root, '', found);
  return found.sort();
}

function collect(folder: string, prefix: string, found: string[]): void {
  for (const entry of readFolder(folder)) {
    if (entry.name.startsWith('.')) continue;
    const path = prefix + entry.name;
    if (entry.isDirectory()) {
      if (!skippedFolders.has(entry.name)) collect(join(folder, entry.name), `${path}/`, found);
    } else if (testFile.test(entry.name)) {
      found.push(path);
    }
  }
}

/** A folder that may not be read holds no tests. */
function readFolder(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/**
 * The files that the filters name outright (`plimsoll run loadtests/a.load.ts`), whatever they are called; undefined as
 * soon as one filter is something else, for then every file has to be looked into.
 */
export function filesNamedBy(filters: readonly string[], root: string, cwd: string): string[] | undefined {
  const files = filters.map((filter) => resolve(cwd, filter));
  if (files.length === 0 || !files.every(isScript)) return undefined;
  return [...new Set(files.map((file) => relative(root, file).split(sep).join('/')))].sort();
}

function isScript(path: string): boolean {
  return scriptFile.test(path) && (statSync(path, { throwIfNoEntry: false })?.isFile() ?? false);
}

interface Named {
  readonly file: string;
  readonly group: string;
  readonly name: string;
}

/** Whether a part of the test's file, group or name, or of 'group > name', is one of the filters; case is ignored. */
export function matchesFilters(test: Named, filters: readonly string[]): boolean {
  if (filters.length === 0) return true;
  const texts = [test.file, `${test.group} > ${test.name}`].map((text) => text.toLowerCase());
  return filters.some((filter) => {
    const wanted = filter.toLowerCase().replace(/^\.\//, '');
    return texts.some((text) => text.includes(wanted));
  });
}
