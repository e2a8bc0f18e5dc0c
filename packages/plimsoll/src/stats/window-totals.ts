/** The last seconds' snapshots, for thresholds that must hold in every full sliding window. */
import type { DeliveryDelta } from './delivery/delivery-delta.ts';
import type { Snapshot } from './snapshot.ts';

/** All workers' snapshots of one second. */
export interface WindowSecond {
  readonly second: number;
  /** 1000 but for the last one, and for one whose worker was late. */
  readonly spanMs: number;
  readonly snapshots: readonly Snapshot[];
  readonly delivery: DeliveryDelta | undefined;
}

/** Snapshots are taken on the second, give or take the lateness of a timer. */
const latenessMs = 50;

export class WindowTotals {
  readonly #longestMs: number;
  #seconds: WindowSecond[] = [];

  constructor(longestSeconds: number) {
    this.#longestMs = longestSeconds * 1000;
  }

  add(second: number, spanMs: number, snapshots: readonly Snapshot[], delivery?: DeliveryDelta): void {
    this.#seconds.push({ second, spanMs, snapshots, delivery });
    const needed = this.latest(this.#longestMs)?.length;
    if (needed !== undefined) this.#seconds = this.#seconds.slice(-needed);
  }

  /**
   * The window that ends now, in whole snapshots and so at least as long as asked for: the last one of a test spans a
   * part of a second and is no window of its own. Undefined before there is a full one.
   */
  latest(windowMs: number): readonly WindowSecond[] | undefined {
    let spanMs = 0;
    for (let at = this.#seconds.length - 1; at >= 0; at--) {
      spanMs += this.#seconds[at]!.spanMs;
      if (spanMs + latenessMs >= windowMs) return this.#seconds.slice(at);
    }
    return undefined;
  }
}
