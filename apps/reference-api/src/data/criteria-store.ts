/** The criteria in the database, where several machines share them: one row, replaced by one statement. */
import { criteriaSchema, defaultCriteria } from '../domain/criteria.ts';
import type { CriteriaStore } from '../ports/criteria-store.ts';
import type { Databases } from './databases.ts';

export function databaseCriteriaStore(databases: Databases): CriteriaStore {
  return {
    read: () =>
      databases.primary(async (db) => {
        const row = await db.selectFrom('criteria').select('criteria').where('id', '=', 1).executeTakeFirst();
        if (row === undefined) return defaultCriteria;
        const read = criteriaSchema.safeParse(parse(row.criteria));
        if (!read.success) throw new Error('the criteria in the database are damaged — write them again by PUT');
        return read.data;
      }),
    write: (criteria) =>
      databases.primary(async (db) => {
        const text = JSON.stringify(criteria);
        await db
          .insertInto('criteria')
          .values({ id: 1, criteria: text })
          .onConflict((conflict) => conflict.column('id').doUpdateSet({ criteria: text }))
          .execute();
      }),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
