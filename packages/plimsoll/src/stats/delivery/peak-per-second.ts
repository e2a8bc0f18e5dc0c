/**
 * The most events of any second, wherever it begins. Workers tell one after the other, so what is told is out of order;
 * only what may still share a second with something to come is kept.
 */
export class PeakPerSecond {
  #most = 0;
  #openMs: number[] = [];

  add(atMs: number): void {
    this.#openMs.push(atMs);
  }

  /** Events that are kept. */
  get kept(): number {
    return this.#openMs.length;
  }

  /** @param toldMs nothing earlier is to come */
  most(toldMs: number): number {
    const sortedMs = this.#openMs.sort((a, b) => a - b);
    let first = 0;
    for (let last = 0; last < sortedMs.length; last++) {
      while (sortedMs[last]! - sortedMs[first]! >= 1000) first++;
      this.#most = Math.max(this.#most, last - first + 1);
    }
    this.#openMs = sortedMs.filter((atMs) => toldMs - atMs < 1000);
    return this.#most;
  }
}
