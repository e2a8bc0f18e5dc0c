/** `sharedIterations` and `perVuIterations`: a number of iterations, striped over workers beforehand. */
import type { PerVuIterations, SharedIterations } from '../../model/load-model.ts';
import { ownedCount, ownedIndex, ownedIndexes, type Stripe } from '../../pacing/split.ts';
import { ScenarioRunner, type RunnerOptions } from './scenario-runner.ts';
import type { LoadVu } from './vu.ts';

export class IterationRunner extends ScenarioRunner {
  readonly #load: SharedIterations | PerVuIterations;
  readonly #stripe: Stripe;
  /** Iterations of this worker: shared by its VUs, or each VU's own. */
  #left = 0;
  #taken = 0;

  constructor(options: RunnerOptions, load: SharedIterations | PerVuIterations) {
    super(options);
    this.#load = load;
    this.#stripe = { worker: options.worker, workers: options.workers, period: load.vus };
  }

  initialVuIds(): readonly number[] {
    return ownedIndexes({ worker: this.options.worker, workers: this.options.workers }, this.#load.vus);
  }

  protected begin(): void {
    const { scheduler, record } = this.options;
    const load = this.#load;
    if (load.kind === 'shared-iterations') {
      this.#left = ownedCount(this.#stripe, load.iterations);
    } else {
      this.#left = this.vus.length * load.iterations;
    }
    record.due += this.#left;
    scheduler.at(this.startMs, () => {
      const now = this.options.clock.now();
      for (const vu of this.vus) this.next(vu, now);
      if (this.vus.length === 0) this.endWindow();
    });
    scheduler.at(this.startMs + load.maxDurationMs, () => {
      this.endWindow();
    });
  }

  protected next(vu: LoadVu, now: number): void {
    const index = this.#take(vu);
    if (index >= 0) this.run(vu, index, now, now);
    else if (this.active === 0) this.endWindow();
  }

  #take(vu: LoadVu): number {
    const load = this.#load;
    if (load.kind === 'shared-iterations') {
      if (this.#left === 0) return -1;
      this.#left--;
      return ownedIndex(this.#stripe, this.#taken++);
    }
    if (vu.iterations >= load.iterations || this.#left === 0) return -1;
    this.#left--;
    return vu.id * load.iterations + vu.iterations++;
  }

  protected discard(): void {
    this.options.record.notIssued += this.#left;
    this.#left = 0;
  }
}
