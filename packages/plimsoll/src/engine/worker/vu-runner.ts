/** `constantVus` and `rampingVus`: VUs that iterate as long as the plan wants them. */
import { initialVus, plannedDurationMs, type ConstantVus, type RampingVus } from '../../model/load-model.ts';
import { ownedIndexes } from '../../pacing/split.ts';
import { vuIntervals } from '../../pacing/vu-ramp.ts';
import { ScenarioRunner, type RunnerOptions } from './scenario-runner.ts';
import type { LoadVu } from './vu.ts';

export class VuRunner extends ScenarioRunner {
  readonly #load: ConstantVus | RampingVus;
  readonly #maximumVus: number;

  constructor(options: RunnerOptions, load: ConstantVus | RampingVus) {
    super(options);
    this.#load = load;
    this.#maximumVus = initialVus(load);
  }

  initialVuIds(): readonly number[] {
    return ownedIndexes({ worker: this.options.worker, workers: this.options.workers }, this.#maximumVus);
  }

  protected begin(): void {
    const { scheduler } = this.options;
    for (const vu of this.vus) {
      for (const { startMs, endMs } of vuIntervals(this.#load, vu.id)) {
        scheduler.at(this.startMs + startMs, () => {
          vu.untilMs = this.startMs + endMs;
          // It may still be in an iteration of its last interval; then it simply goes on.
          if (!vu.active && !this.windowOver) this.next(vu, this.options.clock.now());
        });
      }
    }
    scheduler.at(this.startMs + plannedDurationMs(this.#load), () => {
      this.endWindow();
    });
  }

  protected next(vu: LoadVu, now: number): void {
    if (now >= vu.untilMs) return;
    this.options.record.due++;
    // Unique over all VUs and workers without asking anybody.
    this.run(vu, vu.iterations++ * this.#maximumVus + vu.id, now, now);
  }

  protected discard(): void {
    for (const vu of this.vus) vu.untilMs = 0;
  }
}
