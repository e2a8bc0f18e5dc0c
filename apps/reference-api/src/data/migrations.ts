/** The schema's history. A migration that has been released is never changed: a new one is added. */
import { Migrator, type Kysely, type Migration } from 'kysely';
import type { Tables } from './tables.ts';

const migrations: Readonly<Record<string, Migration>> = {
  '001-tables': {
    async up(db) {
      await db.schema
        .createTable('models')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('framework', 'text', (column) => column.notNull())
        .addColumn('size_mb', 'double precision', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('sessions')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('model_id', 'text', (column) => column.notNull().references('models.id'))
        .addColumn('technique', 'text', (column) => column.notNull())
        .addColumn('status', 'text', (column) => column.notNull())
        .addColumn('progress_percent', 'double precision', (column) => column.notNull())
        .addColumn('started_at_ms', 'bigint', (column) => column.notNull())
        .addColumn('ended_at_ms', 'bigint')
        .addColumn('size_reduction_percent', 'double precision')
        .addColumn('speed_up', 'double precision')
        .addColumn('error', 'text')
        .execute();
      await db.schema
        .createTable('users')
        .addColumn('name', 'text', (column) => column.primaryKey())
        .addColumn('role', 'text', (column) => column.notNull())
        .addColumn('password_hash', 'text', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('criteria')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('criteria', 'text', (column) => column.notNull())
        .execute();
    },
  },
};

/**
 * Brings the schema up to date; two instances that start together take turns (kysely's own lock).
 *
 * @returns the names of the migrations that were carried out
 */
export async function migrate(db: Kysely<Tables>): Promise<readonly string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve({ ...migrations }) } });
  const { error, results = [] } = await migrator.migrateToLatest();
  if (error !== undefined) throw error instanceof Error ? error : new Error('a migration failed', { cause: error });
  return results.map(({ migrationName }) => migrationName);
}
