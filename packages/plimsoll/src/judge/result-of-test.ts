/** Everything that is said of one test, from its totals: at the end, and each second for the partial result. */
import { formatDuration } from '../kernel/units.ts';
import type { TestPlan } from '../model/plan.ts';
import type {
  ExampleResult,
  MetricResult,
  ScenarioResult,
  SeriesResult,
  SocketsResult,
  TestResult,
  ThresholdResult,
  Validity,
  Verdict,
} from '../model/result.ts';
import { encodeHdrV2 } from '../stats/hdr-v2.ts';
import { byPhase } from '../stats/socket-phases.ts';
import type { SocketTotals } from '../stats/socket-totals.ts';
import type { ExampleRequest } from '../stats/snapshot.ts';
import { summarise } from '../stats/summary.ts';
import type { MetricTotals, ScenarioTotals, TestTotals } from '../stats/totals.ts';
import { judgeBooks } from './books.ts';
import { deliveryResult } from './delivery.ts';
import type { EndOfTest } from './end-of-test.ts';
import { measuredSeconds, plannedLoadMs, warmUpSeconds } from './load-window.ts';
import { measuredResult } from './measured-result.ts';
import type { ThresholdJudge } from './thresholds.ts';
import { judgeValidity } from './validity.ts';

/** More than this share of the arrivals or iterations not begun, and the target was not offered what was planned. */
const notIssuedLimit = 0.001;

export function resultOfTest(
  test: TestPlan,
  totals: TestTotals,
  judge: ThresholdJudge,
  end: EndOfTest,
  startedAt: string,
): TestResult {
  const seconds = measuredSeconds(test, end.durationMs);
  const books = judgeBooks(totals, end);
  const validity = judgeValidity(test, totals, end, books);
  const thresholds = judge.results(seconds);
  const failures = failuresOf(test, totals, thresholds, end);
  return {
    file: test.file,
    group: test.group,
    name: test.name,
    tags: test.tags,
    verdict: verdictOf(validity, failures, end),
    model: modelOf(test),
    validity,
    startedAt,
    durationSeconds: end.durationMs / 1000,
    warmUpSeconds: warmUpSeconds(test),
    iterations: sumOf([...totals.scenarios.values()].map((each) => each.endedMeasured)),
    notIssued: sumOf([...totals.scenarios.values()].map((each) => each.notIssued)),
    ...measuredResult(totals.overall, seconds),
    lag: summarise(totals.lag),
    wait: summarise(totals.wait),
    connect: summarise(totals.connect),
    dns: summarise(totals.dns),
    tls: summarise(totals.tls),
    connectionsOpened: totals.machine.connectionsOpened,
    ...(totals.sockets !== undefined && { sockets: socketsResult(totals.sockets) }),
    ...(totals.delivery !== undefined && { delivery: deliveryResult(totals.delivery) }),
    ...partsOf(test, totals, seconds),
    thresholds,
    books,
    stopped: end.stopped,
    failures,
  };
}

function socketsResult(totals: SocketTotals): SocketsResult {
  const { attempts, opened, eventStreams, refused, unanswered, open } = totals;
  const { messagesIn, messagesOut, unclaimed, bytesIn, bytesOut, compressed, bufferedBytesMax } = totals;
  return {
    ...{ attempts, opened, refused, unanswered, open, messagesIn, messagesOut, unclaimed, bytesIn, bytesOut },
    ...(eventStreams !== undefined && { eventStreams }),
    ...(compressed !== undefined && { compressed }),
    ...(bufferedBytesMax !== undefined && { bufferedBytesMax }),
    refusedIn: { ...totals.refusedIn },
    refusedStatus: Object.fromEntries(totals.refusedStatus),
    retryAfterMaxSeconds: totals.retryAfterMaxSeconds,
    closed: Object.fromEntries(totals.closed),
    connect: summarise(totals.connect),
    phases: byPhase((phase) => summarise(totals.phases[phase])),
  };
}

function partsOf(
  test: TestPlan,
  totals: TestTotals,
  seconds: number,
): Pick<TestResult, 'scenarios' | 'checks' | 'metrics' | 'exceptions' | 'series' | 'timeline' | 'slowest' | 'sample'> {
  return {
    scenarios: [...totals.scenarios.values()].map((each) => scenarioResult(test, each)),
    checks: [...totals.checks.values()].map((check) => ({ ...check })),
    metrics: [...totals.metrics.values()].map(metricResult),
    exceptions: [...totals.exceptions.values()].map(({ place, message, count, stack }) => ({
      place,
      message,
      count,
      stack,
    })),
    series: seriesResults(totals, seconds),
    timeline: [...totals.timeline.points],
    slowest: totals.examples.slowest.map(exampleResult),
    sample: [...totals.examples.sample].sort((a, b) => a.dueMs - b.dueMs).map(exampleResult),
  };
}

