/** The primary, and the replica that answers lists and statistics where there is one. */
import type { Kysely } from 'kysely';
import type { Log } from '../ports/log.ts';
import { DatabaseUnavailable, type Replica } from '../ports/stores.ts';
import { isTooSlow, isWithoutConnection, orUnavailable } from './availability.ts';
import type { Tables } from './tables.ts';

/** A replica that failed is left alone for so long. */
const retryReplicaMs = 5000;

type Work<T = unknown> = (db: Kysely<Tables>) => Promise<T>;

interface ReplicaDatabase {
  readonly db: Kysely<Tables>;
  /** Throws where it does not answer, however full its pool is. */
  readonly ping: () => Promise<void>;
}

export class Databases {
  readonly #primary: Kysely<Tables>;
  readonly #replica: ReplicaDatabase | undefined;
  readonly #log: Log;
  readonly #nowMs: () => number;
  /** What a replica that is away could not do, and must do before it is given more. */
  #failed: Work | undefined;
  #retryAtMs = 0;
  #looking: Promise<boolean> | undefined;

  constructor(primary: Kysely<Tables>, replica: ReplicaDatabase | undefined, log: Log, nowMs: () => number) {
    this.#primary = primary;
    this.#replica = replica;
    this.#log = log;
    this.#nowMs = nowMs;
  }

  /** The newest state, and every write. Errors: DatabaseUnavailable. */
  primary<T>(work: Work<T>): Promise<T> {
    return orUnavailable(work(this.#primary));
  }

  /**
   * What may lag. A replica that fails in whatever way (away, without its tables, in conflict with its recovery) is
   * replaced by the primary; what the primary refuses, too, or is as slow with, was not the replica's fault. Errors:
   * those of the primary.
   */
  async lagging<T>(work: Work<T>): Promise<T> {
    const replica = this.#replica;
    if (replica === undefined) return await this.primary(work);
    if (this.#failed !== undefined) {
      // Nobody waits for one that may hang.
      void this.#look(replica);
      return await this.primary(work);
    }
    try {
      return await orUnavailable(work(replica.db));
    } catch (error) {
      // Whether its pool is full or nobody is there, a ping tells.
      if (error instanceof DatabaseUnavailable && isWithoutConnection(error.cause)) {
        void this.#look(replica);
        return await this.primary(work);
      }
      const isAway = error instanceof DatabaseUnavailable && !isTooSlow(error.cause);
      if (isAway) this.#leave(work, error.cause);
      const answer = await this.primary(work);
      if (!isAway) this.#leave(work, error);
      return answer;
    }
  }

  #leave(work: Work, error: unknown): void {
    if (this.#failed === undefined) this.#log.warn({ err: error }, 'the replica is away: the primary does its work');
    this.#failed = work;
    this.#retryAtMs = this.#nowMs() + retryReplicaMs;
  }

  /** One at a time: of many who would try whether a replica hangs, each would hold a connection for as long as it does. */
  #look(replica: ReplicaDatabase): Promise<boolean> {
    if (this.#failed !== undefined && this.#nowMs() < this.#retryAtMs) return Promise.resolve(false);
    this.#looking ??= this.#try(replica).finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #try({ db, ping }: ReplicaDatabase): Promise<boolean> {
    const tried = this.#failed;
    try {
      await (tried ?? ping)(db);
    } catch (error) {
      this.#leave(this.#failed ?? ping, error);
      return false;
    }
    // What failed meanwhile is another matter.
    if (this.#failed !== tried) return false;
    if (tried !== undefined) this.#log.info({}, 'the replica answers again');
    this.#failed = undefined;
    return true;
  }

  get replica(): Replica | undefined {
    const replica = this.#replica;
    return replica && { isHealthy: () => this.#failed === undefined, look: () => this.#look(replica) };
  }

  async close(): Promise<void> {
    await Promise.all([this.#primary.destroy(), this.#replica?.db.destroy()]);
  }
}
