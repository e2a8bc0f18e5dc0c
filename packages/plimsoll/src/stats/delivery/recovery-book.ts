/** Subscribers whose connection went, and how they came back. Bounded: no attempt and no return is kept for good. */
import { Histogram } from '../histogram.ts';
import type { MembershipChange, ReturnEvent } from './delivery-batch.ts';
import type { Recovery } from './delivery-delta.ts';
import { PeakPerSecond } from './peak-per-second.ts';

export class RecoveryBook {
  /** By subscriber: when its connection went, while it is away. */
  readonly #away = new Map<number, number>();
  /** Of those that came back, how long each was away. */
  readonly #took = new Histogram();
  readonly #peak = new PeakPerSecond();
  /** Beyond what the histogram can tell apart, too. */
  #longestMs = 0;
  #gone = 0;
  #attempts = 0;

  /** A subscriber of several rooms goes from all of them at once: it is counted once. */
  change({ subscriber, change, atMs }: MembershipChange): void {
    if (change === 'cut' || change === 'lost') this.#went(subscriber, atMs);
  }

  #went(subscriber: number, atMs: number): void {
    if (this.#away.has(subscriber)) return;
    this.#away.set(subscriber, atMs);
    this.#gone++;
  }

  add({ subscriber, what, atMs }: ReturnEvent): void {
    if (what === 'gone') {
      this.#went(subscriber, atMs);
      return;
    }
    if (what === 'attempt') {
      this.#attempts++;
      this.#peak.add(atMs);
      return;
    }
    const goneMs = this.#away.get(subscriber);
    if (goneMs === undefined) return;
    this.#away.delete(subscriber);
    this.#took.record((atMs - goneMs) * 1000);
    this.#longestMs = Math.max(this.#longestMs, atMs - goneMs);
  }

  /**
   * undefined: no connection has gone.
   *
   * @param toldMs up to here everything has been told
   */
  result(mostMissed: number, toldMs: number): Recovery | undefined {
    if (this.#gone === 0) return undefined;
    const back = this.#took.count;
    return {
      gone: this.#gone,
      back,
      attempts: this.#attempts,
      peakAttemptsPerSecond: this.#peak.most(toldMs),
      p50Ms: this.#untilBackMs(0.5),
      p95Ms: this.#untilBackMs(0.95),
      allMs: back === this.#gone ? this.#longestMs : null,
      mostMissed,
    };
  }

  /** Until this share of those gone were back; null: so many never were. */
  #untilBackMs(share: number): number | null {
    const rank = Math.ceil(share * this.#gone * (1 - Number.EPSILON));
    return rank > this.#took.count ? null : this.#took.valueAtRank(rank) / 1000;
  }
}
