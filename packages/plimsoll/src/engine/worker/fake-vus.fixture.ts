/** Runners in virtual time, with VUs whose iterations last as long as the test says. */
import { VirtualClock } from '../../kernel/virtual-clock.ts';
import type { LoadModel } from '../../model/load-model.ts';
import { Histogram } from '../../stats/histogram.ts';
import type { HistogramDelta, ScenarioDelta } from '../../stats/snapshot.ts';
import { ArrivalRunner } from './arrival-runner.ts';
import { GeneratorWatch } from './generator-watch.ts';
import { VuConnections } from './http/vu-connections.ts';
import { IterationRunner } from './iteration-runner.ts';
import type { RunnerOptions, ScenarioRunner } from './scenario-runner.ts';
import { Scheduler } from './scheduler.ts';
import { TestRecorder } from './test-recorder.ts';
import type { IterationEnded, LoadVu } from './vu.ts';
import { VuRunner } from './vu-runner.ts';

export interface Started {
  readonly vu: number;
  readonly index: number;
  /** From the start of the test. */
  readonly dueMs: number;
  readonly issuedMs: number;
  readonly startedMs: number;
}

/** Ends each iteration after a time; 'never' goes on until it is cut, and a throw is the iteration's own. */
export type Lasts = (iteration: Started) => number | 'never' | Error;

class FakeVu implements LoadVu {
  readonly sockets = undefined;
  readonly id: number;
  readonly connections: VuConnections;
  readonly #bench: RunnerBench;
  readonly #ended: IterationEnded;
  iterationDueMs = 0;
  requestsMade = 0;
  active = false;
  iterations = 0;
  untilMs = 0;

  constructor(id: number, bench: RunnerBench, ended: IterationEnded) {
    this.id = id;
    this.#bench = bench;
    this.#ended = ended;
    // No request is ever made: connections are asked for nothing but to close.
    this.connections = new VuConnections({ connectionsPerHost: 1 } as ConstructorParameters<typeof VuConnections>[0]);
  }

  start(index: number, dueMs: number, issuedMs: number): void {
    const { clock, startMs } = this.#bench;
    if (this.active) throw new Error(`VU ${this.id} was started twice`);
    this.active = true;
    this.iterationDueMs = dueMs;
    const started = {
      vu: this.id,
      index,
      dueMs: dueMs - startMs,
      issuedMs: issuedMs - startMs,
      startedMs: clock.now() - startMs,
    };
    this.#bench.started.push(started);
    const lasts = this.#bench.lasts(started);
    if (lasts === 'never') return;
    // What takes no time makes no request.
    this.requestsMade = lasts === 0 ? 0 : 1;
    const end = (): void => {
      this.active = false;
      this.#ended(this, lasts instanceof Error ? lasts : undefined, lasts instanceof Error);
    };
    if (lasts === 0) end();
    else clock.after(lasts instanceof Error ? 1 : lasts, end);
  }
}

export interface BenchOptions {
  readonly lasts: Lasts;
  readonly workers?: number;
  readonly startAfterMs?: number;
  readonly seed?: number;
  /** How long the set-up of a VU takes that is made while the test runs. */
  readonly vuSetUpMs?: number;
  readonly clock?: VirtualClock;
}

/** One scenario over several workers, all on one clock. */
export class RunnerBench {
  readonly clock: VirtualClock;
  readonly startMs: number;
  readonly lasts: Lasts;
  readonly started: Started[] = [];
  readonly runners: ScenarioRunner[] = [];
  readonly exceptions: unknown[] = [];
  /** When each worker's scenario was over, from the start of the test. */
  readonly doneMs: number[] = [];
  readonly windowOverMs: number[] = [];
  readonly vusMade: number[] = [];
  readonly #recorders: TestRecorder[] = [];

  constructor(load: LoadModel, options: BenchOptions) {
    const { workers = 1, startAfterMs = 0, seed = 1, vuSetUpMs = 0 } = options;
    this.clock = options.clock ?? new VirtualClock();
    this.lasts = options.lasts;
    this.startMs = this.clock.now() + 20;
    for (let worker = 0; worker < workers; worker++) {
      const scheduler = new Scheduler(this.clock, false);
      const watch = new GeneratorWatch(scheduler);
      const recorder = new TestRecorder({ scenarios: ['s'], metrics: [], watch, onProblem: () => undefined });
      watch.close();
      this.#recorders.push(recorder);
      const runnerOptions: RunnerOptions = {
        plan: { name: 's', load, startAfterMs },
        worker,
        workers,
        seed,
        clock: this.clock,
        scheduler,
        recorder,
        record: recorder.scenario(0),
        makeVu: (id, runner, ready) => {
          const vu = this.#make(id, runner);
          if (vuSetUpMs === 0) ready(vu);
          else this.clock.after(vuSetUpMs, () => ready(vu));
        },
        onException: (error) => this.exceptions.push(error),
        onWindowOver: () => this.windowOverMs.push(this.clock.now() - this.startMs),
        onDone: () => this.doneMs.push(this.clock.now() - this.startMs),
      };
      const runner = runnerOf(load, runnerOptions);
      for (const id of runner.initialVuIds()) runner.addVu(this.#make(id, runner));
      this.runners.push(runner);
      runner.start(this.startMs + startAfterMs);
    }
  }

  #make(id: number, runner: ScenarioRunner): FakeVu {
    this.vusMade.push(id);
    return new FakeVu(id, this, runner.iterationEnded);
  }

  /** From the start of the test. */
  advanceTo(ms: number): void {
    this.clock.advance(this.startMs + ms - this.clock.now());
  }

  endWindow(): void {
    for (const runner of this.runners) runner.endWindow();
  }

  cut(): void {
    for (const runner of this.runners) runner.cut();
  }

  /** How late the pacers were since the last call, in ms. */
  lag(): HistogramDelta {
    const all = new Histogram();
    for (const recorder of this.#recorders) all.add(recorder.lag.takeDelta());
    return all.toDelta();
  }

  /** What the workers have counted since the last call, together. */
  taken(): Omit<ScenarioDelta, 'name' | 'iteration'> & { readonly iterationMs: number } {
    const deltas = this.#recorders.map((recorder) => recorder.scenario(0).take());
    const sum = (of: (delta: ScenarioDelta) => number) => deltas.reduce((total, delta) => total + of(delta), 0);
    return {
      due: sum((delta) => delta.due),
      started: sum((delta) => delta.started),
      completed: sum((delta) => delta.completed),
      failed: sum((delta) => delta.failed),
      interrupted: sum((delta) => delta.interrupted),
      notIssued: sum((delta) => delta.notIssued),
      activeVus: sum((delta) => delta.activeVus),
      vus: sum((delta) => delta.vus),
      iterationMs: sum((delta) => delta.iteration.sumUs) / 1000,
    };
  }
}

function runnerOf(load: LoadModel, options: RunnerOptions): ScenarioRunner {
  switch (load.kind) {
    case 'shared-iterations':
    case 'per-vu-iterations':
      return new IterationRunner(options, load);
    case 'constant-vus':
    case 'ramping-vus':
      return new VuRunner(options, load);
    case 'arrival-rate':
      return new ArrivalRunner(options, load);
  }
}
