/** Everything one worker counts in one test, until the next snapshot takes it. */
import { hashText, Sfc32 } from '../../kernel/random.ts';
import { Histogram } from '../../stats/histogram.ts';
import type { CheckDelta, ExceptionDelta, MetricDelta, ScenarioDelta, Snapshot } from '../../stats/snapshot.ts';
import type { OwnMetricRecord } from '../registry.ts';
import { Examples } from './examples.ts';
import type { GeneratorWatch } from './generator-watch.ts';
import type { Instants } from './instants.ts';
import { SeriesRecord, type Ending } from './series-record.ts';
import { SocketRecord } from './socket-record.ts';

const mostSeries = 200;
/** Trends are kept in thousandths, in the same histogram as times. */
const mostTrendValue = 2_147_483;
const mostPlaces = 100;
/** Between the words of a key: no name holds it. */
const apart = '\0';
const furtherExceptions = `${apart}further exceptions`;

export class ScenarioRecord {
  readonly name: string;
  readonly iteration = new Histogram();
  due = 0;
  started = 0;
  completed = 0;
  failed = 0;
  interrupted = 0;
  notIssued = 0;
  activeVus = 0;
  vus = 0;

  constructor(name: string) {
    this.name = name;
  }

  take(): ScenarioDelta {
    const { name, due, started, completed, failed, interrupted, notIssued, activeVus, vus } = this;
    this.due = this.started = this.completed = this.failed = this.interrupted = this.notIssued = 0;
    const iteration = this.iteration.takeDelta();
    return { name, due, started, completed, failed, interrupted, notIssued, activeVus, vus, iteration };
  }
}

export interface OpenStep {
  readonly series: SeriesRecord;
  readonly startMs: number;
}

interface ExceptionRecord {
  readonly message: string;
  readonly stack: string;
  count: number;
}

export class TestRecorder {
  readonly #series = new Map<string, SeriesRecord>();
  readonly #scenarios: readonly ScenarioRecord[];
  readonly #metrics: readonly OwnMetricRecord[];
  readonly #metricRecords = new Map<string, { readonly values: Histogram; sum: number; count: number }>();
  readonly #exceptions = new Map<string, ExceptionRecord>();
  readonly #onProblem: (message: string) => void;
  readonly #watch: GeneratorWatch;
  readonly #examples: Examples;
  readonly #openSteps = new Set<OpenStep>();
  readonly #rangeSaid = new Set<string>();
  readonly #said = new Set<string>();
  #foldedSaid = false;
  /** Of arrivals and ends of sleeps alone: what is due when it is asked for is never late, and would hide what is. */
  readonly lag = new Histogram();
  readonly wait = new Histogram();
  readonly connect = new Histogram();
  readonly dns = new Histogram();
  readonly tls = new Histogram();
  readonly sockets = new SocketRecord();
  openConnections = 0;
  connectionsOpened = 0;
  inFlight = 0;
  /** The start of the test on the clock. */
  startMs = 0;
  // ∫ in flight dt, kept by events alone: held against the latencies, which come from the histograms' side.
  #areaMs = 0;
  #areaAtMs = 0;
  #latencySumMs = 0;

  constructor(options: {
    readonly scenarios: readonly string[];
    readonly metrics: readonly OwnMetricRecord[];
    readonly watch: GeneratorWatch;
    readonly onProblem: (message: string) => void;
    /** Of the sample of requests; whole numbers. */
    readonly seed?: readonly number[];
  }) {
    this.#scenarios = options.scenarios.map((name) => new ScenarioRecord(name));
    this.#metrics = options.metrics;
    this.#watch = options.watch;
    this.#onProblem = options.onProblem;
    this.#examples = new Examples(new Sfc32(hashText('examples'), ...(options.seed ?? [])));
    for (const own of options.metrics) this.#recordMetric(own);
  }

  scenario(index: number): ScenarioRecord {
    return this.#scenarios[index]!;
  }

