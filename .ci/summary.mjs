/**
 * Adds up Vitest's JSON reports and prints `N passed, N failed` (and `, N skipped`) as the last line.
 *
 * A run without a report, a file that could not be loaded and an error outside of any test count as one failure each.
 * Exit code 1 when a test failed, none passed, or one was skipped although every server had to be there.
 */
import { readFileSync } from 'node:fs';

const total = { passed: 0, failed: 0, skipped: 0 };
for (const path of process.argv.slice(2)) {
  const run = countRun(path);
  for (const key of Object.keys(total)) total[key] += run[key];
}

const parts = [`${total.passed} passed`, `${total.failed} failed`];
if (total.skipped > 0) parts.push(`${total.skipped} skipped`);
process.stdout.write(`${parts.join(', ')}\n`);

const mayNotSkip = process.env.PLIMSOLL_REQUIRE_SERVERS === '1';
if (total.failed > 0 || total.passed === 0 || (mayNotSkip && total.skipped > 0)) process.exitCode = 1;

function countRun(path) {
  const count = { passed: 0, failed: 0, skipped: 0 };
  const report = readReport(path);
  if (report === undefined) return { ...count, failed: 1 };
  for (const file of report.testResults) {
    const statuses = file.assertionResults.map(({ status }) => status);
    for (const status of statuses) count[status === 'passed' || status === 'failed' ? status : 'skipped'] += 1;
    if (file.status === 'failed' && !statuses.includes('failed')) count.failed += 1;
  }
  if (!report.success && count.failed === 0) count.failed = 1;
  return count;
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
