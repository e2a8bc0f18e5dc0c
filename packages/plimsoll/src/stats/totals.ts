/**
 * A test's snapshots added up on the host. What counts for verdicts leaves the warm-up out; the books hold everything.
 * Memory is bounded however long the run.
 */
import { BookTotals } from './book-totals.ts';
import type { DeliveryDelta } from './delivery/delivery-delta.ts';
import { DeliveryTotals } from './delivery/delivery-totals.ts';
import { ExampleTotals } from './example-totals.ts';
import { Histogram } from './histogram.ts';
import { MeasuredTotals } from './measured-totals.ts';
import type { CheckDelta, ExceptionDelta, MetricDelta, ScenarioDelta, SeriesDelta, Snapshot } from './snapshot.ts';
import { SocketTotals } from './socket-totals.ts';
import { Timeline, timelinePoint } from './timeline.ts';
import { WindowTotals } from './window-totals.ts';
import { startsAfter, WorkerClocks } from './worker-clocks.ts';

const mostSeries = 200;
const mostPlaces = 100;
const mostChecks = 2000;
/** Between the words of a key: no name holds it. */
const apart = '\0';
/** Kinds of errors that mean that no connection was made. */
const connectErrors = ['refused', 'unreachable', 'dns', 'connect-timeout', 'tls', 'proxy', 'file-limit', 'port-limit'];

export interface SeriesTotals {
  readonly name: string;
  readonly kind: 'request' | 'step';
  readonly scenario: string;
  readonly totals: MeasuredTotals;
}

export class ScenarioTotals {
  readonly name: string;
  due = 0;
  started = 0;
  completed = 0;
  failed = 0;
  interrupted = 0;
  notIssued = 0;
  activeVus = 0;
  vus = 0;
  /** Those of `failed` that ended after the warm-up. */
  failedMeasured = 0;
  /** Iterations that ended, without the warm-up. */
  endedMeasured = 0;
  /** Without the warm-up. */
  readonly iteration = new Histogram();

  constructor(name: string) {
    this.name = name;
  }
}

export interface CheckTotals {
  readonly name: string;
  readonly series: string;
  passed: number;
  failed: number;
}

export interface MetricTotals {
  readonly name: string;
  readonly kind: 'trend' | 'counter' | 'rate';
  readonly unit: string;
  readonly values: Histogram;
  sum: number;
  count: number;
}

export interface ExceptionTotals {
  readonly place: string;
  readonly message: string;
  count: number;
  /** Those of `count` that fell into the warm-up: shown, but not judged. */
  warmUpCount: number;
  readonly stack: string;
}

/** The generator's own figures: without the warm-up but for connections, memory and the clock. */
export interface MachineTotals {
  /** Longest run of seconds with a busy share above 0.8, of any worker. */
  busySeconds: number;
  busiestShare: number;
  gcMaxPauseUs: number;
  /** Longest time for which a worker's event loop was too late with a snapshot. */
  stallMaxMs: number;
  stealShareMax: number;
  stealSum: number;
  stealSeconds: number;
  clockJumpMaxMs: number;
  connectionsOpened: number;
  /** Requests that failed because no connection could be made. */
  connectionsFailed: number;
  openConnections: number;
  rssBytes: number;
}

export class TestTotals {
  readonly series = new Map<string, SeriesTotals>();
  /** All requests of the test. */
  readonly overall = new MeasuredTotals();
  readonly scenarios = new Map<string, ScenarioTotals>();
  readonly checks = new Map<string, CheckTotals>();
  readonly metrics = new Map<string, MetricTotals>();
  readonly exceptions = new Map<string, ExceptionTotals>();
  readonly timeline = new Timeline();
  readonly examples = new ExampleTotals();
  readonly lag = new Histogram();
  readonly wait = new Histogram();
  readonly connect = new Histogram();
  readonly dns = new Histogram();
  readonly tls = new Histogram();
  readonly books = new BookTotals();
  /** undefined until a test has opened a WebSocket. */
  sockets: SocketTotals | undefined;
  /** undefined but for a fan-out. */
  delivery: DeliveryTotals | undefined;
  readonly machine: MachineTotals = {
    busySeconds: 0,
    busiestShare: 0,
    gcMaxPauseUs: 0,
    stallMaxMs: 0,
    stealShareMax: 0,
    stealSum: 0,
    stealSeconds: 0,
    clockJumpMaxMs: 0,
    connectionsOpened: 0,
    connectionsFailed: 0,
    openConnections: 0,
    rssBytes: 0,
  };
  /** For thresholds with a window; undefined where none has one. */
  readonly windows: WindowTotals | undefined;
  /** By worker: the length, in seconds, of the present run of busy ones. */
  readonly #busyRuns = new Map<number, number>();
  readonly #clocks = new WorkerClocks();
  readonly #loadMs: number;

