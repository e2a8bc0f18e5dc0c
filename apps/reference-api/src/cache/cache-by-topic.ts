/**
 * Statistics and lists in the cache that all instances share, where there is one, the criteria in each instance's own: they
 * are asked for by the version in the store, so nobody has to be told of a change.
 */
import type { Cache, Topic } from '../ports/cache.ts';

export class CacheByTopic implements Cache {
  readonly #caches: Readonly<Record<Topic, Cache>>;

  constructor(sessions: Cache, criteria: Cache) {
    this.#caches = { sessions, criteria };
  }

  through(topic: Topic, key: string, ttlMs: number, compute: () => Promise<string>): Promise<string> {
    return this.#caches[topic].through(topic, key, ttlMs, compute);
  }

  invalidate(topic: Topic): Promise<void> {
    return this.#caches[topic].invalidate(topic);
  }

  isHealthy(): boolean {
    return Object.values(this.#caches).every((cache) => cache.isHealthy());
  }

  counts(): ReturnType<Cache['counts']> {
    const { sessions, criteria } = this.#caches;
    return { sessions: sessions.counts().sessions, criteria: criteria.counts().criteria };
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.#caches).map((cache) => cache.close()));
  }
}
