/** Fixed windows in one process: a key's window begins with its first request. */
import type { RateDecision, RateLimiter } from '../ports/rate-limiter.ts';

const mostKeys = 100_000;

export class MemoryRateLimiter implements RateLimiter {
  readonly #nowMs: () => number;
  readonly #windows = new Map<string, { used: number; untilMs: number }>();

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  take(key: string, limit: number, windowSeconds: number): Promise<RateDecision> {
    const now = this.#nowMs();
    let window = this.#windows.get(key);
    if (window === undefined || now >= window.untilMs) {
      window = { used: 0, untilMs: now + windowSeconds * 1000 };
      this.#windows.delete(key);
      this.#windows.set(key, window);
      if (this.#windows.size > mostKeys) this.#windows.delete(this.#windows.keys().next().value!);
    }
    window.used++;
    return Promise.resolve(decide(window.used, limit, window.untilMs - now));
  }
}

export function decide(used: number, limit: number, leftMs: number): RateDecision {
  return {
    allowed: used <= limit,
    limit,
    remaining: Math.max(0, limit - used),
    resetSeconds: Math.max(1, Math.ceil(leftMs / 1000)),
  };
}
