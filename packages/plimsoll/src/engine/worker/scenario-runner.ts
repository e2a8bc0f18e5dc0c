/** What all load models have in common: VUs, iterations, and how a scenario ends. */
import type { ScenarioPlan } from '../../model/plan.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Scheduler } from './scheduler.ts';
import type { ScenarioRecord, TestRecorder } from './test-recorder.ts';
import type { LoadVu } from './vu.ts';

export interface RunnerOptions {
  readonly plan: ScenarioPlan;
  readonly worker: number;
  readonly workers: number;
  readonly seed: number;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly recorder: TestRecorder;
  readonly record: ScenarioRecord;
  /** Makes VU `id`; `ready` follows once its own set-up is done, at once where it has none. */
  readonly makeVu: (id: number, runner: ScenarioRunner, ready: (vu: LoadVu) => void) => void;
  readonly onException: (error: unknown) => void;
  /** The load window is over; running iterations go on. */
  readonly onWindowOver: () => void;
  /** The scenario has nothing left to do. */
  readonly onDone: () => void;
}

export abstract class ScenarioRunner {
  protected readonly options: RunnerOptions;
  protected readonly vus: LoadVu[] = [];
  /** Start of the scenario on the clock. */
  protected startMs = 0;
  /** No further iteration is to begin. */
  protected windowOver = false;
  /** When the load window ended: the plan's end, a stop, or the end of the last iteration. */
  loadEndMs = 0;
  #active = 0;
  /** Between two iterations that make no request: marked as active, and in no iteration. */
  readonly #between = new Set<LoadVu>();
  #cut = false;
  #done = false;

  constructor(options: RunnerOptions) {
    this.options = options;
  }

  /** Ids of the VUs that this worker makes before the clock starts. */
  abstract initialVuIds(): readonly number[];
  /** The clock of the scenario starts now or later; called once, before `startMs`. */
  protected abstract begin(): void;
  /** The VU is free. */
  protected abstract next(vu: LoadVu, nowMs: number): void;
  /** The load window is over; what waits is not issued. */
  protected abstract discard(): void;

  get isWindowOver(): boolean {
    return this.windowOver;
  }

  get allVus(): readonly LoadVu[] {
    return this.vus;
  }

  addVu(vu: LoadVu): void {
    this.vus.push(vu);
    this.options.record.vus = this.vus.length;
  }

  start(startMs: number): void {
    this.startMs = startMs;
    this.begin();
  }

  /** Ends the load window; running iterations go on. */
  endWindow(): void {
    if (this.windowOver) return;
    this.windowOver = true;
    this.loadEndMs = this.options.clock.now();
    this.discard();
    this.options.onWindowOver();
    this.settle();
  }

  /** Ends everything: iterations that still run are interrupted, and in the series at their age, as requests are. */
  cut(): void {
    this.endWindow();
    if (this.#cut) return;
    this.#cut = true;
    const { record, clock } = this.options;
    const now = clock.now();
    for (const vu of this.vus) {
      if (vu.active && !this.#between.has(vu)) record.iteration.record((now - vu.iterationDueMs) * 1000);
    }
    record.interrupted += this.#active;
    record.activeVus = 0;
    this.#active = 0;
  }

  close(): void {
    for (const vu of this.vus) {
      vu.connections.close();
      vu.sockets?.close();
    }
  }

  protected run(vu: LoadVu, index: number, dueMs: number, issuedMs: number): void {
    const { record, scheduler } = this.options;
    record.started++;
    record.activeVus = ++this.#active;
    scheduler.activity++;
    vu.start(index, dueMs, issuedMs);
  }

  /** Hot path. */
  readonly iterationEnded = (vu: LoadVu, failure: unknown, failed: boolean): void => {
    // Promises of a test that was cut may still settle; they count no more.
    if (this.#cut) return;
    const { record, clock } = this.options;
    const now = clock.now();
    record.iteration.record((now - vu.iterationDueMs) * 1000);
    record.activeVus = --this.#active;
    if (failed) {
      record.failed++;
      this.options.onException(failure);
    } else {
      record.completed++;
    }
    // Without a request in it an iteration takes no turn of the event loop: the next one must, or nothing else runs.
    if (vu.requestsMade > 0) {
      this.#proceed(vu, now);
      return;
    }
    // Until then it is not free: its next interval may begin in between.
    vu.active = true;
    this.#between.add(vu);
    clock.soon(() => {
      this.#between.delete(vu);
      vu.active = false;
      this.#proceed(vu, clock.now());
    });
  };

  #proceed(vu: LoadVu, now: number): void {
    if (this.windowOver) this.settle();
    else this.next(vu, now);
  }

  protected get active(): number {
    return this.#active;
  }

  /** Reports the end once nothing runs and nothing will. */
  protected settle(): void {
    if (this.#done || this.#active > 0 || !this.windowOver) return;
    this.#done = true;
    this.options.onDone();
  }
}
