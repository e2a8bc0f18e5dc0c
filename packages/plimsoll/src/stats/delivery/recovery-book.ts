/** Subscribers whose connection went, and how they came back. */
import type { MembershipChange, ReturnEvent } from './delivery-batch.ts';
import type { Recovery } from './delivery-delta.ts';

export class RecoveryBook {
  /** By subscriber: when its connection went, while it is away. */
  readonly #away = new Map<number, number>();
  readonly #tookMs: number[] = [];
  readonly #attempts = new Map<number, number>();
  #gone = 0;
  #attempted = 0;

  /** A subscriber of several rooms goes from all of them at once: it is counted once. */
  change({ subscriber, change, atMs }: MembershipChange): void {
    if ((change !== 'cut' && change !== 'lost') || this.#away.has(subscriber)) return;
    this.#away.set(subscriber, atMs);
    this.#gone++;
  }

  add({ subscriber, what, atMs }: ReturnEvent): void {
    if (what === 'attempt') {
      this.#attempted++;
      const second = Math.floor(atMs / 1000);
      this.#attempts.set(second, (this.#attempts.get(second) ?? 0) + 1);
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
      attempts: this.#attempted,
      peakAttemptsPerSecond: Math.max(0, ...this.#attempts.values()),
      p50Ms: share(0.5),
      p95Ms: share(0.95),
      allMs: share(1),
      mostMissed,
    };
  }
}
