/**
 * A uniform sample of requests whose number nobody knows beforehand, in parts that can be put together.
 *
 * Each request has a random key, uniform in (0, 1]; the k with the smallest keys are the sample. So the sample of a whole
 * is found among the samples of its parts, whether these are seconds or workers and however many requests each had.
 *
 * A key is drawn only for a request that is kept. Where t is the largest of the k kept keys, each further request gets
 * below it with probability t, and how many do not before the first one does is geometric (u uniform in (0, 1]):
 *
 *     skipped = ⌊ln u / ln(1 − t)⌋
 *
 * That one's key, being below t, is uniform in (0, t]. Of n requests about k·(1 + ln(n/k)) are looked at.
 */
import type { Sfc32 } from '../kernel/random.ts';

const sampleSize = 10;

/** What was kept, and its key. */
export type Sampled<Item> = Item & { readonly key: number };

export class RequestSample<Item> {
  readonly #random: Sfc32;
  #kept: Sampled<Item>[] = [];
  /** Of `#kept`, the one with the largest key; known once the sample is full. */
  #largest = 0;
  #toSkip = 0;

  constructor(random: Sfc32) {
    this.#random = random;
  }

  /** Hot path, once for each request: a decrement and a compare. true: this one is to be given to `keep`. */
  isNextKept(): boolean {
    return --this.#toSkip < 0;
  }

  keep(item: Item): void {
    const kept = this.#kept;
    if (kept.length < sampleSize) {
      this.#toSkip = 0;
      kept.push({ ...item, key: this.#uniform() });
      if (kept.length < sampleSize) return;
    } else {
      kept[this.#largest] = { ...item, key: kept[this.#largest]!.key * this.#uniform() };
    }
    this.#largest = kept.reduce((largest, { key }, index) => (key > kept[largest]!.key ? index : largest), 0);
    this.#toSkip = Math.floor(Math.log(this.#uniform()) / Math.log1p(-kept[this.#largest]!.key));
  }

  /** The sample of what came since the last time; the next one begins. */
  take(): Sampled<Item>[] {
    const kept = this.#kept;
    this.#kept = [];
    this.#toSkip = 0;
    return kept;
  }

  /** In (0, 1]. */
  #uniform(): number {
    return 1 - this.#random.next();
  }
}

/** The sample of all from the samples of two parts. */
export function joinedSample<Item>(
  some: readonly Sampled<Item>[],
  others: readonly Sampled<Item>[],
): readonly Sampled<Item>[] {
  if (others.length === 0) return some;
  return [...some, ...others].sort((a, b) => a.key - b.key).slice(0, sampleSize);
}
