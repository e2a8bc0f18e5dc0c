/** The one source of time. Everything else asks here, so that tests can run in virtual time. */
// The global of that name is a getter, which each message on a socket would pay for.
import { performance } from 'node:perf_hooks';

export interface TimerHandle {
  cancel(): void;
}

/** Milliseconds on a monotonic clock that all threads of this machine share; its origin means nothing. */
export interface Clock {
  readonly now: () => number;
  /** Calls back once, not before `delayMs` as the operating system counts it; it may be early by under 1 ms. */
  after(delayMs: number, callback: () => void): TimerHandle;
  /** Calls back after the events that are ready now have been handled. */
  soon(callback: () => void): TimerHandle;
  /** Wall-clock milliseconds since 1970: for labels, and to hold against the stamps of others. */
  readonly wallMs: () => number;
}

const offsetReadings = 20;

/**
 * `performance.now()` starts anew in each thread; `process.hrtime()` does not. The offset between the two, taken once
 * per thread, gives every thread the same axis at the price of the cheaper call.
 */
const threadOffsetMs = offsetBetween(sharedMs, () => performance.now());

function sharedMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}

/**
 * What to add to `own` to get `shared`. Whatever passes between the two readings is taken off, and a thread that is
 * preempted there would be wrong for life: of many readings the largest is the one with the least in between.
 */
export function offsetBetween(shared: () => number, own: () => number): number {
  let offset = -Infinity;
  for (let i = 0; i < offsetReadings; i++) offset = Math.max(offset, shared() - own());
  return offset;
}

/** Hot path: 64 ns a call. */
function monotonicMs(): number {
  return performance.now() + threadOffsetMs;
}

export const systemClock: Clock = {
  now: monotonicMs,
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return {
      cancel: () => {
        clearTimeout(timer);
      },
    };
  },
  soon(callback) {
    const immediate = setImmediate(callback);
    return {
      cancel: () => {
        clearImmediate(immediate);
      },
    };
  },
  wallMs: () => Date.now(),
};
