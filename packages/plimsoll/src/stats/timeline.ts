/** One scalar point per second, bounded: a long run keeps its shape at half the resolution. */
import { Histogram } from './histogram.ts';
import type { Snapshot } from './snapshot.ts';
import { summarise } from './summary.ts';

/** Times in ms; the percentiles are the second's own, null where it had too few samples. */
export interface TimelinePoint {
  readonly second: number;
  readonly spanMs: number;
  readonly requests: number;
  readonly rate: number;
  readonly failed: number;
  readonly limited: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
  readonly lagP99: number | null;
  readonly inFlight: number;
  readonly activeVus: number;
  /** The busiest worker's. */
  readonly busyShare: number;
  readonly warmUp: boolean;
  /** Where the test has opened any by then: sockets open at its end, and attempts to open one begun in it. */
  readonly socketsOpen?: number;
  readonly socketAttempts?: number;
}

const mostPoints = 3600;

export class Timeline {
  #points: TimelinePoint[] = [];
  /** Seconds in one point: 1, 2, 4 … */
  #width = 1;
  #open: TimelinePoint[] = [];

  add(point: TimelinePoint): void {
    this.#open.push(point);
    if (this.#open.length < this.#width) return;
    this.#points.push(joined(this.#open));
    this.#open = [];
    if (this.#points.length >= mostPoints) this.#halve();
  }

  get points(): readonly TimelinePoint[] {
    return this.#open.length === 0 ? this.#points : [...this.#points, joined(this.#open)];
  }

  get latest(): TimelinePoint | undefined {
    return this.#open.at(-1) ?? this.#points.at(-1);
  }

  #halve(): void {
    const halved: TimelinePoint[] = [];
    for (let i = 0; i < this.#points.length; i += 2) halved.push(joined(this.#points.slice(i, i + 2)));
    this.#points = halved;
    this.#width *= 2;
  }
}

/** The workers' snapshots of one second as a point. */
export function timelinePoint(second: number, snapshots: readonly Snapshot[], warmUp: boolean): TimelinePoint {
  const latency = new Histogram();
  const lag = new Histogram();
  let requests = 0;
  let failed = 0;
  let limited = 0;
  for (const snapshot of snapshots) {
    lag.add(snapshot.lag);
    for (const series of snapshot.series) {
      if (series.kind !== 'request') continue;
      latency.add(series.latency);
      requests += series.expected + series.limited + series.failed;
      failed += series.failed;
      limited += series.limited;
    }
  }
  const spanMs = Math.max(0, ...snapshots.map((snapshot) => snapshot.spanMs));
  const { p50, p95, p99, max } = summarise(latency);
  return {
    second,
    spanMs,
    requests,
    rate: spanMs > 0 ? (requests * 1000) / spanMs : 0,
    failed,
    limited,
    p50,
    p95,
    p99,
    max,
    lagP99: summarise(lag).p99,
    inFlight: sumOf(snapshots.map((snapshot) => snapshot.generator.inFlight)),
    activeVus: sumOf(snapshots.flatMap((snapshot) => snapshot.scenarios.map((scenario) => scenario.activeVus))),
    busyShare: Math.max(0, ...snapshots.map((snapshot) => snapshot.generator.busyShare)),
    warmUp,
    ...socketsOf(snapshots),
  };
}

function socketsOf(snapshots: readonly Snapshot[]): Pick<TimelinePoint, 'socketsOpen' | 'socketAttempts'> {
  const sockets = snapshots.flatMap((snapshot) => snapshot.sockets ?? []);
  if (sockets.length === 0) return {};
  return {
    socketsOpen: sumOf(sockets.map((each) => each.open)),
    socketAttempts: sumOf(sockets.map((each) => each.attempts)),
  };
}

/** Neighbours as one: counts added, rates over the whole span, the worst percentile (there is no true one to give). */
function joined(points: readonly TimelinePoint[]): TimelinePoint {
  const first = points[0]!;
  if (points.length === 1) return first;
  const last = points.at(-1)!;
  const spanMs = sumOf(points.map((point) => point.spanMs));
  const requests = sumOf(points.map((point) => point.requests));
  return {
    second: first.second,
    spanMs,
    requests,
    rate: spanMs > 0 ? (requests * 1000) / spanMs : 0,
    failed: sumOf(points.map((point) => point.failed)),
    limited: sumOf(points.map((point) => point.limited)),
    p50: worst(points.map((point) => point.p50)),
    p95: worst(points.map((point) => point.p95)),
    p99: worst(points.map((point) => point.p99)),
    max: worst(points.map((point) => point.max)),
    lagP99: worst(points.map((point) => point.lagP99)),
    inFlight: last.inFlight,
    activeVus: last.activeVus,
    busyShare: Math.max(...points.map((point) => point.busyShare)),
    warmUp: first.warmUp,
    ...(last.socketsOpen !== undefined && {
      socketsOpen: last.socketsOpen,
      socketAttempts: sumOf(points.map((point) => point.socketAttempts ?? 0)),
    }),
  };
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function worst(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}
