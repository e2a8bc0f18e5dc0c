/** Titles and verdicts in words: the same in every report. */
import type { RunResult, TestResult, Verdict } from '../model/result.ts';
import { counted, thresholdValue } from './figures.ts';

/** 'group › name', or the name alone. */
export function testTitle(test: { readonly group: string; readonly name: string }, within = ' › '): string {
  return test.group === '' ? test.name : `${test.group}${within}${test.name}`;
}

/** Failures that no broken threshold has told already. */
export function otherFailures(test: TestResult): string[] {
  const broken = test.thresholds.filter((threshold) => !threshold.ok);
  const told = new Set(broken.map(({ expression }) => `threshold not held: ${expression}`));
  return test.failures.filter((failure) => !told.has(failure));
}

/** A broken threshold in a sentence: 'latency.p95 < 2s: was 2.31 s (POST /sessions)'. */
export function brokenThresholds(test: TestResult): string[] {
  return test.thresholds
    .filter((threshold) => !threshold.ok)
    .map((threshold) => {
      const { expression, value, where, message } = threshold;
      const measured = value === null ? 'no sample' : `was ${thresholdValue(threshold, '')}`;
      const notes = [where, message].filter((note) => note !== undefined && note !== '').join(', ');
      return `${expression}: ${measured}${notes === '' ? '' : ` (${notes})`}`;
    });
}

/** Every reason why a test did not pass, a sentence each. */
export function whyNotPassed(test: TestResult): string[] {
  if (test.verdict === 'passed') return [];
  const validity = test.validity.state === 'INVALID' ? test.validity.reasons.map((reason) => reason.message) : [];
  const reasons = [...validity, ...brokenThresholds(test), ...otherFailures(test)];
  return reasons.length > 0 ? reasons : [verdictMeaning[test.verdict]];
}

export const verdictMeaning: Readonly<Record<Verdict, string>> = {
  partial: 'still running, or cut off',
  passed: 'every threshold was held',
  failed: 'a threshold was broken',
  invalid: 'the measurement cannot be trusted',
  unreachable: 'the target did not answer',
  broken: 'a part of plimsoll failed',
  interrupted: 'the run was interrupted',
};

/** '3 tests', '1 did not pass', '1,600 requests' */
export function runFacts(result: RunResult): string[] {
  const { tests } = result;
  if (tests.length === 0) return ['no test was run'];
  const bad = tests.filter((test) => test.verdict !== 'passed').length;
  const requests = tests.reduce((sum, test) => sum + test.requests, 0);
  return [
    counted(tests.length, 'test'),
    ...(bad > 0 && tests.length > 1 ? [`${bad} did not pass`] : []),
    counted(requests, 'request'),
  ];
}

/** Milliseconds from start to end; undefined while the run goes on. */
export function runElapsedMs(result: RunResult): number | undefined {
  if (result.endedAt === null) return undefined;
  const ms = Date.parse(result.endedAt) - Date.parse(result.startedAt);
  return ms >= 0 ? ms : undefined;
}