function exampleResult(example: ExampleRequest): ExampleResult {
  const { series, dueMs, latencyUs, serviceUs, status, error, traceId } = example;
  return {
    series,
    atSeconds: dueMs / 1000,
    latency: latencyUs / 1000,
    service: serviceUs / 1000,
    status,
    error,
    traceId,
  };
}

function seriesResults(totals: TestTotals, seconds: number): SeriesResult[] {
  return [...totals.series.values()].map(({ name, kind, scenario, totals: measured }) => ({
    name,
    kind,
    scenario,
    ...measuredResult(measured, seconds),
  }));
}

function scenarioResult(test: TestPlan, totals: ScenarioTotals): ScenarioResult {
  const { name, due, started, completed, failed, interrupted, notIssued, iteration } = totals;
  const load = test.scenarios.find((each) => each.name === name)?.load;
  return {
    name,
    model: load?.kind === 'arrival-rate' ? 'open' : 'closed',
    due,
    started,
    completed,
    failed,
    interrupted,
    notIssued,
    iteration: summarise(iteration),
    histogram: encodeHdrV2(iteration),
  };
}

function metricResult({ name, kind, unit, values, sum, count }: MetricTotals): MetricResult {
  if (kind === 'counter') return { name, kind, unit, count, value: sum };
  const value = count > 0 ? sum / count : null;
  if (kind === 'rate') return { name, kind, unit, count, value };
  return { name, kind, unit, count, value, statistics: summarise(values) };
}

function modelOf(test: TestPlan): TestResult['model'] {
  const open = test.scenarios.filter((each) => each.load.kind === 'arrival-rate').length;
  if (open === 0) return 'closed';
  return open === test.scenarios.length ? 'open' : 'mixed';
}

function failuresOf(
  test: TestPlan,
  totals: TestTotals,
  thresholds: readonly ThresholdResult[],
  end: EndOfTest,
): string[] {
  if (end.partial) return [];
  const failures: string[] = [];
  if (end.failure !== undefined) {
    const { during, error } = end.failure;
    const phase = { setUp: 'set-up', prepare: 'preparing the VUs', tearDown: 'tear-down', run: 'running' }[during];
    const place = error.place === '' ? '' : ` (${error.place})`;
    failures.push(`${phase} failed: ${error.message}${place}`);
  }
  if (end.stopped !== '') failures.push(stoppedEarly(test, end));
  // A test that could not begin has nothing to hold its thresholds against.
  if (end.failure !== undefined && totals.books.issued === 0) return failures;
  for (const threshold of thresholds) {
    if (!threshold.ok) failures.push(`threshold not held: ${threshold.expression}`);
  }
  if (end.stopped === '') failures.push(...notReached(test, totals));
  return failures;
}

function notReached(test: TestPlan, totals: TestTotals): string[] {
  const scenarios = [...totals.scenarios.values()];
  const failures: string[] = [];
  for (const isOpen of [true, false]) {
    const those = scenarios.filter((each) => scenarioIsOpen(test, each.name) === isOpen);
    const due = sumOf(those.map((each) => each.due));
    const notIssued = sumOf(those.map((each) => each.notIssued));
    if (due === 0 || notIssued / due <= notIssuedLimit) continue;
    failures.push(
      isOpen
        ? `rate-not-reached: ${notIssued} of ${due} arrivals found no free VU; the target is too slow for this rate, or maxVus too low`
        : `iterations-not-reached: ${notIssued} of ${due} iterations had not begun when maxDuration was over; the target is too slow for it, or there are too few VUs`,
    );
  }
  return failures;
}

/** 'stopped early after 1.1s of 20s: …'; where iterations end the load, how long it was to take was not known. */
function stoppedEarly(test: TestPlan, { durationMs, stopped }: EndOfTest): string {
  const isTimed = test.scenarios.every(({ load }) => 'stages' in load || load.kind === 'constant-vus');
  const planned = isTimed ? ` of ${formatDuration(plannedLoadMs(test))}` : '';
  return `stopped early after ${formatDuration(Math.round(durationMs / 100) * 100)}${planned}: ${stopped}`;
}

function scenarioIsOpen(test: TestPlan, name: string): boolean {
  return test.scenarios.some((each) => each.name === name && each.load.kind === 'arrival-rate');
}

function verdictOf(validity: Validity, failures: readonly string[], end: EndOfTest): Verdict {
  if (end.partial) return 'partial';
  if (end.stopped === 'interrupted') return 'interrupted';
  if (validity.state === 'INVALID') return 'invalid';
  return failures.length > 0 ? 'failed' : 'passed';
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
