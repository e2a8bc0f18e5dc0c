/** The statistics, as the text that is sent. */
import type { Cache } from '../ports/cache.ts';
import type { Stores } from '../ports/stores.ts';
import type { Switches } from '../settings.ts';

const ttlMs = 30_000;

export class DashboardService {
  readonly #stores: Stores;
  readonly #cache: Cache;
  readonly #isCached: boolean;

  constructor(stores: Stores, cache: Cache, switches: Switches) {
    this.#stores = stores;
    this.#cache = cache;
    this.#isCached = switches.dashboardCache;
  }

  stats(): Promise<string> {
    return this.#isCached ? this.#cache.through('sessions', 'dashboard', ttlMs, this.#compute) : this.#compute();
  }

  /** So that the first user does not pay for all. */
  async warm(): Promise<void> {
    if (this.#isCached) await this.stats();
  }

  readonly #compute = async (): Promise<string> => JSON.stringify(await this.#stores.dashboard.compute());
}
