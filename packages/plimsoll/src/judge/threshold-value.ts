/** What a threshold measures: from totals to one number in the threshold's own unit. */
import { holds, type ParsedThreshold } from '../model/threshold.ts';
import { Histogram } from '../stats/histogram.ts';
import { judgedSkew } from './delivery.ts';
import type { MeasuredTotals } from '../stats/measured-totals.ts';
import { percentileShare, summarise, type LatencyStatistics } from '../stats/summary.ts';
import type { DeliveryTotals } from '../stats/delivery/delivery-totals.ts';
import type { CheckTotals, MachineTotals, TestTotals } from '../stats/totals.ts';

/** A value, or why there is none. */
export type Measurement =
  { readonly value: number; readonly note?: string } | { readonly value: null; readonly note: string };

/** The part of a test a threshold speaks of. */
export interface Subject {
  readonly measured?: MeasuredTotals;
  readonly durationSeconds: number;
  readonly times: Readonly<Record<string, Histogram | undefined>>;
  readonly counts: Readonly<Record<string, number | undefined>>;
  readonly shares: Readonly<Record<string, readonly [number, number] | undefined>>;
  /** Of times that are the service's and this machine's together, by metric, why nobody can tell them apart: they are at most what was measured. */
  readonly atMost?: Readonly<Record<string, string>>;
  /** Who went and is not back: counted as away for longer than all that are. */
  readonly notBack?: number;
}

export function measure(threshold: ParsedThreshold, subject: Subject): Measurement {
  switch (threshold.family) {
    case 'time':
      return atMost(threshold, time(threshold, subject), subject);
    case 'share':
      return share(threshold.metric, subject);
    case 'count':
      return count(threshold.metric, subject);
    case 'rate':
      return rate(subject);
  }
}

/** What is no more than was measured holds an upper bound that the measured holds; of any other outcome it says nothing. */
function atMost({ metric, operator, bound }: ParsedThreshold, measured: Measurement, subject: Subject): Measurement {
  const why = subject.atMost?.[metric];
  if (why === undefined || measured.value === null) return measured;
  const isUpper = operator === '<' || operator === '<=';
  return isUpper && holds(measured.value, operator, bound) ? measured : { value: null, note: why };
}

function time({ metric, statistic }: ParsedThreshold, { times, notBack = 0 }: Subject): Measurement {
  const histogram = times[metric];
  if (histogram === undefined) return { value: null, note: `there is no ${metric} here` };
  if (metric === 'recovery' && notBack > 0) return recoveryTime(statistic!, histogram, notBack);
  const summary = summarise(histogram);
  if (summary.count === 0) return { value: null, note: 'no sample' };
  const value = summary[statistic as keyof LatencyStatistics];
  if (typeof value === 'number') return { value };
  // Too few samples for the percentile: the maximum is at least as high, so it cannot flatter.
  return { value: summary.max!, note: `judged by the maximum: ${summary.count} samples are too few for ${statistic!}` };
}

/** Only a percentile below all that are not back is told. */
function recoveryTime(statistic: string, histogram: Histogram, notBack: number): Measurement {
  const all = histogram.count + notBack;
  const note = `${notBack} of ${all} have not come back`;
  const share = percentileShare(statistic);
  const rank = share === undefined ? Infinity : Math.ceil(share * all * (1 - Number.EPSILON));
  return rank > histogram.count ? { value: null, note } : { value: histogram.valueAtRank(rank) / 1000, note };
}

function share(metric: string, { shares }: Subject): Measurement {
  const parts = shares[metric];
  if (parts === undefined) return { value: null, note: `there is no ${metric} here` };
  const [part, whole] = parts;
  return whole > 0 ? { value: part / whole } : { value: null, note: 'no sample' };
}

function count(metric: string, { counts, measured }: Subject): Measurement {
  if (metric === 'errors')
    return measured ? { value: measured.failed } : { value: null, note: 'there are no requests here' };
  if (metric.startsWith('errors.')) {
    if (!measured) return { value: null, note: 'there are no requests here' };
    return { value: measured.errors.get(metric.slice('errors.'.length)) ?? 0 };
  }
  const value = counts[metric];
  return value === undefined ? { value: null, note: `there is no ${metric} here` } : { value };
}

