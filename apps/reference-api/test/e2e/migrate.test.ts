/** The migration as a command, on its own; PostgreSQL's is in postgres.test.ts. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { expect, onTestFinished, test } from 'vitest';
import { done, migrate, nothingToDo } from '../support/migrate-command.ts';
import { temporaryFolder } from '../support/private-server.ts';

test('an empty file gets its tables, and a second call does nothing', () => {
  const folder = temporaryFolder('migrate');
  onTestFinished(() => folder.remove());
  const file = join(folder.path, 'data.sqlite');
  writeFileSync(file, '');
  const read = (sql: string): unknown[] => {
    const database = new Database(file);
    const rows = database.prepare(sql).all();
    database.close();
    return rows;
  };
  const schema = 'select name, sql from sqlite_master order by name';
  expect(migrate({ DATABASE_FILE: file })).toEqual(done);
  const made = read(schema);
  const tables = ['models', 'sessions', 'users', 'criteria'].map(
    (name) => expect.objectContaining({ name }) as unknown,
  );
  expect(made).toEqual(expect.arrayContaining(tables));
  // The secrets of the server are no matter here.
  const secrets = { NODE_ENV: 'production', AUTH_SECRET: '', SEED_PASSWORD: 'short', SEED_PASSWORD_ADMIN: 'x' };
  expect(migrate({ DATABASE_FILE: file, ...secrets })).toEqual(nothingToDo);
  expect(read(schema)).toEqual(made);
  // Kept in the file: who reads and who writes do not wait for each other.
  expect(read('pragma journal_mode')).toEqual([{ journal_mode: 'wal' }]);
});

test('a database that is not there is told in one sentence, without its password', () => {
  const { status, stderr } = migrate({ DATABASE_URL: 'postgres://u:geheim@127.0.0.1:1/d' });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^reference-api: the database was not migrated: .*ECONNREFUSED.*\n$/);
  expect(stderr).not.toContain('geheim');
});
