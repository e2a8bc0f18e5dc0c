/** Thresholds over what was measured: at the end, and each second for those with a window or an abort. */
import { nearest } from '../kernel/nearest.ts';
import { formatDuration } from '../kernel/units.ts';
import { parseThreshold } from '../model/parse-threshold.ts';
import type { TestPlan, ThresholdPlan } from '../model/plan.ts';
import type { ThresholdResult } from '../model/result.ts';
import { eachScope, holds, wantsHigh, type ParsedThreshold } from '../model/threshold.ts';
import { MeasuredTotals } from '../stats/measured-totals.ts';
import { TestTotals, type MetricTotals, type SeriesTotals } from '../stats/totals.ts';
import { measuredSeconds, plannedLoadMs, warmUpSeconds } from './load-window.ts';
import {
  checksShare,
  measure,
  subjectOfMeasured,
  subjectOfTest,
  type Measurement,
  type Subject,
} from './threshold-value.ts';

interface Judged {
  readonly plan: ThresholdPlan;
  readonly parsed: ParsedThreshold;
  readonly byDefault: boolean;
  /** Of the windows seen so far, the one nearest to breaking. */
  worst: Outcome | undefined;
}

type Outcome = Omit<ThresholdResult, 'expression' | 'byDefault'>;

/** What a threshold is held against: the whole test so far, or a window of it. */
interface Measurements {
  readonly totals: TestTotals;
  readonly seconds: number;
}

/** Apply where a test sets nothing of its own on the metric. */
const defaults = ['success >= 99%', 'exceptions == 0'];
/** Likewise of a fan-out: what reaches somebody outside the room is a fault of the service, however rare and whoever published it; who was not let in hears nothing, and is owed nothing. */
const fanOutDefaults = ['delivery.leaked == 0', 'delivery.unjoined == 0'];
/** Of a fan-out in which messages are published: only then somebody is owed any. */
const publishedDefaults = ['delivery.reach >= 99%'];
/** Of one whose connections are to stay as well: where they go, some messages are missed on purpose, and one that comes again may be a replay. */
const steadyDefaults = ['delivery.missed == 0', 'delivery.duplicated == 0'];
/** A second ends when its timer fires: a window that ends so late still belongs to the load. */
const latenessMs = 50;

export class ThresholdJudge {
  readonly #test: TestPlan;
  readonly #judged: Judged[];
  readonly #totals: TestTotals;

  /** Errors: ThresholdSyntaxError with the place. */
  constructor(test: TestPlan, totals: TestTotals) {
    this.#test = test;
    this.#totals = totals;
    const place = `${test.file}:${test.line}`;
    const judged = (plan: ThresholdPlan, byDefault: boolean): Judged => {
      return { plan, parsed: parseThreshold(plan.expression, place), byDefault, worst: undefined };
    };
    const own = test.thresholds.map((plan) => judged(plan, false));
    const added = defaultThresholds(test).map((expression) => judged({ expression }, true));
    this.#judged = [...own, ...added];
  }