  /** `loadMs`: end of the load window as planned, from the start; what completes later is no part of the rate. */
  constructor(options: { readonly longestWindowSeconds?: number; readonly loadMs?: number } = {}) {
    const seconds = options.longestWindowSeconds ?? 0;
    this.#loadMs = options.loadMs ?? Infinity;
    this.windows = seconds > 0 ? new WindowTotals(seconds) : undefined;
  }

  /** All workers' snapshots of one second. */
  add(
    second: number,
    snapshots: readonly Snapshot[],
    warmUp: boolean,
    machine: { readonly stealShare: number | null; readonly clockJumpMs: number } = {
      stealShare: null,
      clockJumpMs: 0,
    },
    delivery?: DeliveryDelta,
  ): void {
    if (delivery !== undefined) this.addDelivery(delivery);
    for (const snapshot of snapshots) {
      const { startMs, lateMs } = this.#clocks.advance(snapshot);
      this.#addSnapshot(snapshot, warmUp, startsAfter(startMs, this.#loadMs));
      if (!warmUp) this.machine.stallMaxMs = Math.max(this.machine.stallMaxMs, lateMs);
    }
    this.#addMachine(snapshots, machine, warmUp);
    const point = timelinePoint(second, snapshots, warmUp);
    this.timeline.add(point);
    if (!warmUp) this.windows?.add(second, point.spanMs, snapshots, delivery);
  }

  /** Of a fan-out: what was settled. */
  addDelivery(delta: DeliveryDelta): void {
    this.delivery ??= new DeliveryTotals();
    this.delivery.add(delta);
  }

  /** One snapshot, without machine and timeline: what thresholds over a window need. */
  addMeasured(snapshot: Snapshot): void {
    this.#addSnapshot(snapshot, false, false);
  }

  /** Since the start of the load, as far as the workers have told. */
  get elapsedMs(): number {
    return this.#clocks.elapsedMs;
  }

