/** The criteria in the database, where several machines share them: one row, replaced by one statement. */
import { criteriaSchema, defaultCriteria } from '../domain/criteria.ts';
import { oncePerTurn } from '../domain/once-per-turn.ts';
import type { CriteriaStore } from '../ports/criteria-store.ts';
import type { Databases } from './databases.ts';

/** The version before anything was written; no text of criteria is that. */
const none = 'none';

export function databaseCriteriaStore(databases: Databases): CriteriaStore {
  const stored = (): Promise<string | undefined> =>
    databases.primary(async (db) => {
      const row = await db.selectFrom('criteria').select('criteria').where('id', '=', 1).executeTakeFirst();
      return row?.criteria;
    });
  return {
    read: async (version) => {
      // The version is the text.
      const text = version ?? (await stored()) ?? none;
      if (text === none) return defaultCriteria;
      const read = criteriaSchema.safeParse(parse(text));
      if (!read.success) throw new Error('the criteria in the database are damaged — write them again by PUT');
      return read.data;
    },
    // One short row: nothing tells its states apart more cheaply than its text.
    version: oncePerTurn(async () => (await stored()) ?? none),
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
