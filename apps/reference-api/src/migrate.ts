/** Brings the database up to date and ends: `node dist/migrate.js`, with the settings of the server. */
import { setIndexes } from './data/indexes.ts';
import { migrateAlone } from './data/migrate-alone.ts';
import { migrate } from './data/migrations.ts';
import { openPostgres, openSqlite, reasonOfPostgres } from './data/open-database.ts';
import { BadSetting, readSettings, usage } from './read-settings.ts';

/** It signs nothing, so it asks for no secret. */
const noSecret = 'no token is signed by a migration';

try {
  const settings = readSettings(process.argv.slice(2), { AUTH_SECRET: noSecret, ...process.env });
  if (settings === undefined) {
    process.stdout.write(usage);
  } else {
    const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const { databaseUrl, poolSize, statementTimeoutMs } = settings;
    const database =
      databaseUrl === undefined
        ? openSqlite(settings.databaseFile)
        : openPostgres(databaseUrl, { size: poolSize, statementTimeoutMs }, quiet);
    try {
      await migrateAlone(database, databaseUrl, quiet, async (db) => {
        const done = await migrate(db);
        await setIndexes(db, settings.switches.indexes);
        process.stdout.write(done.length === 0 ? 'the database is up to date\n' : `carried out: ${done.join(', ')}\n`);
      });
    } finally {
      await database.db.destroy();
    }
  }
} catch (error) {
  process.stderr.write(`reference-api: the database was not migrated: ${reasonOfPostgres(error)}\n`);
  process.exitCode = error instanceof BadSetting ? 2 : 1;
}
