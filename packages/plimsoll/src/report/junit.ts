/**
 * JUnit XML as CI servers read it: a testsuite for each file and group, a testcase for each test. A test that failed has
 * one `failure`; where there is no verdict to give (invalid, broken, cut off) it has one `error`.
 */
import type { RunResult, TestResult, Verdict } from '../model/result.ts';
import { renderTest } from './terminal.ts';
import { verdictMeaning, whyNotPassed } from './verdict-words.ts';

type Outcome = 'passed' | 'failure' | 'error';

interface Case {
  readonly name: string;
  readonly className: string;
  readonly file: string;
  readonly seconds: number;
  readonly outcome: Outcome;
  readonly type: Verdict;
  readonly reasons: readonly string[];
  readonly output: string;
}

interface Suite {
  readonly name: string;
  readonly startedAt: string;
  readonly cases: readonly Case[];
}

/** Ends with a line break; valid XML 1.0 whatever the names hold. */
export function renderJunit(result: RunResult): string {
  const suites = [...suitesOf(result.tests), ...runSuite(result)];
  const all = suites.flatMap((suite) => suite.cases);
  const root = element('testsuites', { name: `plimsoll ${result.name}`, ...totals(all) }, suites.map(suiteXml));
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`;
}

function suitesOf(tests: readonly TestResult[]): Suite[] {
  const byPlace = new Map<string, TestResult[]>();
  for (const test of tests) {
    const name = [test.file, test.group].filter((part) => part !== '').join(' › ');
    byPlace.set(name, [...(byPlace.get(name) ?? []), test]);
  }
  return Array.from(byPlace, ([name, members]) => ({
    name,
    startedAt: members[0]?.startedAt ?? '',
    cases: members.map(testCase),
  }));
}

function testCase(test: TestResult): Case {
  return {
    name: test.name,
    className: test.group === '' ? test.file : test.group,
    file: test.file,
    seconds: test.durationSeconds,
    outcome: outcomeOf(test.verdict),
    type: test.verdict,
    reasons: whyNotPassed(test),
    output: renderTest(test, { columns: 100, colour: false }),
  };
}

function outcomeOf(verdict: Verdict): Outcome {
  if (verdict === 'passed') return 'passed';
  return verdict === 'failed' ? 'failure' : 'error';
}

/** What happened to the run and not to a test must not look like success. */
function runSuite(result: RunResult): Suite[] {
  const told = result.tests.some((test) => test.verdict === result.verdict);
  if (result.verdict === 'passed' || told) return [];
  const reasons = result.problems.length > 0 ? result.problems : [verdictMeaning[result.verdict]];
  const run: Case = {
    name: 'run',
    className: 'plimsoll',
    file: '',
    seconds: 0,
    outcome: outcomeOf(result.verdict),
    type: result.verdict,
    reasons,
    output: '',
  };
  return [{ name: 'plimsoll', startedAt: result.startedAt, cases: [run] }];
}

function suiteXml(suite: Suite): string {
  // The schema knows no time zone and no fractions; it is UTC.
  const attributes = { name: suite.name, ...totals(suite.cases), timestamp: suite.startedAt.slice(0, 19) };
  return element('testsuite', attributes, suite.cases.map(caseXml));
}

function totals(cases: readonly Case[]): Record<string, string> {
  const count = (outcome: Outcome): string => String(cases.filter((each) => each.outcome === outcome).length);
  return {
    tests: String(cases.length),
    failures: count('failure'),
    errors: count('error'),
    skipped: '0',
    time: seconds(cases.reduce((sum, each) => sum + each.seconds, 0)),
  };
}

function caseXml(each: Case): string {
  const file: Record<string, string> = each.file === '' ? {} : { file: each.file };
  const attributes = { name: each.name, classname: each.className, ...file, time: seconds(each.seconds) };
  const children: string[] = [];
  if (each.outcome !== 'passed') {
    const message = each.reasons[0] ?? '';
    children.push(element(each.outcome, { message, type: each.type }, [escapeText(each.reasons.join('\n'))], ''));
  }
  if (each.output !== '') children.push(element('system-out', {}, [escapeText(each.output)], ''));
  return element('testcase', attributes, children);
}

function seconds(value: number): string {
  return value.toFixed(3);
}

function element(
  name: string,
  attributes: Readonly<Record<string, string>>,
  children: readonly string[],
  separator = '\n',
): string {
  const words = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeAttribute(value)}"`);
  if (children.length === 0) return `<${name}${words.join('')}/>`;
  return `<${name}${words.join('')}>${separator}${children.join(separator)}${separator}</${name}>`;
}

/** What XML 1.0 cannot hold, not even escaped; `u` makes the last range match only halves of a pair. */
const impossible = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff\ud800-\udfff]/gu;

function escapeText(text: string): string {
  return text
    .replace(impossible, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#13;');
}

/** A reader turns line breaks and tabs in attributes into spaces, unless they are escaped. */
function escapeAttribute(text: string): string {
  return escapeText(text).replaceAll('"', '&quot;').replaceAll('\n', '&#10;').replaceAll('\t', '&#9;');
}
