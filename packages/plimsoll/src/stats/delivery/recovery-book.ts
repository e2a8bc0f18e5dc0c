/** Subscribers whose connection went, and how they came back. */
import type { MembershipChange, ReturnEvent } from './delivery-batch.ts';
import type { Recovery } from './delivery-delta.ts';

export class RecoveryBook {
  /** By subscriber: when its connection went, while it is away. */
  readonly #away = new Map<number, number>();
  readonly #tookMs: number[] = [];
  /** When each was made; workers tell one after the other, so they are sorted when they are looked at. */
  readonly #attemptsMs: number[] = [];
  #gone = 0;

  /** A subscriber of several rooms goes from all of them at once: it is counted once. */
  change({ subscriber, change, atMs }: MembershipChange): void {
    if ((change !== 'cut' && change !== 'lost') || this.#away.has(subscriber)) return;
    this.#away.set(subscriber, atMs);
    this.#gone++;
  }

  add({ subscriber, what, atMs }: ReturnEvent): void {
    if (what === 'attempt') {
      this.#attemptsMs.push(atMs);
      return;
    }
    const goneMs = this.#away.get(subscriber);
    if (goneMs === undefined) return;
    this.#away.delete(subscriber);
    this.#tookMs.push(atMs - goneMs);
  }

  /** undefined: no connection has gone. */
  result(mostMissed: number): Recovery | undefined {
    if (this.#gone === 0) return undefined;
    const sorted = this.#tookMs.toSorted((a, b) => a - b);
    const share = (part: number): number | null => sorted[Math.ceil(part * this.#gone) - 1] ?? null;
    return {
      gone: this.#gone,
      back: sorted.length,
      attempts: this.#attemptsMs.length,
      peakAttemptsPerSecond: mostInASecond(this.#attemptsMs.sort((a, b) => a - b)),
      p50Ms: share(0.5),
      p95Ms: share(0.95),
      allMs: share(1),
      mostMissed,
    };
  }
}

/** In the second that holds most of them, wherever it begins. */
function mostInASecond(sortedMs: readonly number[]): number {
  let most = 0;
  let first = 0;
  for (let last = 0; last < sortedMs.length; last++) {
    while (sortedMs[last]! - sortedMs[first]! >= 1000) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}