  /**
   * Once a second. Returns the expression that asks for the test to be stopped, if any.
   *
   * @param elapsedMs since the start of the load
   */
  observe(elapsedMs: number): string | undefined {
    this.#observeWindows(elapsedMs);
    const seconds = measuredSeconds(this.#test, elapsedMs);
    const measuredMs = elapsedMs - warmUpSeconds(this.#test) * 1000;
    let broken: string | undefined;
    for (const judged of this.#judged) {
      if (judged.plan.abort !== true || measuredMs < (judged.plan.abortAfterMs ?? 0) || measuredMs <= 0) continue;
      const { ok, value } = this.#result(judged, seconds);
      if (!ok && value !== null && !mayStillHold(judged, value)) broken ??= judged.plan.expression;
    }
    return broken;
  }

  results(durationSeconds: number): ThresholdResult[] {
    return this.#judged.map((judged) => this.#result(judged, durationSeconds));
  }

  #observeWindows(elapsedMs: number): void {
    const windows = new Map<number, Measurements | undefined>();
    const ended = elapsedMs > plannedLoadMs(this.#test) + latenessMs;
    for (const judged of this.#judged) {
      const { windowMs } = judged.plan;
      // Behind the end of the load nothing new begins: no rate is to be held there.
      if (windowMs === undefined || (ended && judged.parsed.family === 'rate')) continue;
      if (!windows.has(windowMs)) windows.set(windowMs, this.#latestWindow(windowMs));
      const window = windows.get(windowMs);
      if (window === undefined) continue;
      const outcome = outcomeOf(judged.parsed, window);
      if (outcome.value === null) continue;
      const span = `${formatDuration(windowMs)} up to ${formatDuration(Math.round(elapsedMs / 10) * 10)}`;
      const where = outcome.where === undefined ? span : `${outcome.where}, ${span}`;
      if (judged.worst === undefined || comesFirst(outcome, judged.worst, judged.parsed))
        judged.worst = { ...outcome, where };
    }
  }

  #latestWindow(windowMs: number): Measurements | undefined {
    const window = this.#totals.windows?.latest(windowMs);
    if (window === undefined) return undefined;
    const totals = new TestTotals();
    let spanMs = 0;
    for (const second of window) {
      spanMs += second.spanMs;
      for (const snapshot of second.snapshots) totals.addMeasured(snapshot);
      if (second.delivery !== undefined) totals.addDelivery(second.delivery);
    }
    return { totals, seconds: spanMs / 1000 };
  }

  #result({ parsed, plan, byDefault, worst }: Judged, seconds: number): ThresholdResult {
    const base = { expression: plan.expression, ...(byDefault && { byDefault }) };
    if (plan.windowMs === undefined) return { ...base, ...outcomeOf(parsed, { totals: this.#totals, seconds }) };
    return { ...base, ...(worst ?? { ok: false, value: null, message: 'no full window with a sample' }) };
  }
}

/** The thresholds that apply beside a test's own. Errors: ThresholdSyntaxError. */
export function defaultThresholds(test: TestPlan): readonly string[] {
  const own = test.thresholds.map(({ expression }) => parseThreshold(expression, `${test.file}:${test.line}`));
  return defaultsOf(test).filter((expression) => {
    const { metric } = parseThreshold(expression);
    return !own.some((each) => each.metric === metric && isOfAll(each));
  });
}

function defaultsOf({ fanOut }: TestPlan): readonly string[] {
  if (fanOut === undefined) return defaults;
  if (fanOut.load === undefined) return [...defaults, ...fanOutDefaults];
  const isSteady = fanOut.reconnect === undefined && fanOut.storm === undefined;
  return [...defaults, ...fanOutDefaults, ...publishedDefaults, ...(isSteady ? steadyDefaults : [])];
}

/** A count only grows: one that is too low now may be reached, and one that is hit may be passed. */
function mayStillHold({ parsed: { family, metric, operator, bound }, plan }: Judged, value: number): boolean {
  // Whoever is away may still come back.
  if (metric === 'recovery.back')
    return wantsHigh(operator) || operator === '!=' || (operator === '==' && value < bound);
  if (family !== 'count' || plan.windowMs !== undefined) return false;
  return wantsHigh(operator) || operator === '!=' || (operator === '==' && value < bound);
}

/** Of the whole test, or of every part of it: then the test has said itself what it wants of the metric. */
function isOfAll({ scope }: ParsedThreshold): boolean {
  return scope === undefined || scope === eachScope;
}

function outcomeOf(parsed: ParsedThreshold, { totals, seconds }: Measurements): Outcome {
  if (parsed.scope === eachScope) return outcomeOfEach(parsed, totals, seconds);
  const subject = subjectOf(parsed, totals, seconds);
  if (subject !== undefined) return verdict(measure(parsed, subject), parsed);
  const meant = nearest(parsed.scope ?? '', namesOf(totals));
  const hint = meant === undefined ? '' : `: did you mean '${meant}'?`;
  return { ok: false, value: null, message: `nothing was measured under the name '${parsed.scope ?? ''}'${hint}` };
}

/** What a scope may name. */
function namesOf({ metrics, series, scenarios, checks }: TestTotals): Set<string> {
  const named = [...series.values(), ...checks.values()].map(({ name }) => name);
  return new Set([...metrics.keys(), ...named, ...scenarios.keys()]);
}

function outcomeOfEach(parsed: ParsedThreshold, totals: TestTotals, seconds: number): Outcome {
  let worst: Outcome | undefined;
  const requests = [...totals.series.values()].filter((each) => each.kind === 'request');
  for (const name of new Set(requests.map((each) => each.name))) {
    const subject = subjectOfSeries(
      requests.filter((each) => each.name === name),
      totals,
      seconds,
    );
    const outcome = { ...verdict(measure(parsed, subject), parsed), where: name };
    if (worst === undefined || comesFirst(outcome, worst, parsed)) worst = outcome;
  }
  return worst ?? { ok: false, value: null, message: 'no series' };
}

/** Of two results the one to show: a broken one first, then the nearer to breaking. */
function comesFirst(
  a: { readonly ok: boolean; readonly value: number | null },
  b: { readonly ok: boolean; readonly value: number | null },
  parsed: ParsedThreshold,
): boolean {
  if (a.ok !== b.ok) return !a.ok;
  if (a.value === null || b.value === null) return a.value === null;
  return isWorse(a.value, b.value, parsed);
}

function isWorse(value: number, than: number, { operator, bound }: ParsedThreshold): boolean {
  if (operator === '==' || operator === '!=')
    return Math.abs(value - bound) > Math.abs(than - bound) === (operator === '==');
  return wantsHigh(operator) ? value < than : value > than;
}

function verdict(measured: Measurement, { operator, bound }: ParsedThreshold): Outcome {
  const message = measured.note === undefined ? {} : { message: measured.note };
  // A threshold over no sample fails: nothing was shown to hold.
  if (measured.value === null) return { ok: false, value: null, ...message };
  return { ok: holds(measured.value, operator, bound), value: measured.value, ...message };
}

/** A series or step, several scenarios' of one name together; a scenario; a check; a metric of the test's own. */
function subjectOf({ scope, metric }: ParsedThreshold, totals: TestTotals, seconds: number): Subject | undefined {
  if (scope === undefined) return subjectOfTest(totals, seconds);
  const own = totals.metrics.get(scope);
  if (own !== undefined && ['value', 'count', 'share'].includes(metric)) return subjectOfMetric(own, seconds);
  const all = [...totals.series.values()];
  const series = all.filter((each) => each.name === scope);
  if (series.length > 0) return subjectOfSeries(series, totals, seconds);
  const scenario = totals.scenarios.get(scope);
  if (scenario !== undefined) {
    const parts = all.filter((each) => each.scenario === scope && each.kind === 'request');
    const subject = subjectOfSeries(parts, totals, seconds);
    return {
      ...subject,
      times: { ...subject.times, iteration: scenario.iteration },
      counts: { ...subject.counts, notIssued: scenario.notIssued, exceptions: scenario.failedMeasured },
    };
  }
  const checks = [...totals.checks.values()].filter((check) => check.name === scope);
  if (checks.length === 0) return undefined;
  return { durationSeconds: seconds, times: {}, counts: {}, shares: { checks: checksShare(checks) } };
}

/** A step has the checks of the requests inside it, whose names begin with its own. */
function subjectOfSeries(series: readonly SeriesTotals[], totals: TestTotals, seconds: number): Subject {
  const names = new Set(series.map((each) => each.name));
  const steps = series.filter((each) => each.kind === 'step').map((each) => `${each.name} > `);
  const checks = [...totals.checks.values()].filter(
    (check) => names.has(check.series) || steps.some((step) => check.series.startsWith(step)),
  );
  return subjectOfMeasured(merged(series.map((each) => each.totals)), checks, seconds);
}

function subjectOfMetric({ kind, values, sum, count }: MetricTotals, durationSeconds: number): Subject {
  return {
    durationSeconds,
    times: kind === 'trend' ? { value: values } : {},
    counts: { count: kind === 'counter' ? sum : count },
    shares: kind === 'rate' ? { share: [sum, count] } : {},
  };
}

function merged(parts: readonly MeasuredTotals[]): MeasuredTotals {
  if (parts.length === 1) return parts[0]!;
  const all = new MeasuredTotals();
  for (const part of parts) all.merge(part);
  return all;
}
