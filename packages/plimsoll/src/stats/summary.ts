/** What is said of a histogram, and what is withheld for want of samples. */
import type { Histogram } from './histogram.ts';
import { whileUnchanged } from './while-unchanged.ts';

/**
 * Times in ms; null where there is no truth to tell. `approximate` names the percentiles with 1 to 10 samples beyond
 * them; those with fewer than 1 are null.
 */
export interface LatencyStatistics {
  readonly count: number;
  readonly mean: number | null;
  readonly sd: number | null;
  readonly min: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
  readonly p9999: number | null;
  readonly max: number | null;
  readonly approximate: readonly string[];
  readonly clamped: number;
}

/** Each percentile's share beyond it in 1/10,000: whole numbers, so that 100 samples have exactly 10 beyond their p90. */
const percentiles = {
  p50: { p: 50, beyond: 5000 },
  p90: { p: 90, beyond: 1000 },
  p95: { p: 95, beyond: 500 },
  p99: { p: 99, beyond: 100 },
  p999: { p: 99.9, beyond: 10 },
  p9999: { p: 99.99, beyond: 1 },
} as const;

export type PercentileName = keyof typeof percentiles;

/** 'p95' → 0.95; undefined: it is no percentile. */
export function percentileShare(name: string): number | undefined {
  return Object.hasOwn(percentiles, name) ? percentiles[name as PercentileName].p / 100 : undefined;
}

/** 'plain': at least 10 samples lie beyond it; 'approximate': at least 1; 'withheld': fewer. */
export function percentileSupport(name: PercentileName, count: number): 'plain' | 'approximate' | 'withheld' {
  const beyond = count * percentiles[name].beyond;
  if (beyond >= 100_000) return 'plain';
  return beyond >= 10_000 ? 'approximate' : 'withheld';
}

/** The p99, or where so few samples withhold it the p95, then the p90, then the median of what there is. */
export function highestSupported(histogram: Histogram): { readonly name: PercentileName; readonly valueUs: number } {
  const name = (['p99', 'p95', 'p90'] as const).find((each) => percentileSupport(each, histogram.count) !== 'withheld');
  return { name: name ?? 'p50', valueUs: histogram.valueAtPercentile(percentiles[name ?? 'p50'].p) };
}

export const summarise = whileUnchanged((histogram: Histogram): LatencyStatistics => {
  const { count, clamped } = histogram;
  const filled = count > 0;
  const supported = (name: PercentileName): number | null =>
    percentileSupport(name, count) === 'withheld' ? null : toMs(histogram.valueAtPercentile(percentiles[name].p));
  // Shared by whoever asks while nothing more is recorded.
  return Object.freeze({
    count,
    mean: filled ? toMs(histogram.mean) : null,
    sd: filled ? toMs(histogram.sd) : null,
    min: filled ? toMs(histogram.minUs) : null,
    p50: supported('p50'),
    p90: supported('p90'),
    p95: supported('p95'),
    p99: supported('p99'),
    p999: supported('p999'),
    p9999: supported('p9999'),
    max: filled ? toMs(histogram.maxUs) : null,
    approximate: Object.freeze(
      (Object.keys(percentiles) as PercentileName[]).filter((name) => percentileSupport(name, count) === 'approximate'),
    ),
    clamped,
  });
});

/** To the nanosecond: what lies below is rounding noise. */
function toMs(us: number): number {
  return Math.round(us * 1000) / 1e6;
}
