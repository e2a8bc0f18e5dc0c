/** A clock for tests: time passes when it is told to, and never otherwise. */
import type { Clock, TimerHandle } from './clock.ts';

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly callback: () => void;
  cancelled: boolean;
}

/** More turns than any test means to take without time passing. */
const mostTurns = 100_000;

export class VirtualClock implements Clock {
  #nowMs: number;
  readonly #turnMs: number;
  #turns = 0;
  #order = 0;
  #timers: Timer[] = [];
  #soon: Timer[] = [];
  /** What the wall clock is ahead of the monotonic one; change it to make the wall clock jump. */
  wallOffsetMs = Date.UTC(2026, 0, 1);

  /** @param turnMs what a turn of the event loop costs where the next one follows at once; spinning needs some */
  constructor(startMs = 1000, turnMs = 0) {
    this.#nowMs = startMs;
    this.#turnMs = turnMs;
  }

  readonly now = (): number => this.#nowMs;
  readonly wallMs = (): number => this.wallOffsetMs + this.#nowMs;

  after(delayMs: number, callback: () => void): TimerHandle {
    return this.#handle(this.#timers, this.#nowMs + delayMs, callback);
  }

  soon(callback: () => void): TimerHandle {
    return this.#handle(this.#soon, this.#nowMs, callback);
  }

  #handle(list: Timer[], atMs: number, callback: () => void): TimerHandle {
    const timer = { atMs, order: this.#order++, callback, cancelled: false };
    list.push(timer);
    return {
      cancel: () => {
        timer.cancelled = true;
      },
    };
  }

  /** How many callbacks wait, those for the next turn included. */
  get waiting(): number {
    return [...this.#timers, ...this.#soon].filter((timer) => !timer.cancelled).length;
  }

  /** When the earliest timer is due; Infinity without one. */
  get nextMs(): number {
    return Math.min(Infinity, ...this.#timers.filter((timer) => !timer.cancelled).map((timer) => timer.atMs));
  }

  /** One turn of the event loop: what `soon` asked for before it, then the timers that are due now. */
  turn(): void {
    for (const timer of this.#soon.splice(0)) run(timer);
    for (let timer = this.#takeDue(); timer !== undefined; timer = this.#takeDue()) run(timer);
  }

  /** Lets time pass; every timer is called back at its own time. Callbacks that wait for a promise need `pass`. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms;
    do this.turn();
    while (this.#step(untilMs));
  }

  /** As `advance`, and after each turn the promises that it settled are followed up. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settled();
    do {
      this.turn();
      await settled();
    } while (this.#step(untilMs));
  }

  /** Time passes while nobody is called back: a blocked event loop. */
  block(ms: number): void {
    this.#nowMs += ms;
  }

  /** Whether there is anything left to do until then; goes to its time. */
  #step(untilMs: number): boolean {
    this.#soon = this.#soon.filter((timer) => !timer.cancelled);
    if (this.#soon.length > 0) {
      if (++this.#turns > mostTurns) throw new Error('the virtual clock turns and time stands still');
      // At the very end what was asked for soon is still due.
      const laterMs = this.#nowMs + this.#turnMs;
      if (laterMs > untilMs && this.#turnMs > 0) return false;
      this.#nowMs = laterMs;
      return true;
    }
    const nextMs = this.nextMs;
    this.#turns = 0;
    this.#nowMs = Math.max(this.#nowMs, Math.min(nextMs, untilMs));
    return nextMs <= untilMs;
  }

  #takeDue(): Timer | undefined {
    this.#timers = this.#timers.filter((timer) => !timer.cancelled);
    const due = this.#timers.filter((timer) => timer.atMs <= this.#nowMs);
    const first = due.sort((a, b) => a.atMs - b.atMs || a.order - b.order)[0];
    if (first !== undefined) this.#timers.splice(this.#timers.indexOf(first), 1);
    return first;
  }
}

function run(timer: Timer): void {
  if (!timer.cancelled) timer.callback();
}

/** Promises settle in microtasks, and all of those run before the next turn of the real event loop. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
