/** Hits and misses of each topic, since the start. */
import type { Cache, Topic } from '../ports/cache.ts';

export class CacheCounts {
  readonly #counts: Record<Topic, { hits: number; misses: number }> = {
    sessions: { hits: 0, misses: 0 },
    criteria: { hits: 0, misses: 0 },
  };

  hit(topic: Topic): void {
    this.#counts[topic].hits++;
  }

  miss(topic: Topic): void {
    this.#counts[topic].misses++;
  }

  taken(): ReturnType<Cache['counts']> {
    const { sessions, criteria } = this.#counts;
    return { sessions: { ...sessions }, criteria: { ...criteria } };
  }
}
