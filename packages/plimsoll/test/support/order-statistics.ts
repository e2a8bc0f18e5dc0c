/** Percentiles the plain way: sort, count. Nothing shared with the tool. */

/** The smallest value with at least a share `p` of all values at or below it. */
export function quantile(values: ArrayLike<number>, p: number): number {
  if (values.length === 0) throw new Error('no value, no quantile');
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)]!;
}
