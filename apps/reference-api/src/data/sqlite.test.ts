import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { asAnybody } from '../../test/support/as-anybody.ts';
import { temporaryFolder } from '../../test/support/private-server.ts';
import { rememberingLog } from '../../test/support/quiet-log.ts';
import { openStores } from './open-stores.ts';
import { seededSessions } from './seed.ts';
import { describeStores, nowMs, settingsFor } from './stores.contract.ts';

const folder = temporaryFolder('sqlite');
let files = 0;
const newFile = (): string => join(folder.path, `${++files}`, 'data.sqlite');
afterAll(() => folder.remove());

describe('SQLite', () => {
  describeStores(() => Promise.resolve({ databaseUrl: undefined, databaseFile: newFile() }));
});

test('the same size seeds the same sessions, whatever the hour of the day', () => {
  const seed = (now: number) => [...seededSessions(50, now)];
  expect(seed(nowMs)).toEqual(seed(nowMs + 3_600_000));
  expect(seed(nowMs)).not.toEqual(seed(nowMs + 24 * 3_600_000));
});

describe('a file that cannot be used is told in one sentence', () => {
  test('damaged', async () => {
    const file = newFile();
    mkdirSync(join(file, '..'));
    writeFileSync(file, 'this is not a database, though it is long enough to look like one'.repeat(50));
    const settings = settingsFor({ databaseUrl: undefined, databaseFile: file }, 'optimised');
    await expect(openStores(settings, rememberingLog())).rejects.toThrow(
      `the database ${file} cannot be used: it is damaged, or no SQLite database — move it away and start again, or restore it`,
    );
  });

  test.each(['naive', 'optimised'] as const)('damaged in the middle, %s', async (profile) => {
    const file = newFile();
    const settings = settingsFor({ databaseUrl: undefined, databaseFile: file }, profile);
    await (await openStores(settings, rememberingLog())).close();
    const database = new Database(file);
    database.exec('pragma wal_checkpoint(truncate)');
    database.close();
    const bytes = readFileSync(file);
    expect(bytes.length).toBeGreaterThan(100_000);
    bytes.fill(0xff, bytes.length >> 1, (bytes.length >> 1) + 8192);
    writeFileSync(file, bytes);
    await expect(openStores(settings, rememberingLog())).rejects.toThrow('cannot be used: it is damaged, or no SQLite');
  });

  test('with tables of something else', async () => {
    const file = newFile();
    mkdirSync(join(file, '..'));
    const database = new Database(file);
    database.exec('create table sessions (colour text)');
    database.close();
    const settings = settingsFor({ databaseUrl: undefined, databaseFile: file }, 'optimised');
    await expect(openStores(settings, rememberingLog())).rejects.toThrow(
      `the database ${file} cannot be used: it holds tables of something else — set DATABASE_FILE to a file of its own`,
    );
  });

  test('that this user may not read', async () => {
    const file = newFile();
    const settings = settingsFor({ databaseUrl: undefined, databaseFile: file }, 'optimised');
    await (await openStores(settings, rememberingLog())).close();
    chmodSync(file, 0);
    chmodSync(join(file, '..', '..'), 0o755);
    await asAnybody(() =>
      expect(openStores(settings, rememberingLog())).rejects.toThrow(
        `the database ${file} cannot be used: it is not readable for this user — change its owner or set DATABASE_FILE`,
      ),
    );
  });

  test('in a folder that is a file', async () => {
    const file = newFile();
    writeFileSync(join(file, '..'), '');
    const settings = settingsFor({ databaseUrl: undefined, databaseFile: file }, 'optimised');
    await expect(openStores(settings, rememberingLog())).rejects.toThrow(`the database ${file} cannot be used: `);
  });

  test('that this user may not write to', async () => {
    const file = newFile();
    const folder = join(file, '..');
    const settings = settingsFor({ databaseUrl: undefined, databaseFile: file }, 'optimised');
    const stores = await openStores(settings, rememberingLog());
    await stores.close();
    chmodSync(file, 0o444);
    chmodSync(join(folder, '..'), 0o755);
    chmodSync(folder, 0o555);
    onTestFinished(() => {
      chmodSync(folder, 0o755);
    });
    await asAnybody(() =>
      expect(openStores(settings, rememberingLog())).rejects.toThrow(
        `the database ${file} cannot be used: it is not writable for this user — change its owner or set DATABASE_FILE`,
      ),
    );
  });
});