function rate({ measured, durationSeconds }: Subject): Measurement {
  if (measured === undefined) return { value: null, note: 'there are no requests here' };
  return durationSeconds > 0 ? { value: measured.ratePerSecond(durationSeconds) } : { value: null, note: 'no time' };
}

const machineInSkew =
  'no verdict: the time that this machine needs to read so many sockets is too large a part of it; have two sentinels or more in a room';

/** A whole test. */
export function subjectOfTest(totals: TestTotals, durationSeconds: number): Subject {
  const { overall, lag, wait, dns, tls, sockets, delivery } = totals;
  // Where a test opens WebSockets, connecting is what they do; the connections of its requests are another matter.
  const connect = sockets?.connect ?? totals.connect;
  const iterations = [...totals.scenarios.values()].map((each) => each.iteration);
  const checks = [...totals.checks.values()];
  const exceptions = sum([...totals.exceptions.values()].map((each) => each.count - each.warmUpCount));
  const skew = delivery && judgedSkew(delivery);
  const { gone, back } = delivery?.detail.recovery ?? { gone: 0, back: 0 };
  const notIssued = sum([...totals.scenarios.values()].map((each) => each.notIssued));
  return {
    measured: overall,
    durationSeconds,
    times: {
      ...timesOf(overall),
      lag,
      wait,
      connect,
      dns,
      tls,
      iteration: mergedHistogram(iterations),
      ...(delivery !== undefined && {
        delivery: delivery.times.latency,
        skew: skew?.histogram,
        recovery: delivery.times.away,
      }),
    },
    ...(skew?.of === 'nobody' && { atMost: { skew: machineInSkew } }),
    notBack: gone - back,
    counts: {
      exceptions,
      notIssued,
      unfinished: overall.unfinished,
      resent: overall.resent,
      ...deliveryCounts(delivery),
    },
    shares: {
      ...sharesOf(overall),
      checks: checksShare(checks),
      'connect.success': sockets === undefined ? connectShare(totals.machine) : [sockets.opened, sockets.judged],
      ...(delivery !== undefined && {
        'delivery.reach': [delivery.counts.delivered, delivery.counts.owed],
        'recovery.back': [back, gone],
      }),
    },
  };
}

function deliveryCounts(delivery: DeliveryTotals | undefined): Record<string, number> {
  if (delivery === undefined) return {};
  const counts = { ...delivery.counts, unjoined: delivery.detail.unjoined };
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [`delivery.${name}`, count]));
}

/** Series of one name or one scenario, taken together. */
export function subjectOfMeasured(
  measured: MeasuredTotals,
  checks: readonly CheckTotals[],
  durationSeconds: number,
): Subject {
  return {
    measured,
    durationSeconds,
    times: timesOf(measured),
    counts: { unfinished: measured.unfinished, resent: measured.resent },
    shares: { ...sharesOf(measured), checks: checksShare(checks) },
  };
}

function timesOf(measured: MeasuredTotals): Record<string, Histogram> {
  return { latency: measured.latency, service: measured.service, ttfb: measured.ttfb };
}

function sharesOf(measured: MeasuredTotals): Record<string, readonly [number, number]> {
  const { requests, limited, expected, checkFailed } = measured;
  return {
    success: [Math.max(0, expected - checkFailed), requests - limited],
    limited: [limited, requests],
  };
}

export function checksShare(
  checks: readonly { readonly passed: number; readonly failed: number }[],
): readonly [number, number] {
  const passed = sum(checks.map((check) => check.passed));
  return [passed, passed + sum(checks.map((check) => check.failed))];
}

/** The warm-up included: most connections are made before the clock starts or in its first second. */
function connectShare({ connectionsOpened, connectionsFailed }: MachineTotals): readonly [number, number] {
  return [connectionsOpened, connectionsOpened + connectionsFailed];
}

function mergedHistogram(histograms: readonly Histogram[]): Histogram | undefined {
  if (histograms.length < 2) return histograms[0];
  const all = new Histogram();
  for (const histogram of histograms) all.merge(histogram);
  return all;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
