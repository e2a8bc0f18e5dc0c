/** Where the optimisation criteria are kept: a file, or PostgreSQL where several machines share it. */
import type { Criteria } from '../domain/criteria.ts';

export interface CriteriaStore {
  /**
   * What the last completed `write` stored, on whatever instance.
   *
   * @param version read those of that version where the store can; a version that never comes back need not be told from
   * the one that follows it
   */
  read(version?: string): Promise<Criteria>;
  /**
   * Cheap to ask, and another after every write, whoever wrote: what a cached reading is held against. Asked once for
   * all who come in one turn of the event loop, and after they came.
   */
  version(): Promise<string>;
  /** Replaces it whole: a crash at any moment leaves the old value or the new one. Concurrent writes never mix. */
  write(criteria: Criteria): Promise<void>;
}
