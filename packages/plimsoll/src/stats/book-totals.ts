/** What must balance: everything that was issued and how it ended, the warm-up included. */
import type { SeriesDelta, Snapshot } from './snapshot.ts';

/** The account of one series, or of all requests. */
export class EndingCounts {
  issued = 0;
  expected = 0;
  limited = 0;
  failed = 0;
  unfinished = 0;
  /** Those of `failed` that are in the latency. */
  timeouts = 0;
  latencyCount = 0;
  failedLatencyCount = 0;

  add(delta: SeriesDelta): void {
    this.issued += delta.issued;
    this.expected += delta.expected;
    this.limited += delta.limited;
    this.failed += delta.failed;
    this.unfinished += delta.unfinished;
    this.timeouts += delta.errors['timeout'] ?? 0;
    this.latencyCount += delta.latency.count;
    this.failedLatencyCount += delta.failedLatency.count;
  }

  get ended(): number {
    return this.expected + this.limited + this.failed + this.unfinished;
  }
}

export class BookTotals extends EndingCounts {
  /** Values beyond the histogram's range: their true length is not known to it. */
  clamped = 0;
  /** ∫ in flight dt, kept by events. */
  inFlightAreaUs = 0;
  /** Σ over the histograms of latency, where each value is rounded to a whole µs. */
  latencySumUs = 0;
  /** Σ latency as measured, unrounded. */
  exactLatencySumUs = 0;
  /** Requests open at each worker's last word: those of a running or a lost worker. */
  readonly outstanding = new Map<number, number>();
  /** Iterations likewise, by scenario. */
  readonly running = new Map<number, ReadonlyMap<string, number>>();
  /** By the key that the totals know the series by; steps too. */
  readonly series = new Map<string, { readonly name: string; readonly counts: EndingCounts }>();

  /** Of a step nothing goes into the sums: it is no request. */
  addSeries(key: string, name: string, delta: SeriesDelta): void {
    let own = this.series.get(key);
    if (!own) this.series.set(key, (own = { name, counts: new EndingCounts() }));
    own.counts.add(delta);
    if (delta.kind !== 'request') return;
    this.add(delta);
    this.latencySumUs += delta.latency.sumUs + delta.failedLatency.sumUs;
    this.clamped += delta.latency.clamped + delta.failedLatency.clamped;
  }

  addWorker({ worker, generator, scenarios }: Snapshot): void {
    this.inFlightAreaUs += generator.inFlightAreaUs;
    this.exactLatencySumUs += generator.latencySumUs;
    this.outstanding.set(worker, generator.inFlight);
    this.running.set(worker, new Map(scenarios.map((each) => [each.name, each.activeVus])));
  }
}
