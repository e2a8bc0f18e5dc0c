/**
 * Adds up Vitest's JSON reports and prints `N passed, N failed` (and `, N skipped`) as the last line, after the names
 * and reasons of all that did not pass: whoever reads only the end of a log learns what broke.
 *
 * A run without a report, a file that could not be loaded and an error outside of any test count as one failure each.
 * Exit code 1 when a test failed, none passed, or one was skipped although every server had to be there. Only claims in
 * milliseconds may be skipped: they say so of a machine that was never quiet, after several attempts. Where more than half
 * of the accuracy tests were, or all of a file, nothing is known of what they claim: a failure, too.
 */
import { readFileSync } from 'node:fs';
import { basename, relative } from 'node:path';

const linesOfReason = 12;

const accuracy = 'packages/plimsoll/test/accuracy/';
const total = { passed: 0, failed: 0, skipped: 0, claims: 0 };
for (const path of process.argv.slice(2)) {
  const run = countRun(path);
  for (const key of Object.keys(total)) total[key] += run[key];
}

const parts = [`${total.passed} passed`, `${total.failed} failed`];
if (total.skipped + total.claims > 0) parts.push(`${total.skipped + total.claims} skipped`);
process.stdout.write(`${parts.join(', ')}\n`);

const mayNotSkip = process.env.PLIMSOLL_REQUIRE_SERVERS === '1';
if (total.failed > 0 || total.passed === 0 || (mayNotSkip && total.skipped > 0)) process.exitCode = 1;

function countRun(path) {
  const count = { passed: 0, failed: 0, skipped: 0, claims: 0 };
  const report = readReport(path);
  if (report === undefined) {
    process.stdout.write(`no report: ${basename(path)}\n`);
    return { ...count, failed: 1 };
  }
  for (const file of report.testResults) {
    tellWhatDidNotPass(file);
    const statuses = file.assertionResults.map(({ status }) => status);
    const skipped = isAccuracy(file) ? 'claims' : 'skipped';
    for (const status of statuses) count[status === 'passed' || status === 'failed' ? status : skipped] += 1;
    if (file.status === 'failed' && !statuses.includes('failed')) count.failed += 1;
  }
  for (const unproved of unprovedClaims(report)) {
    tell('failed', unproved);
    count.failed += 1;
  }
  if (!report.success && count.failed === 0) {
    tell('failed', `an error outside of any test, see above (${basename(path)})`);
    count.failed = 1;
  }
  return count;
}

function isAccuracy(file) {
  return relative(process.cwd(), file.name).startsWith(accuracy);
}

/** What was skipped so often that nothing holds it any more. */
function unprovedClaims(report) {
  const files = report.testResults.filter(isAccuracy).map(({ name, assertionResults }) => {
    const skipped = assertionResults.filter(({ status }) => status !== 'passed' && status !== 'failed').length;
    return { name: relative(process.cwd(), name), tests: assertionResults.length, skipped };
  });
  const sum = (key) => files.reduce((total, file) => total + file[key], 0);
  const whole = files.filter(({ tests, skipped }) => tests > 0 && skipped === tests);
  const found = whole.map(({ name }) => `all claims of ${name} were skipped`);
  if (2 * sum('skipped') > sum('tests')) {
    found.push(`${sum('skipped')} of ${sum('tests')} accuracy tests were skipped: the machine was never quiet`);
  }
  return found;
}

function tellWhatDidNotPass(file) {
  const name = relative(process.cwd(), file.name);
  if (file.status === 'failed' && file.assertionResults.length === 0) tell('failed', name, file.message);
  for (const { status, fullName, failureMessages = [] } of file.assertionResults) {
    if (status !== 'passed') tell(status, `${name}: ${fullName}`, failureMessages.join('\n'));
  }
}

function tell(status, name, message = '') {
  const lines = message === '' ? [] : message.split('\n').slice(0, linesOfReason);
  process.stdout.write([`${status}  ${name}`, ...lines.map((line) => `    ${line}`)].join('\n') + '\n');
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
