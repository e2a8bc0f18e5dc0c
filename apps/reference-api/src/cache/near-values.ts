/** What one instance has seen of a shared cache, bounded. A value holds for its generation and until its time. */
import type { Topic } from '../ports/cache.ts';

export interface NearValue {
  readonly generation: string;
  readonly value: string;
  /** On the clock of `performance.now()`. */
  readonly untilMs: number;
}

const mostValues = 10_000;

export class NearValues {
  readonly #nowMs: () => number;
  readonly #values: Readonly<Record<Topic, Map<string, NearValue>>> = { sessions: new Map(), criteria: new Map() };

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
    const values = this.#values[topic];
    values.delete(key);
    values.set(key, value);
    if (values.size > mostValues) values.delete(values.keys().next().value!);
  }
}
