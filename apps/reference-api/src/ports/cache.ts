/**
 * A cache of texts. Values belong to a topic and carry the topic's generation: invalidating a topic makes every value
 * stored before it, or computed from before it, unreadable on every instance at once, by the time the promise resolves.
 */
export type Topic = 'sessions' | 'criteria';

export interface Cache {
  /**
   * The value under the key, or the computed one, stored for `ttlMs`. Computed once however many ask at the same time
   * (across instances where the cache is shared); an error is thrown to all who wait, and not stored. A value whose topic
   * is invalidated while it is computed is returned to those who asked before that, and not stored.
   */
  through(topic: Topic, key: string, ttlMs: number, compute: () => Promise<string>): Promise<string>;
  invalidate(topic: Topic): Promise<void>;
  /** False while a shared cache is away; `through` then computes each time, and says so in metrics. */
  isHealthy(): boolean;
  counts(): Readonly<Record<Topic, { readonly hits: number; readonly misses: number }>>;
  close(): Promise<void>;
}
