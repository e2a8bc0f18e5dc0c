/**
 * The indexes that the lists and the statistics need, one for each combination of filters: all are read from the newest
 * on, so each ends with the time and the id. A switch, so that a run with and one without can be compared.
 */
import { sql, type Kysely } from 'kysely';
import type { Tables } from './tables.ts';

const indexes = {
  sessions_by_time: ['started_at_ms', 'id'],
  sessions_by_status: ['status', 'started_at_ms', 'id'],
  sessions_by_model: ['model_id', 'started_at_ms', 'id'],
  sessions_by_model_and_status: ['model_id', 'status', 'started_at_ms', 'id'],
  // Holds all that the statistics add up, so that no row is read.
  sessions_for_statistics: ['status', 'size_reduction_percent', 'speed_up'],
} as const;

export async function setIndexes(db: Kysely<Tables>, wanted: boolean): Promise<void> {
  for (const [name, columns] of Object.entries(indexes)) {
    if (wanted)
      await db.schema
        .createIndex(name)
        .ifNotExists()
        .on('sessions')
        .columns([...columns])
        .execute();
    else await db.schema.dropIndex(name).ifExists().execute();
  }
  // Without its statistics a planner guesses, and guesses wrong.
  if (wanted) await sql`analyze sessions`.execute(db);
}
