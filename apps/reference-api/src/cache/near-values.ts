/** What one instance has seen of a shared cache, bounded. A value holds for its generation and until its time. */
import type { Topic } from '../ports/cache.ts';
import { BoundedEntries } from './bounded-entries.ts';

export interface NearValue {
  readonly generation: string;
  readonly value: string;
  /** On the clock of `performance.now()`. */
  readonly untilMs: number;
}

export class NearValues {
  readonly #nowMs: () => number;
  readonly #values: Readonly<Record<Topic, BoundedEntries<NearValue>>> = {
    sessions: new BoundedEntries(),
    criteria: new BoundedEntries(),
  };

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** Whether it is worth asking for the generation. */
  has(topic: Topic, key: string): boolean {
    return this.#values[topic].has(key);
  }

  /** undefined: none, or one of another generation or another time, which is forgotten. */
  get(topic: Topic, key: string, generation: string): string | undefined {
    const values = this.#values[topic];
    const near = values.get(key);
    if (near === undefined) return undefined;
    if (near.generation === generation && this.#nowMs() < near.untilMs) return near.value;
    values.delete(key);
    return undefined;
  }

  keep(topic: Topic, key: string, value: NearValue): void {
    this.#values[topic].set(key, value, value.value.length);
  }
}
