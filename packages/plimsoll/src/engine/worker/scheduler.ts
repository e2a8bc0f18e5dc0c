/**
 * Absolute deadlines for one thread: arrivals, ends of sleeps, stage changes. Wakes by a timer and, where a core is
 * free, spins through the last 1.5 ms, because a timer alone is 0.6 ms late at the median (design: measuring, pacing).
 */
import type { Clock, TimerHandle } from '../../kernel/clock.ts';
import { mostTimerMs } from './timeouts.ts';

const spinMarginMs = 1.5;
/** What is due at once is run in portions, so that answers are read in between. */
const mostPerTurn = 1000;

export interface Deadline {
  readonly atMs: number;
  cancelled: boolean;
  readonly run: () => void;
}

export class Scheduler {
  readonly #clock: Clock;
  readonly #spin: boolean;
  /** A binary heap, the earliest deadline first. */
  readonly #heap: Deadline[] = [];
  #handle: TimerHandle | undefined;
  #wakeAtMs = Infinity;
  #ticking = false;
  #lastSpinMs = -1;
  #lastSpinActivity = 0;
  /** Anything that is work rather than spinning adds to this: bytes read, iterations started. */
  activity = 0;
  /** Time spent spinning with nothing to do, in ms, since the start. */
  spunMs = 0;

  constructor(clock: Clock, spin: boolean) {
    this.#clock = clock;
    this.#spin = spin;
  }

  /** Runs the callback at `atMs` of the clock, never before. */
  at(atMs: number, run: () => void): Deadline {
    const deadline: Deadline = { atMs, cancelled: false, run };
    push(this.#heap, deadline);
    if (!this.#ticking && atMs < this.#wakeAtMs) this.#arm(false);
    return deadline;
  }

  close(): void {
    this.#handle?.cancel();
    this.#handle = undefined;
    this.#heap.length = 0;
    this.#wakeAtMs = Infinity;
  }

  readonly #tick = (): void => {
    this.#handle = undefined;
    this.#wakeAtMs = Infinity;
    const now = this.#clock.now();
    this.#countSpin(now);
    this.#ticking = true;
    let ran = 0;
    try {
      while (this.#heap.length > 0 && this.#heap[0]!.atMs <= now && ran < mostPerTurn) {
        const deadline = pop(this.#heap);
        if (deadline.cancelled) continue;
        ran++;
        deadline.run();
      }
    } finally {
      // A mistake in one callback must not stop the clock for all others.
      this.#ticking = false;
      this.activity += ran;
      // What a callback set free, a promise for one, runs after this turn and is work.
      this.#arm(ran === 0);
    }
  };

  /** A turn that came straight after another one, with nothing done in between, was spinning. */
  #countSpin(now: number): void {
    if (this.#lastSpinMs >= 0 && this.#lastSpinActivity === this.activity) this.spunMs += now - this.#lastSpinMs;
    this.#lastSpinMs = -1;
  }

  /** @param idle whether a turn that follows at once begins with nothing to do */
  #arm(idle: boolean): void {
    while (this.#heap.length > 0 && this.#heap[0]!.cancelled) pop(this.#heap);
    const next = this.#heap[0];
    this.#handle?.cancel();
    this.#handle = undefined;
    this.#wakeAtMs = Infinity;
    if (next === undefined) return;
    const now = this.#clock.now();
    const waitMs = next.atMs - now;
    this.#wakeAtMs = next.atMs;
    if (waitMs <= 0 || (this.#spin && waitMs <= spinMarginMs + 1)) {
      this.#lastSpinMs = idle ? now : -1;
      this.#lastSpinActivity = this.activity;
      this.#handle = this.#clock.soon(this.#tick);
    } else {
      const sleepMs = Math.max(1, this.#spin ? waitMs - spinMarginMs : Math.ceil(waitMs));
      this.#handle = this.#clock.after(Math.min(sleepMs, mostTimerMs), this.#tick);
    }
  }
}

function push(heap: Deadline[], deadline: Deadline): void {
  let child = heap.length;
  heap.push(deadline);
  while (child > 0) {
    const parent = (child - 1) >> 1;
    if (heap[parent]!.atMs <= deadline.atMs) break;
    heap[child] = heap[parent]!;
    child = parent;
  }
  heap[child] = deadline;
}

function pop(heap: Deadline[]): Deadline {
  const first = heap[0]!;
  const last = heap.pop()!;
  if (heap.length === 0) return first;
  let parent = 0;
  for (;;) {
    let child = 2 * parent + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && heap[child + 1]!.atMs < heap[child]!.atMs) child++;
    if (heap[child]!.atMs >= last.atMs) break;
    heap[parent] = heap[child]!;
    parent = child;
  }
  heap[parent] = last;
  return first;
}
