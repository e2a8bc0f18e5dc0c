/** Brings the workers' snapshots of the same second together; a lost worker is not waited for. */
import type { Snapshot } from '../stats/snapshot.ts';

export class SecondMerger {
  readonly #emit: (second: number, snapshots: readonly Snapshot[]) => void;
  /** The newest second each worker has told; Infinity once it has told all. */
  readonly #told = new Map<number, number>();
  readonly #waiting = new Map<number, Snapshot[]>();

  constructor(workers: readonly number[], emit: (second: number, snapshots: readonly Snapshot[]) => void) {
    this.#emit = emit;
    for (const worker of workers) this.#told.set(worker, -1);
  }

  add(snapshot: Snapshot): void {
    const { second, worker, last } = snapshot;
    const list = this.#waiting.get(second);
    if (list) list.push(snapshot);
    else this.#waiting.set(second, [snapshot]);
    // A word that a lost worker sent before its end is late, and nothing to wait for.
    if (this.#told.get(worker) !== Infinity) this.#told.set(worker, last ? Infinity : second);
    this.#flush();
  }

  /** The worker will tell nothing more. */
  drop(worker: number): void {
    this.#told.set(worker, Infinity);
    this.#flush();
  }

  #flush(): void {
    const complete = Math.min(...this.#told.values());
    const ready = [...this.#waiting.keys()].filter((second) => second <= complete).sort((a, b) => a - b);
    for (const second of ready) {
      const snapshots = this.#waiting.get(second)!;
      this.#waiting.delete(second);
      this.#emit(second, snapshots);
    }
  }
}
