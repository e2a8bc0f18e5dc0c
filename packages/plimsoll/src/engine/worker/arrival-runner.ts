/** `constantArrivalRate` and `rampingArrivalRate`: iterations begin when the schedule says, VUs permitting. */
import { plannedDurationMs, type ArrivalRate } from '../../model/load-model.ts';
import { arrivalCursor, type ArrivalCursor } from '../../pacing/arrivals.ts';
import { ownedIndexes } from '../../pacing/split.ts';
import { NumberQueue } from './number-queue.ts';
import { ScenarioRunner, type RunnerOptions } from './scenario-runner.ts';
import type { LoadVu } from './vu.ts';

/** Arrivals begun in one turn of the event loop; then answers are read. */
const mostPerTurn = 1000;

export class ArrivalRunner extends ScenarioRunner {
  readonly #load: ArrivalRate;
  readonly #cursor: ArrivalCursor;
  readonly #free: LoadVu[] = [];
  /** Arrivals without a VU: index, due, noticed. */
  readonly #queue = new NumberQueue(3);
  /** Ids of the VUs that may still be made. */
  #spareIds: number[];

  constructor(options: RunnerOptions, load: ArrivalRate) {
    super(options);
    this.#load = load;
    const { worker, workers } = options;
    const stripe = { worker, workers };
    // A worker without a VU has no arrivals either.
    const arrivals = load.maxVus < workers ? { ...stripe, period: load.maxVus } : stripe;
    this.#cursor = arrivalCursor(load, options.seed, arrivals);
    this.#spareIds = ownedIndexes(stripe, load.maxVus).filter((id) => id >= load.vus);
  }

  initialVuIds(): readonly number[] {
    return ownedIndexes({ worker: this.options.worker, workers: this.options.workers }, this.#load.vus);
  }

  protected begin(): void {
    this.#free.push(...this.vus);
    this.#arm();
    this.options.scheduler.at(this.startMs + plannedDurationMs(this.#load), () => {
      // What was due before the end and not yet noticed is issued first.
      if (!this.windowOver) this.#issueDue(this.startMs + plannedDurationMs(this.#load), Infinity);
      this.endWindow();
    });
  }

  #arm(): void {
    if (this.#cursor.dueMs === Infinity) return;
    this.options.scheduler.at(this.startMs + this.#cursor.dueMs, this.#fire);
  }

  readonly #fire = (): void => {
    if (this.windowOver) return;
    const { clock } = this.options;
    const now = clock.now();
    this.#issueDue(now, mostPerTurn);
    // Answers are read before the rest of what is due already.
    if (this.startMs + this.#cursor.dueMs <= now) clock.soon(this.#fire);
    else this.#arm();
  };

  #issueDue(untilMs: number, most: number): void {
    const cursor = this.#cursor;
    for (let issued = 0; issued < most && this.startMs + cursor.dueMs <= untilMs; issued++) {
      this.#arrive(cursor.index, this.startMs + cursor.dueMs);
      cursor.advance();
    }
  }

  #arrive(index: number, dueMs: number): void {
    const now = this.options.clock.now();
    const { record, recorder } = this.options;
    record.due++;
    // Whatever its iteration does: how late the pacer was. What it then waits for a VU is not the pacer's.
    recorder.lag.record((now - dueMs) * 1000);
    const vu = this.#free.pop();
    if (vu !== undefined) {
      this.run(vu, index, dueMs, now);
      return;
    }
    this.#queue.push(index, dueMs, now);
    const id = this.#spareIds.shift();
    if (id === undefined) return;
    this.options.makeVu(id, this, (made) => {
      if (this.windowOver) {
        made.connections.close();
        return;
      }
      this.addVu(made);
      this.next(made);
    });
  }

  protected next(vu: LoadVu): void {
    const queue = this.#queue;
    if (queue.length === 0) {
      this.#free.push(vu);
      return;
    }
    queue.shift();
    this.run(vu, queue.taken[0]!, queue.taken[1]!, queue.taken[2]!);
  }

  protected discard(): void {
    this.options.record.notIssued += this.#queue.length;
    this.#queue.clear();
  }
}
