/**
 * Time-outs at the price of a few pointers: requests with the same time-out expire in the order they were issued, so
 * one list and one timer serve them all. (A timer per request costs 0.4 µs.)
 */
import type { Clock, TimerHandle } from '../../kernel/clock.ts';

export interface Expiring {
  /** When it was put in, on the clock. */
  expiryStartMs: number;
  expiryList: TimeoutList | undefined;
  previousExpiring: Expiring | undefined;
  nextExpiring: Expiring | undefined;
  expire(): void;
  /** The end of the test. */
  cut(nowMs: number): void;
}

/** Node takes a longer timer for one of 1 ms. */
export const mostTimerMs = 2 ** 31 - 1;

export class TimeoutList {
  readonly timeoutMs: number;
  readonly #clock: Clock;
  #first: Expiring | undefined;
  #last: Expiring | undefined;
  #timer: TimerHandle | undefined;
  #expiring = false;

  constructor(timeoutMs: number, clock: Clock) {
    this.timeoutMs = timeoutMs;
    this.#clock = clock;
  }

  add(item: Expiring, nowMs: number): void {
    item.expiryStartMs = nowMs;
    item.expiryList = this;
    item.previousExpiring = this.#last;
    item.nextExpiring = undefined;
    if (this.#last) this.#last.nextExpiring = item;
    else this.#first = item;
    this.#last = item;
    // While others expire, the oldest of those left decides when the timer is due, not this one.
    if (!this.#expiring) this.#timer ??= this.#clock.after(Math.min(this.timeoutMs, mostTimerMs), this.#expire);
  }

  remove(item: Expiring): void {
    if (item.previousExpiring) item.previousExpiring.nextExpiring = item.nextExpiring;
    else this.#first = item.nextExpiring;
    if (item.nextExpiring) item.nextExpiring.previousExpiring = item.previousExpiring;
    else this.#last = item.previousExpiring;
    item.expiryList = undefined;
    item.previousExpiring = undefined;
    item.nextExpiring = undefined;
  }

  /** Takes out and returns the oldest, whatever its age. */
  shift(): Expiring | undefined {
    const item = this.#first;
    if (item) this.remove(item);
    return item;
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  readonly #expire = (): void => {
    this.#timer = undefined;
    const now = this.#clock.now();
    let item = this.#first;
    this.#expiring = true;
    try {
      while (item && item.expiryStartMs + this.timeoutMs <= now) {
        this.remove(item);
        item.expire();
        item = this.#first;
      }
    } finally {
      this.#expiring = false;
      const next = this.#first;
      if (next) {
        const waitMs = Math.ceil(next.expiryStartMs + this.timeoutMs - now);
        this.#timer ??= this.#clock.after(Math.min(Math.max(1, waitMs), mostTimerMs), this.#expire);
      }
    }
  };
}

/** The lists of one thread, by time-out. */
export class Timeouts {
  readonly #clock: Clock;
  readonly #lists = new Map<number, TimeoutList>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  list(timeoutMs: number): TimeoutList {
    let list = this.#lists.get(timeoutMs);
    if (!list) this.#lists.set(timeoutMs, (list = new TimeoutList(timeoutMs, this.#clock)));
    return list;
  }

  /** Takes out everything that has not ended, in no particular order. */
  takeAll(): Expiring[] {
    const all: Expiring[] = [];
    for (const list of this.#lists.values()) {
      for (let item = list.shift(); item; item = list.shift()) all.push(item);
    }
    return all;
  }

  close(): void {
    for (const list of this.#lists.values()) list.close();
    this.#lists.clear();
  }
}
