/** Brings the database up to date and ends: `node dist/migrate.js`, with the settings of the server. */
import { setIndexes } from './data/indexes.ts';
import { migrateAlone } from './data/migrate-alone.ts';
import { migrate } from './data/migrations.ts';
import { openPostgres, openSqlite, reasonOfPostgres } from './data/open-database.ts';
import { BadSetting, readSettings, usage } from './read-settings.ts';

/** It signs nothing and makes no users: the secrets of the server are not looked at, whatever they are. */
const withoutSecrets = {
  ...process.env,
  AUTH_SECRET: 'no token is signed by a migration',
  ...Object.fromEntries(
    Object.keys(process.env).flatMap((name) => (name.startsWith('SEED_PASSWORD') ? [[name, '']] : [])),
  ),
};

try {
  const settings = readSettings(process.argv.slice(2), withoutSecrets);
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
