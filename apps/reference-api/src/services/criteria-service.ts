/**
 * The optimisation criteria, as the text that is sent. A cached text is held against the version in the store on each
 * reading: what another instance wrote counts at once, and no message between instances can be missed.
 */
import { refuseContradictions, type Criteria } from '../domain/criteria.ts';
import type { Cache } from '../ports/cache.ts';
import type { CriteriaStore } from '../ports/criteria-store.ts';
import type { Switches } from '../settings.ts';

const ttlMs = 5 * 60_000;

export class CriteriaService {
  readonly #store: CriteriaStore;
  readonly #cache: Cache;
  readonly #isCached: boolean;

  constructor(store: CriteriaStore, cache: Cache, switches: Switches) {
    this.#store = store;
    this.#cache = cache;
    this.#isCached = switches.configCache;
  }

  async read(): Promise<string> {
    if (!this.#isCached) return await this.#compute();
    const version = await this.#store.version();
    // Of that version: one that is written meanwhile is not to stand under it when it comes back.
    return await this.#cache.through('criteria', version, ttlMs, () => this.#compute(version));
  }

  /** Resolves when every instance reads the new value. */
  async replace(criteria: Criteria): Promise<string> {
    refuseContradictions(criteria);
    await this.#store.write(criteria);
    await this.#cache.invalidate('criteria');
    return JSON.stringify(criteria);
  }

  readonly #compute = async (version?: string): Promise<string> => JSON.stringify(await this.#store.read(version));
}
