/** What one kind of request did since the last snapshot. Hot path: counters and four histograms, no allocation. */
import { Histogram } from '../../stats/histogram.ts';
import type { CheckDelta, SeriesDelta } from '../../stats/snapshot.ts';

/** Beyond it all new names of checks share 'other': a name with an id in it would fill memory otherwise. */
const mostChecks = 100;

interface CheckRecord {
  passed: number;
  failed: number;
}

/** How a request ended; a time-out is a failure that stays in the headline latency. */
export type Ending = 'expected' | 'limited' | 'failed' | 'timeout' | 'unfinished';

export class SeriesRecord {
  readonly name: string;
  readonly kind: 'request' | 'step';
  readonly scenario: string;
  readonly latency = new Histogram();
  readonly failedLatency = new Histogram();
  readonly service = new Histogram();
  readonly ttfb = new Histogram();
  issued = 0;
  expected = 0;
  limited = 0;
  failed = 0;
  unfinished = 0;
  checkFailed = 0;
  resent = 0;
  bytesIn = 0;
  bytesOut = 0;
  /** Counts by status − 100 for 100 to 599, so that no key is hashed per request. */
  readonly #status = new Uint32Array(500);
  #oddStatus = new Map<number, number>();
  #errors = new Map<string, number>();
  #checks = new Map<string, CheckRecord>();

  constructor(name: string, kind: 'request' | 'step', scenario: string) {
    this.name = name;
    this.kind = kind;
    this.scenario = scenario;
  }

  countStatus(status: number): void {
    if (status >= 100 && status < 600) this.#status[status - 100]!++;
    else this.#oddStatus.set(status, (this.#oddStatus.get(status) ?? 0) + 1);
  }

  countError(kind: string): void {
    this.#errors.set(kind, (this.#errors.get(kind) ?? 0) + 1);
  }

  countCheck(name: string, passed: boolean): void {
    const record = this.#checks.get(name) ?? this.#newCheck(name);
    if (passed) record.passed++;
    else record.failed++;
  }

  #newCheck(name: string): CheckRecord {
    const usedName = this.#checks.size < mostChecks ? name : 'other';
    const record = this.#checks.get(usedName) ?? { passed: 0, failed: 0 };
    this.#checks.set(usedName, record);
    return record;
  }

  get isTouched(): boolean {
    return this.issued > 0 || this.expected + this.limited + this.failed + this.unfinished > 0 || this.checkFailed > 0;
  }

  /** Appends the checks' deltas and forgets them. */
  takeChecks(into: CheckDelta[]): void {
    for (const [name, record] of this.#checks) {
      if (record.passed + record.failed === 0) continue;
      into.push({ name, series: this.name, passed: record.passed, failed: record.failed });
      record.passed = 0;
      record.failed = 0;
    }
  }

  take(): SeriesDelta {
    const delta: SeriesDelta = {
      name: this.name,
      kind: this.kind,
      scenario: this.scenario,
      issued: this.issued,
      expected: this.expected,
      limited: this.limited,
      failed: this.failed,
      unfinished: this.unfinished,
      checkFailed: this.checkFailed,
      resent: this.resent,
      bytesIn: this.bytesIn,
      bytesOut: this.bytesOut,
      status: this.#takeStatus(),
      errors: Object.fromEntries(this.#errors),
      latency: this.latency.takeDelta(),
      failedLatency: this.failedLatency.takeDelta(),
      service: this.service.takeDelta(),
      ttfb: this.ttfb.takeDelta(),
    };
    this.#errors.clear();
    this.issued = this.expected = this.limited = this.failed = this.unfinished = 0;
    this.checkFailed = this.resent = this.bytesIn = this.bytesOut = 0;
    return delta;
  }

  #takeStatus(): Record<string, number> {
    const status: Record<string, number> = {};
    for (let i = 0; i < 500; i++) {
      if (this.#status[i]! > 0) status[i + 100] = this.#status[i]!;
    }
    this.#status.fill(0);
    for (const [code, count] of this.#oddStatus) status[code] = count;
    this.#oddStatus.clear();
    return status;
  }
}
