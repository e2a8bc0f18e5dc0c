/**
 * What can be said of percentiles on a machine however busy. No request can have taken less than the server took for it,
 * and none more than the test waited for it by its own clock. So of n latencies the one at rank i is at least the i-th
 * smallest of the server's times and, counted from the top, at most the one of that rank among those of the test. That
 * holds, too, where the tool leaves a part out, such as a warm-up, and the others hold all.
 */
import { expect } from 'vitest';

const percentiles = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99, p999: 0.999, max: 1 } as const;

interface Ranked extends Readonly<Partial<Record<keyof typeof percentiles, number | null>>> {
  readonly count: number;
}

/** Three digits of a histogram, and a microsecond. */
const resolution = 0.001;
const grainMs = 0.001;

export function expectNoneShorter(latency: Ranked, servicesMs: ArrayLike<number>): void {
  const sorted = Float64Array.from(servicesMs).sort();
  expect(latency.count).toBeLessThanOrEqual(sorted.length);
  for (const [name, value, rank] of ranked(latency)) {
    const leastMs = sorted[rank - 1]!;
    expect(value, `${name}, for the server ${leastMs} ms`).toBeGreaterThanOrEqual(leastMs * (1 - resolution) - grainMs);
  }
}

export function expectNoneLonger(latency: Ranked, waitedMs: ArrayLike<number>): void {
  const sorted = Float64Array.from(waitedMs).sort();
  expect(latency.count).toBeLessThanOrEqual(sorted.length);
  for (const [name, value, rank] of ranked(latency)) {
    const mostMs = sorted[sorted.length - 1 - (latency.count - rank)]!;
    expect(value, `${name}, for the test ${mostMs} ms`).toBeLessThanOrEqual(mostMs * (1 + resolution) + grainMs);
  }
}

/** Rank from 1. */
function ranked(latency: Ranked): [name: string, value: number, rank: number][] {
  return (Object.keys(percentiles) as (keyof typeof percentiles)[]).flatMap((name) => {
    const value = latency[name];
    return value === null || value === undefined
      ? []
      : [[name, value, Math.max(1, Math.ceil(percentiles[name] * latency.count))]];
  });
}
