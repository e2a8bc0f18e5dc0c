/** Where the optimisation criteria are kept: a file, or PostgreSQL where several machines share it. */
import type { Criteria } from '../domain/criteria.ts';

export interface CriteriaStore {
  /** What the last completed `write` stored, on whatever instance. */
  read(): Promise<Criteria>;
  /** Replaces it whole: a crash at any moment leaves the old value or the new one. Concurrent writes never mix. */
  write(criteria: Criteria): Promise<void>;
}
