/** The cache of one process. Hot path: a hit is one look-up and one comparison of times. */
import type { Cache, Topic } from '../ports/cache.ts';
import { BoundedEntries } from './bounded-entries.ts';
import { CacheCounts } from './cache-counts.ts';

interface Entry {
  /** Held while it is computed, too: whoever comes meanwhile waits for the same answer. */
  readonly value: Promise<string>;
  readonly untilMs: number;
}

export class MemoryCache implements Cache {
  readonly #nowMs: () => number;
  readonly #entries: Readonly<Record<Topic, BoundedEntries<Entry>>> = {
    sessions: new BoundedEntries(),
    criteria: new BoundedEntries(),
  };
  readonly #counts = new CacheCounts();

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  through(topic: Topic, key: string, ttlMs: number, compute: () => Promise<string>): Promise<string> {
    const entries = this.#entries[topic];
    const found = entries.get(key);
    if (found !== undefined && this.#nowMs() < found.untilMs) {
      this.#counts.hit(topic);
      return found.value;
    }
    this.#counts.miss(topic);
    const value = compute();
    const entry = { value, untilMs: this.#nowMs() + ttlMs };
    entries.set(key, entry);
    value.then(
      (text) => {
        entries.weigh(key, entry, text.length);
      },
      // An error is for those who waited, not for those who come later.
      () => {
        if (entries.get(key) === entry) entries.delete(key);
      },
    );
    return value;
  }

  invalidate(topic: Topic): Promise<void> {
    // What is being computed goes too: it may have been read before the change.
    this.#entries[topic].clear();
    return Promise.resolve();
  }

  isHealthy(): boolean {
    return true;
  }

  counts(): ReturnType<Cache['counts']> {
    return this.#counts.taken();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
