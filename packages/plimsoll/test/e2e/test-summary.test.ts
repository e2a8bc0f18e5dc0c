/** .ci/summary.mjs: what it says of reports that are made up, and whether it fails. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-summary-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

type Status = 'passed' | 'failed' | 'skipped';

/** @param files the tests of each, by its path in the repository */
function summary(files: Readonly<Record<string, readonly Status[]>>): { code: number | null; lines: string[] } {
  const testResults = Object.entries(files).map(([name, statuses]) => ({
    name: join(root, name),
    status: statuses.includes('failed') ? 'failed' : 'passed',
    assertionResults: statuses.map((status, n) => ({ status, fullName: `test ${n}` })),
  }));
  const success = testResults.every(({ status }) => status === 'passed');
  const path = join(folder, 'report.json');
  writeFileSync(path, JSON.stringify({ success, testResults }));
  const env = { ...process.env, PLIMSOLL_REQUIRE_SERVERS: '1' };
  const { status, stdout } = spawnSync(process.execPath, ['.ci/summary.mjs', path], { cwd: root, env });
  return { code: status, lines: stdout.toString().trim().split('\n') };
}

const accuracy = (name: string): string => `packages/plimsoll/test/accuracy/${name}.test.ts`;
const unit = 'packages/plimsoll/src/a.test.ts';

test('claims may be skipped where most were held', () => {
  const { code, lines } = summary({
    [unit]: ['passed', 'passed'],
    [accuracy('a')]: ['passed', 'skipped', 'skipped'],
    [accuracy('b')]: ['passed'],
  });
  expect({ code, last: lines.at(-1) }).toEqual({ code: 0, last: '4 passed, 0 failed, 2 skipped' });
});

test('not more than half of them', () => {
  const { code, lines } = summary({
    [unit]: ['passed', 'passed'],
    [accuracy('a')]: ['passed', 'skipped', 'skipped', 'skipped'],
    [accuracy('b')]: ['passed'],
  });
  expect(code).toBe(1);
  expect(lines).toContain('failed  3 of 5 accuracy tests were skipped: the machine was never quiet');
  expect(lines.at(-1)).toBe('4 passed, 1 failed, 3 skipped');
});

test.each([1, 2])('nor all %i of a file', (tests) => {
  const skipped = Array<Status>(tests).fill('skipped');
  const { code, lines } = summary({ [accuracy('a')]: ['passed', 'passed', 'passed'], [accuracy('b')]: skipped });
  expect(code).toBe(1);
  expect(lines).toContain(`failed  all claims of ${accuracy('b')} were skipped`);
  expect(lines.at(-1)).toBe(`3 passed, 1 failed, ${tests} skipped`);
});

test('any other test not at all, and one that failed is told', () => {
  expect(summary({ [unit]: ['passed', 'skipped'] }).code).toBe(1);
  const { code, lines } = summary({ [unit]: ['passed', 'failed'] });
  expect({ code, last: lines.at(-1) }).toEqual({ code: 1, last: '1 passed, 1 failed' });
  expect(lines).toContain(`failed  ${unit}: test 1`);
});
