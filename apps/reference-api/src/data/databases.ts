/** The primary, and the replica that answers lists and statistics where there is one. */
import type { Kysely } from 'kysely';
import type { Log } from '../ports/log.ts';
import { DatabaseUnavailable } from '../ports/stores.ts';
import { orUnavailable } from './availability.ts';
import type { Tables } from './tables.ts';

/** A replica that failed is left alone for so long. */
const retryReplicaMs = 5000;

export class Databases {
  readonly #primary: Kysely<Tables>;
  readonly #replica: Kysely<Tables> | undefined;
  readonly #log: Log;
  readonly #nowMs: () => number;
  #replicaRetryAtMs = 0;
  #replicaIsHealthy = true;

  constructor(primary: Kysely<Tables>, replica: Kysely<Tables> | undefined, log: Log, nowMs: () => number) {
    this.#primary = primary;
    this.#replica = replica;
    this.#log = log;
    this.#nowMs = nowMs;
  }

  /** The newest state, and every write. Errors: DatabaseUnavailable. */
  primary<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    return orUnavailable(work(this.#primary));
  }

  /**
   * What may lag. A replica that fails in whatever way (away, without its tables, in conflict with its recovery) is
   * replaced by the primary; what the primary refuses, too, was not the replica's fault. Errors: those of the primary.
   */
  async lagging<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    const replica = this.#replica;
    if (replica === undefined || this.#nowMs() < this.#replicaRetryAtMs) return await this.primary(work);
    try {
      const answer = await orUnavailable(work(replica));
      if (!this.#replicaIsHealthy) this.#log.info({}, 'the replica answers again');
      this.#replicaIsHealthy = true;
      return answer;
    } catch (error) {
      const isAway = error instanceof DatabaseUnavailable;
      if (isAway) this.#leaveReplica(error.cause);
      const answer = await this.primary(work);
      if (!isAway) this.#leaveReplica(error);
      return answer;
    }
  }

  #leaveReplica(error: unknown): void {
    if (this.#replicaIsHealthy) this.#log.warn({ err: error }, 'the replica is away: the primary does its work');
    this.#replicaIsHealthy = false;
    this.#replicaRetryAtMs = this.#nowMs() + retryReplicaMs;
  }

  get replica(): { isHealthy(): boolean } | undefined {
    return this.#replica && { isHealthy: () => this.#replicaIsHealthy };
  }

  async close(): Promise<void> {
    await Promise.all([this.#primary.destroy(), this.#replica?.destroy()]);
  }
}
