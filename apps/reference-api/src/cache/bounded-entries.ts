/**
 * Entries in the order in which they were set, bounded in number and in the length of their texts and keys: the oldest give
 * way. One that is too long by itself is not kept, and nothing gives way to it.
 */

interface Held<Entry> {
  readonly entry: Entry;
  /** Of the key, too. */
  characters: number;
}

export interface Bounds {
  readonly entries: number;
  /** Of all texts and keys together. */
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

  /** @param characters of its text; 0 where that is still to come, and `weigh` then tells */
  set(key: string, entry: Entry, characters = 0): void {
    this.delete(key);
    const held = { entry, characters: 0 };
    this.#held.set(key, held);
    this.#weigh(key, held, characters);
  }

  /** The text of an entry has come. Nothing where another entry has taken its place. */
  weigh(key: string, entry: Entry, characters: number): void {
    const held = this.#held.get(key);
    if (held?.entry === entry) this.#weigh(key, held, characters);
  }

  #weigh(key: string, held: Held<Entry>, ofText: number): void {
    const characters = key.length + ofText;
    if (characters > this.#bounds.characters) {
      this.delete(key);
      return;
    }
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
