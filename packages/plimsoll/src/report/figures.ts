/** Figures as reports show them; the same in the terminal and in Markdown. */
import { formatCount, formatLatency, formatShare } from '../kernel/units.ts';
import type { LatencyStatistics, MetricResult, TestResult, ThresholdResult } from '../model/result.ts';

/** What the engine calls exceptions of more kinds than it tells apart (stats/totals.ts). */
const furtherExceptions = 'further exceptions';

type StatisticName = Exclude<keyof LatencyStatistics, 'count' | 'approximate' | 'clamped'>;

/** Milliseconds without their unit, three digits: '0.12', '12.3', '187', '1,234'. */
export function milliseconds(ms: number): string {
  return ms < 999.5 ? formatLatency(ms).replace(/ ms$/, '') : formatCount(ms);
}

/** A statistic in milliseconds; `~` where few samples lie beyond it, `none` where too few do. */
export function statistic(
  latency: LatencyStatistics,
  name: StatisticName,
  none: string,
  format = milliseconds,
): string {
  const value = latency[name];
  if (value === null) return none;
  return `${latency.approximate.includes(name) ? '~' : ''}${format(value)}`;
}

/** Per second, three digits: '0.67', '40', '1,250'. */
export function perSecond(rate: number): string {
  if (rate === 0) return '0';
  if (rate < 9.995) return String(Number(rate.toFixed(2)));
  return rate < 99.95 ? String(Number(rate.toFixed(1))) : formatCount(rate);
}

export function share(value: number | null, none: string): string {
  return value === null ? none : formatShare(value);
}

/** '1 test', '2 tests' */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** A plain number: whole ones with their thousands apart, others with up to three decimals. */
function plainNumber(value: number): string {
  return Number.isInteger(value) ? formatCount(value) : String(Number(value.toPrecision(4)));
}

const timeMetric =
  /(?:^|\s)(latency|service|iteration|connect|delivery|skew|lag|wait|ttfb|tls|dns)\.(mean|sd|min|max|p\d+)\s/;
const shareMetric = /(?:^|\s)(success|checks|limited|connect\.success|delivery\.reach)\s/;

/** The measured value in the unit that the threshold itself is written in. */
export function thresholdValue({ expression, value }: ThresholdResult, none: string): string {
  if (value === null) return none;
  if (/%\s*$/.test(expression) || shareMetric.test(expression)) return formatShare(value);
  if (/\/(s|m|h)\s*$/.test(expression)) return `${perSecond(value)}/s`;
  if (/\d(us|ms|s|m|h)\s*$/.test(expression) || timeMetric.test(expression)) return formatLatency(value);
  return plainNumber(value);
}

/** An own metric in one phrase: '1,204', '98.2%', 'mean 4.2, p95 ~9'. */
export function metricValue(metric: MetricResult, none: string): string {
  const unit = metric.unit === '' ? '' : ` ${metric.unit}`;
  if (metric.value === null) return none;
  if (metric.kind === 'rate') return `${formatShare(metric.value)} of ${formatCount(metric.count)}`;
  if (metric.kind === 'counter' || metric.statistics === undefined) return `${plainNumber(metric.value)}${unit}`;
  const { statistics } = metric;
  const named = (['mean', 'p50', 'p95', 'p99', 'max'] as const).map(
    (name) => `${name} ${statistic(statistics, name, none, plainNumber)}`,
  );
  return `${named.join(', ')}${unit === '' ? '' : ` (${metric.unit})`}`;
}

/** Entries with the largest count first. */
export function byCount(counts: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .sort((a, b) => b[1] - a[1]);
}

export interface CountedException {
  readonly count: number;
  readonly text: string;
}

/** The `most` kinds of exceptions thrown most often, and all others together: none is left out of the sum. */
export function exceptionKinds({ exceptions }: Pick<TestResult, 'exceptions'>, most: number): CountedException[] {
  // Those of more kinds than are told apart have no place, and come last.
  const isRest = (each: { readonly message: string; readonly place: string }): boolean =>
    each.place === '' && each.message === furtherExceptions;
  const kinds = exceptions.filter((each) => !isRest(each)).sort((a, b) => b.count - a.count);
  const shown = kinds.length > most ? kinds.slice(0, most - 1) : kinds;
  const further = [...kinds.slice(shown.length), ...exceptions.filter(isRest)].reduce(
    (sum, { count }) => sum + count,
    0,
  );
  return [
    ...shown.map(({ count, message, place }) => ({ count, text: place === '' ? message : `${message} at ${place}` })),
    ...(further > 0 ? [{ count: further, text: furtherExceptions }] : []),
  ];
}

/** 'env=staging', in the order in which the test gives them. */
export function tagFacts({ tags }: Pick<TestResult, 'tags'>): string[] {
  return Object.entries(tags).map(([name, value]) => `${name}=${value}`);
}
