/** The statistics, as the text that is sent. */
import type { Cache } from '../ports/cache.ts';
import type { Log } from '../ports/log.ts';
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

  /** So that the first user does not pay for all. What fails here fails, or not, when somebody asks. */
  async warm(log: Log): Promise<void> {
    if (!this.#isCached) return;
    try {
      await this.stats();
    } catch (error) {
      log.warn({ err: error }, 'the statistics could not be computed beforehand');
    }
  }

  readonly #compute = async (): Promise<string> => JSON.stringify(await this.#stores.dashboard.compute());
}
