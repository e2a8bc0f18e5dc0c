/** Entries in the order in which they were set, bounded in number and in the length of their texts: the oldest give way. */

interface Held<Entry> {
  readonly entry: Entry;
  characters: number;
}

export interface Bounds {
  readonly entries: number;
  /** Of all texts together. */
  readonly characters: number;
}

/** A page of a hundred sessions has 35,000: so a few hundred of them, and not as much as the machine has. */
const cacheBounds: Bounds = { entries: 10_000, characters: 16_000_000 };

export class BoundedEntries<Entry> {
  readonly #bounds: Bounds;
  readonly #held = new Map<string, Held<Entry>>();
  #characters = 0;

  constructor(bounds: Bounds = cacheBounds) {
    this.#bounds = bounds;
  }

  get(key: string): Entry | undefined {
    return this.#held.get(key)?.entry;
  }

  has(key: string): boolean {
    return this.#held.has(key);
  }

  /** @param characters 0 where its text is still to come; `weigh` then tells */
  set(key: string, entry: Entry, characters = 0): void {
    this.delete(key);
    this.#held.set(key, { entry, characters });
    this.#characters += characters;
    this.#trim();
  }

  /** The text of an entry has come. Nothing where another entry has taken its place. */
  weigh(key: string, entry: Entry, characters: number): void {
    const held = this.#held.get(key);
    if (held?.entry !== entry) return;
    this.#characters += characters - held.characters;
    held.characters = characters;
    this.#trim();
  }

  delete(key: string): void {
    const held = this.#held.get(key);
    if (held === undefined) return;
    this.#characters -= held.characters;
    this.#held.delete(key);
  }

  clear(): void {
    this.#held.clear();
    this.#characters = 0;
  }

  #trim(): void {
    while (this.#held.size > this.#bounds.entries || this.#characters > this.#bounds.characters) {
      this.delete(this.#held.keys().next().value!);
    }
  }
}
