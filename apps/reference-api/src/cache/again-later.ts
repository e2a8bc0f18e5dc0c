/**
 * Invalidates twice, now and after a while: where values are computed from a replica, one that was computed right after a
 * write may lack it, and would be kept for as long as any other.
 */
import type { Cache, Topic } from '../ports/cache.ts';

/**
 * Longer than a replica that is well lags. Where one lags more, a value computed after this second and before the replica
 * had the write is kept for its whole time: a page for 2 s, the statistics for 30 s.
 */
const lagMs = 1000;

export class AgainLater implements Cache {
  readonly #cache: Cache;
  readonly #timers = new Map<Topic, NodeJS.Timeout>();
  #isClosed = false;

  constructor(cache: Cache) {
    this.#cache = cache;
  }

  through(topic: Topic, key: string, ttlMs: number, compute: () => Promise<string>): Promise<string> {
    return this.#cache.through(topic, key, ttlMs, compute);
  }

  /** Resolves after the first time. */
  async invalidate(topic: Topic): Promise<void> {
    await this.#cache.invalidate(topic);
    if (this.#isClosed) return;
    // The last write decides; under steady writes what is computed is short-lived anyway.
    clearTimeout(this.#timers.get(topic));
    const timer = setTimeout(() => {
      this.#timers.delete(topic);
      void this.#cache.invalidate(topic);
    }, lagMs);
    this.#timers.set(topic, timer.unref());
  }

  isHealthy(): boolean {
    return this.#cache.isHealthy();
  }

  counts(): ReturnType<Cache['counts']> {
    return this.#cache.counts();
  }

  /** Others may share the cache: what was to come later comes now. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    const topics = [...this.#timers.keys()];
    this.#timers.clear();
    await Promise.all(topics.map((topic) => this.#cache.invalidate(topic)));
    await this.#cache.close();
  }
}
