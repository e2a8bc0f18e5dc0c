/**
 * Ids that publishing gave back for more than one message: an acknowledgement taken for an id, or a service that gives one
 * twice. What arrives under such an id is of no one message, and where it does arrive nobody can say who has lost what.
 */
const mostIds = 10_000;
const shownLength = 60;

export class SharedId {
  /** Something came under it, before it was known to be shared or since. */
  isHeard: boolean;

  constructor(isHeard: boolean) {
    this.isHeard = isHeard;
  }
}

export class SharedIds {
  readonly #byKey = new Map<string, SharedId>();
  /** The first one, as the test gave it; undefined: none is shared. */
  example: string | undefined;

  find(key: string): SharedId | undefined {
    return this.#byKey.get(key);
  }

  add(key: string, isHeard: boolean): SharedId {
    const id = key.slice(1);
    this.example ??= id.length > shownLength ? `${id.slice(0, shownLength)}…` : id;
    const shared = new SharedId(isHeard);
    this.#byKey.set(key, shared);
    for (const oldest of this.#byKey.keys()) {
      if (this.#byKey.size <= mostIds) break;
      this.#byKey.delete(oldest);
    }
    return shared;
  }
}
