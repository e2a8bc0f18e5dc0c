/** Figures of repeated measurements. Pure. */

/** The middle value; of an even number the mean of the two in the middle. NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle]!;
  return sorted.length === 0 ? Number.NaN : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function spread(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/**
 * How many times b is a: the ratio of the medians, and the least and greatest ratio of two values of the same round.
 * Rounds are paired by index; the pairs show how much the machine itself moved.
 */
export function ratioOf(a: readonly number[], b: readonly number[]): Spread {
  const pairs = a.slice(0, b.length).map((value, round) => value / b[round]!);
  return { median: median(a) / median(b), min: Math.min(...pairs), max: Math.max(...pairs) };
}

/** The items in the order of the given round: every round begins one further, so that none is always first. */
export function rotated<T>(items: readonly T[], round: number): T[] {
  const first = items.length === 0 ? 0 : round % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}