  #addSnapshot(snapshot: Snapshot, warmUp: boolean, isAfterLoad: boolean): void {
    for (const delta of snapshot.series) this.#addSeries(delta, warmUp, isAfterLoad);
    this.books.addWorker(snapshot);
    for (const delta of snapshot.scenarios) this.#addScenario(delta, warmUp);
    this.#addSockets(snapshot);
    this.machine.connectionsOpened += snapshot.generator.connectionsOpened;
    for (const delta of snapshot.exceptions) this.#addException(delta, warmUp);
    // Connections are made before the load and early in it: their times belong to no warm-up.
    this.connect.add(snapshot.connect);
    this.dns.add(snapshot.dns);
    this.tls.add(snapshot.tls);
    if (warmUp) return;
    for (const delta of snapshot.checks) this.#addCheck(delta);
    for (const delta of snapshot.metrics) this.#addMetric(delta);
    this.lag.add(snapshot.lag);
    this.wait.add(snapshot.wait);
    this.examples.add(snapshot);
  }

  #addSockets(snapshot: Snapshot): void {
    const { sockets } = snapshot;
    if (sockets === undefined) return;
    this.sockets ??= new SocketTotals();
    this.sockets.add({ ...snapshot, sockets });
  }

  #addSeries(delta: SeriesDelta, warmUp: boolean, isAfterLoad: boolean): void {
    const { kind, scenario } = delta;
    const { key, name } = this.#series(delta);
    this.books.addSeries(key, name, delta);
    if (kind === 'request') {
      for (const error of connectErrors) this.machine.connectionsFailed += delta.errors[error] ?? 0;
    }
    if (warmUp) return;
    let series = this.series.get(key);
    if (!series) this.series.set(key, (series = { name, kind, scenario, totals: new MeasuredTotals() }));
    series.totals.add(delta, isAfterLoad);
    if (kind === 'request') this.overall.add(delta, isAfterLoad);
  }

  /** Each worker keeps to 200 series of its own; together they may name more, which are counted as `other`. */
  #series({ name, kind, scenario }: SeriesDelta): { readonly key: string; readonly name: string } {
    const keyOf = (own: string): string => kind + apart + scenario + apart + own;
    const known = this.books.series;
    const isFull = known.size >= mostSeries && !known.has(keyOf(name));
    const used = isFull ? 'other' : name;
    return { key: keyOf(used), name: used };
  }

  #addScenario(delta: ScenarioDelta, warmUp: boolean): void {
    let totals = this.scenarios.get(delta.name);
    if (!totals) this.scenarios.set(delta.name, (totals = new ScenarioTotals(delta.name)));
    totals.due += delta.due;
    totals.started += delta.started;
    totals.completed += delta.completed;
    totals.failed += delta.failed;
    totals.interrupted += delta.interrupted;
    totals.notIssued += delta.notIssued;
    if (warmUp) return;
    totals.failedMeasured += delta.failed;
    totals.endedMeasured += delta.completed + delta.failed;
    totals.iteration.add(delta.iteration);
  }

  #addCheck({ name, series, passed, failed }: CheckDelta): void {
    const full = this.checks.size >= mostChecks && !this.checks.has(series + apart + name);
    const usedName = full ? 'other' : name;
    const key = series + apart + usedName;
    let totals = this.checks.get(key);
    if (!totals) this.checks.set(key, (totals = { name: usedName, series, passed: 0, failed: 0 }));
    totals.passed += passed;
    totals.failed += failed;
  }

  #addMetric({ name, kind, unit, values, sum, count }: MetricDelta): void {
    let totals = this.metrics.get(name);
    if (!totals) this.metrics.set(name, (totals = { name, kind, unit, values: new Histogram(), sum: 0, count: 0 }));
    totals.values.add(values);
    totals.sum += sum;
    totals.count += count;
  }

  /** Beyond 100 kinds of exceptions all new ones are counted together. */
  #addException(delta: ExceptionDelta, warmUp: boolean): void {
    const own = delta.place + apart + delta.message;
    const full = this.exceptions.size >= mostPlaces && !this.exceptions.has(own);
    const { place, message, stack } = full ? { place: '', message: 'further exceptions', stack: '' } : delta;
    const key = full ? `${apart}further exceptions` : own;
    let totals = this.exceptions.get(key);
    if (!totals) this.exceptions.set(key, (totals = { place, message, count: 0, warmUpCount: 0, stack }));
    totals.count += delta.count;
    if (warmUp) totals.warmUpCount += delta.count;
  }

  #addMachine(
    snapshots: readonly Snapshot[],
    machine: { readonly stealShare: number | null; readonly clockJumpMs: number },
    warmUp: boolean,
  ): void {
    const totals = this.machine;
    for (const { generator } of snapshots) totals.rssBytes = Math.max(totals.rssBytes, generator.rssBytes);
    totals.openConnections = sumOf(snapshots.map(({ generator }) => generator.openConnections));
    if (Math.abs(machine.clockJumpMs) > Math.abs(totals.clockJumpMaxMs)) totals.clockJumpMaxMs = machine.clockJumpMs;
    if (warmUp) return;
    for (const snapshot of snapshots) this.#addGenerator(snapshot);
    if (machine.stealShare !== null && snapshots.some(isLong)) {
      totals.stealShareMax = Math.max(totals.stealShareMax, machine.stealShare);
      totals.stealSum += machine.stealShare;
      totals.stealSeconds++;
    }
  }

  #addGenerator(snapshot: Snapshot): void {
    const { machine } = this;
    const { busyShare, gcMaxPauseUs } = snapshot.generator;
    machine.gcMaxPauseUs = Math.max(machine.gcMaxPauseUs, gcMaxPauseUs);
    if (!isLong(snapshot)) return;
    // A tick may come a millisecond early or late; three busy seconds are three.
    const seconds = Math.round(snapshot.spanMs / 1000);
    const run = busyShare > 0.8 ? (this.#busyRuns.get(snapshot.worker) ?? 0) + seconds : 0;
    this.#busyRuns.set(snapshot.worker, run);
    machine.busySeconds = Math.max(machine.busySeconds, run);
    machine.busiestShare = Math.max(machine.busiestShare, busyShare);
  }
}

/** Shares over a fraction of a second say little. */
function isLong(snapshot: Snapshot): boolean {
  return snapshot.spanMs >= 500;
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
