/**
 * Invalidates twice, now and after a while: where values are computed from a replica, one that was computed right after a
 * write may lack it, and would be kept for as long as any other.
 */
import type { Cache, Topic } from '../ports/cache.ts';

/** Longer than a replica that is well lags. One that lags more is late by that much, as lists and statistics may be. */
const lagMs = 1000;

export class AgainLater implements Cache {
  readonly #cache: Cache;
  readonly #timers = new Map<Topic, NodeJS.Timeout>();

  constructor(cache: Cache) {
    this.#cache = cache;
  }

  through(topic: Topic, key: string, ttlMs: number, compute: () => Promise<string>): Promise<string> {
    return this.#cache.through(topic, key, ttlMs, compute);
  }

  /** Resolves after the first time. */
  async invalidate(topic: Topic): Promise<void> {
    await this.#cache.invalidate(topic);
    // The last write decides; under steady writes what is computed is short-lived anyway.
    clearTimeout(this.#timers.get(topic));
    this.#timers.set(topic, setTimeout(() => void this.#cache.invalidate(topic), lagMs).unref());
  }

  isHealthy(): boolean {
    return this.#cache.isHealthy();
  }

  counts(): ReturnType<Cache['counts']> {
    return this.#cache.counts();
  }

  close(): Promise<void> {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    return this.#cache.close();
  }
}
