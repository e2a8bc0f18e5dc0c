/** Users in the database. */
import type { UserStore } from '../ports/stores.ts';
import type { Databases } from './databases.ts';

export function userStore(databases: Databases): UserStore {
  return {
    find: (name) =>
      databases.primary(async (db) => {
        const row = await db.selectFrom('users').selectAll().where('name', '=', name).executeTakeFirst();
        return row && { name: row.name, role: row.role, passwordHash: row.password_hash };
      }),
  };
}