  /** The record of a series; beyond 200 names all new ones share `other`. */
  series(name: string, kind: 'request' | 'step', scenario: string): SeriesRecord {
    const key = kind + apart + scenario + apart + name;
    const known = this.#series.get(key);
    if (known) return known;
    if (this.#series.size >= mostSeries && name !== 'other') {
      if (!this.#foldedSaid) {
        this.#onProblem(
          `more than ${mostSeries} series: '${name}' and all further ones are counted as 'other' (use {placeholders} in the path, or name)`,
        );
        this.#foldedSaid = true;
      }
      return this.series('other', kind, scenario);
    }
    const record = new SeriesRecord(name, kind, scenario);
    this.#series.set(key, record);
    return record;
  }

  issue(nowMs: number, dueMs: number): void {
    this.#areaMs += this.inFlight * (nowMs - this.#areaAtMs) + (nowMs - dueMs);
    this.#areaAtMs = nowMs;
    this.inFlight++;
  }

  /** Hot path: an answer, or the lack of one. */
  end(series: SeriesRecord, ending: Ending, at: Instants, nowMs: number): void {
    this.#areaMs += this.inFlight * (nowMs - this.#areaAtMs);
    this.#areaAtMs = nowMs;
    this.inFlight--;
    const latencyMs = nowMs - at.dueMs;
    this.#latencySumMs += latencyMs;
    const latencyUs = latencyMs * 1000;
    if (ending === 'expected') {
      series.expected++;
      series.latency.record(latencyUs);
    } else {
      this.#endOtherwise(series, ending, latencyUs);
    }
    // Without a byte sent there is no service time; without a byte received no time to it.
    if (at.sentMs > 0) {
      series.service.record((nowMs - at.sentMs) * 1000);
      if (at.firstByteMs > 0) series.ttfb.record((at.firstByteMs - at.sentMs) * 1000);
      this.wait.record((at.sentMs - at.issuedMs) * 1000);
    } else {
      this.wait.record((nowMs - at.issuedMs) * 1000);
    }
    this.#examples.see(series, at, latencyUs, nowMs, this.startMs);
  }

  #endOtherwise(series: SeriesRecord, ending: Ending, latencyUs: number): void {
    if (ending === 'limited') series.limited++;
    else if (ending === 'unfinished') series.unfinished++;
    else series.failed++;
    if (ending === 'timeout' || ending === 'unfinished') series.latency.record(latencyUs);
    else series.failedLatency.record(latencyUs);
  }

  /** A step begins: counted as a series of its own, outside of the books of requests. */
  beginStep(name: string, scenario: string, startMs: number): OpenStep {
    const step = { series: this.series(name, 'step', scenario), startMs };
    step.series.issued++;
    this.#openSteps.add(step);
    return step;
  }

  endStep(step: OpenStep, ending: 'expected' | 'failed' | 'unfinished', nowMs: number): void {
    if (!this.#openSteps.delete(step)) return;
    const { series } = step;
    series[ending]++;
    (ending === 'failed' ? series.failedLatency : series.latency).record((nowMs - step.startMs) * 1000);
  }

  /** The end of the test: steps still open are unfinished, at their age. */
  cutSteps(nowMs: number): void {
    for (const step of [...this.#openSteps]) this.endStep(step, 'unfinished', nowMs);
  }

  /** Counts a failure by kind; the first of each kind is told in words. */
  countError(series: SeriesRecord, kind: string, message: string): void {
    series.countError(kind);
    if (kind !== 'status') this.tellOnce(kind, `first '${kind}' failure, of ${series.name}: ${message}`);
  }

  /** The first of its key is told in words. */
  tellOnce(key: string, message: string): void {
    if (this.#said.has(key)) return;
    this.#said.add(key);
    this.#onProblem(message);
  }

  countException(place: string, message: string, stack: string): void {
    const key = place + apart + message;
    const known = this.#exceptions.get(key);
    if (known) known.count++;
    else if (this.#exceptions.size < mostPlaces) this.#exceptions.set(key, { message, stack, count: 1 });
    else this.#countFurther();
  }

  /** Messages with an id in them would fill memory otherwise. */
  #countFurther(): void {
    const known = this.#exceptions.get(furtherExceptions);
    if (known) known.count++;
    else this.#exceptions.set(furtherExceptions, { message: 'further exceptions', stack: '', count: 1 });
  }

  #recordMetric(own: OwnMetricRecord): void {
    const record = { values: new Histogram(), sum: 0, count: 0 };
    this.#metricRecords.set(own.name, record);
    own.record = (value) => {
      record.count++;
      record.sum += value;
      if (own.kind !== 'trend') return;
      record.values.record(value * 1000);
      if (!(value >= 0 && value <= mostTrendValue) && !this.#rangeSaid.has(own.name)) {
        this.#rangeSaid.add(own.name);
        this.#onProblem(
          `metric '${own.name}' was given ${value}: a trend holds 0 to ${mostTrendValue}; record it in another unit`,
        );
      }
    };
  }

  /** The second's deltas; what was counted is forgotten. */
  take(test: number, worker: number, second: number, nowMs: number, spanMs: number, last: boolean): Snapshot {
    this.#areaMs += this.inFlight * (nowMs - this.#areaAtMs);
    this.#areaAtMs = nowMs;
    const checks: CheckDelta[] = [];
    for (const series of this.#series.values()) series.takeChecks(checks);
    const generator = {
      ...this.#watch.take(spanMs),
      openConnections: this.openConnections,
      connectionsOpened: this.connectionsOpened,
      inFlightAreaUs: this.#areaMs * 1000,
      latencySumUs: this.#latencySumMs * 1000,
      inFlight: this.inFlight,
    };
    this.#areaMs = 0;
    this.#latencySumMs = 0;
    this.connectionsOpened = 0;
    const sockets = this.sockets.take(last);
    return {
      test,
      worker,
      second,
      spanMs,
      last,
      series: [...this.#series.values()].filter((series) => series.isTouched).map((series) => series.take()),
      scenarios: this.#scenarios.map((scenario) => scenario.take()),
      checks,
      metrics: this.#takeMetrics(),
      exceptions: this.#takeExceptions(),
      ...this.#examples.take(),
      lag: this.lag.takeDelta(),
      wait: this.wait.takeDelta(),
      connect: this.connect.takeDelta(),
      dns: this.dns.takeDelta(),
      tls: this.tls.takeDelta(),
      generator,
      ...(sockets !== undefined && { sockets }),
    };
  }

  #takeMetrics(): MetricDelta[] {
    return this.#metrics.map(({ name, kind, unit }) => {
      const record = this.#metricRecords.get(name)!;
      const { sum, count } = record;
      record.sum = 0;
      record.count = 0;
      return { name, kind, unit, values: record.values.takeDelta(), sum, count };
    });
  }

  #takeExceptions(): ExceptionDelta[] {
    const taken = [...this.#exceptions].map(([key, { message, stack, count }]) => ({
      place: key.slice(0, key.length - message.length - 1),
      message,
      count,
      stack,
    }));
    this.#exceptions.clear();
    return taken;
  }

  close(): void {
    for (const own of this.#metrics) own.record = undefined;
  }
}
