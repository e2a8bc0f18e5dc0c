/** Subscribers whose connection went, and how they came back. Bounded: no attempt and no return is kept for good. */
import { Histogram } from '../histogram.ts';
import type { HistogramDelta } from '../snapshot.ts';
import type { ReturnEvent } from './delivery-batch.ts';
import type { Recovery } from './delivery-delta.ts';
import { PeakPerSecond } from './peak-per-second.ts';

export class RecoveryBook {
  /** By subscriber: when its connection went, while it is away. */
  readonly #away = new Map<number, number>();
  /** Of those that came back, how long each was away. */
  readonly #took = new Histogram();
  /** Those of them that have not been told. */
  readonly #untold = new Histogram();
  readonly #peak = new PeakPerSecond();
  /** Beyond what the histogram can tell apart, too. */
  #longestMs = 0;
  #gone = 0;
  #attempts = 0;

  /** Of one subscriber in their order. */
  add({ subscriber, what, atMs }: ReturnEvent): void {
    if (what === 'gone') {
      // What the storm cuts may be told as lost, too.
      if (this.#away.has(subscriber)) return;
      this.#away.set(subscriber, atMs);
      this.#gone++;
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
    this.#untold.record((atMs - goneMs) * 1000);
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

  /** How long those were away that came back since the last call. */
  takeTimes(): HistogramDelta {
    return this.#untold.takeDelta();
  }

  /** Until this share of those gone were back; null: so many never were. */
  #untilBackMs(share: number): number | null {
    const rank = Math.ceil(share * this.#gone * (1 - Number.EPSILON));
    return rank > this.#took.count ? null : this.#took.valueAtRank(rank) / 1000;
  }
}
