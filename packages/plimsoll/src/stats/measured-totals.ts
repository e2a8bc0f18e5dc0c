/** What a series, or a whole test, has measured so far: snapshots added up. Merging is adding, never averaging. */
import { Histogram } from './histogram.ts';
import type { SeriesDelta } from './snapshot.ts';

export class MeasuredTotals {
  issued = 0;
  expected = 0;
  limited = 0;
  failed = 0;
  unfinished = 0;
  /** Those of `completed` that ended when the load window was over: no part of its rate. */
  completedAfterLoad = 0;
  checkFailed = 0;
  resent = 0;
  bytesIn = 0;
  bytesOut = 0;
  readonly status = new Map<string, number>();
  readonly errors = new Map<string, number>();
  readonly latency = new Histogram();
  readonly failedLatency = new Histogram();
  readonly service = new Histogram();
  readonly ttfb = new Histogram();

  add(delta: SeriesDelta, isAfterLoad = false): void {
    if (isAfterLoad) this.completedAfterLoad += delta.expected + delta.limited + delta.failed;
    this.issued += delta.issued;
    this.expected += delta.expected;
    this.limited += delta.limited;
    this.failed += delta.failed;
    this.unfinished += delta.unfinished;
    this.checkFailed += delta.checkFailed;
    this.resent += delta.resent;
    this.bytesIn += delta.bytesIn;
    this.bytesOut += delta.bytesOut;
    addCounts(this.status, delta.status);
    addCounts(this.errors, delta.errors);
    this.latency.add(delta.latency);
    this.failedLatency.add(delta.failedLatency);
    this.service.add(delta.service);
    this.ttfb.add(delta.ttfb);
  }

  merge(other: MeasuredTotals): void {
    this.completedAfterLoad += other.completedAfterLoad;
    this.issued += other.issued;
    this.expected += other.expected;
    this.limited += other.limited;
    this.failed += other.failed;
    this.unfinished += other.unfinished;
    this.checkFailed += other.checkFailed;
    this.resent += other.resent;
    this.bytesIn += other.bytesIn;
    this.bytesOut += other.bytesOut;
    addCounts(this.status, Object.fromEntries(other.status));
    addCounts(this.errors, Object.fromEntries(other.errors));
    this.latency.merge(other.latency);
    this.failedLatency.merge(other.failedLatency);
    this.service.merge(other.service);
    this.ttfb.merge(other.ttfb);
  }

  /** Answers and the lack of them: what has ended. */
  get requests(): number {
    return this.expected + this.limited + this.failed + this.unfinished;
  }

  /** Requests that ended by themselves, within their time or not. */
  get completed(): number {
    return this.expected + this.limited + this.failed;
  }

  /**
   * Completed requests per second of the load window. What a server works off when no more is asked of it does not
   * count: one that carries half the load would else show the whole of it.
   *
   * @param seconds length of the window, the warm-up left out
   */
  ratePerSecond(seconds: number): number {
    return seconds > 0 ? (this.completed - this.completedAfterLoad) / seconds : 0;
  }

  /** ok / (requests − limited), where ok is expected and no check on it failed; null without a request. */
  get success(): number | null {
    const judged = this.requests - this.limited;
    return judged > 0 ? Math.max(0, this.expected - this.checkFailed) / judged : null;
  }
}

function addCounts(into: Map<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [key, count] of Object.entries(counts)) into.set(key, (into.get(key) ?? 0) + count);
}
