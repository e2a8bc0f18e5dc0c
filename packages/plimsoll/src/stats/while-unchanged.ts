/** What is said of a histogram, worked out once for as long as nothing more is recorded. */
import type { Histogram } from './histogram.ts';

interface Known<T> {
  readonly count: number;
  readonly resets: number;
  readonly value: T;
}

/**
 * A test's totals are summed up each second, and most of them have not changed: where ten thousand sockets are open, how
 * long each took to open, for one. A count grows with whatever is recorded, and begins again with a reset only. (A counter of
 * nothing, or a damaged delta that threw half-way, changes a histogram without it: nobody goes on with such a one.)
 *
 * @param work pure; what it gives is shared, and must not be changed
 */
export function whileUnchanged<T>(work: (histogram: Histogram) => T): (histogram: Histogram) => T {
  const all = new WeakMap<Histogram, Known<T>>();
  return (histogram) => {
    const { count, resets } = histogram;
    const known = all.get(histogram);
    if (known?.count === count && known.resets === resets) return known.value;
    const value = work(histogram);
    all.set(histogram, { count, resets, value });
    return value;
  };
}
