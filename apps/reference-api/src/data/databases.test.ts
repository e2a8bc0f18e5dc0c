import type { Kysely } from 'kysely';
import { expect, test } from 'vitest';
import { rememberingLog } from '../../test/support/quiet-log.ts';
import { DatabaseUnavailable } from '../ports/stores.ts';
import { Databases } from './databases.ts';
import type { Tables } from './tables.ts';

/** What is asked of the replica is answered by the test, but for pings; the primary answers at once. */
function setUp() {
  const [primary, replica] = ['primary', 'replica'] as unknown as [Kysely<Tables>, Kysely<Tables>];
  const log = rememberingLog();
  const time = { nowMs: 0 };
  const pings = { count: 0, isAnswered: true };
  const ping = (): Promise<void> => {
    pings.count++;
    return pings.isAnswered ? Promise.resolve() : Promise.reject(away);
  };
  const databases = new Databases(primary, { db: replica, ping }, log, () => time.nowMs);
  const asked: { answer: (value: string) => void; fail: (error: Error) => void }[] = [];
  const work = (db: Kysely<Tables>): Promise<string> =>
    db === primary
      ? Promise.resolve('primary')
      : new Promise((answer, fail) => {
          asked.push({ answer, fail });
        });
  const away = Object.assign(new Error('silent'), { code: 'ETIMEDOUT' });
  return { databases, log, time, asked, work, away, pings };
}

test('a replica that hangs holds up those who asked before it was known, and later nobody', async () => {
  const { databases, log, time, asked, work, away } = setUp();
  const first = [databases.lagging(work), databases.lagging(work)];
  expect(asked).toHaveLength(2);
  for (const { fail } of asked) fail(away);
  expect(await Promise.all(first)).toEqual(['primary', 'primary']);
  expect(databases.replica?.isHealthy()).toBe(false);

  time.nowMs = 4999;
  expect(await databases.lagging(work)).toBe('primary');
  expect(asked).toHaveLength(2);
  // One tries, and nobody waits for it.
  time.nowMs = 5000;
  for (let at = 0; at < 5; at++) expect(await databases.lagging(work)).toBe('primary');
  const looking = databases.replica!.look();
  expect(asked).toHaveLength(3);
  asked[2]!.fail(away);
  expect(await looking).toBe(false);

  time.nowMs = 9999;
  expect(await databases.replica!.look()).toBe(false);
  expect(asked).toHaveLength(3);
  time.nowMs = 10_000;
  const again = databases.replica!.look();
  asked[3]!.answer('replica');
  expect(await again).toBe(true);
  expect(databases.replica?.isHealthy()).toBe(true);
  const answered = databases.lagging(work);
  asked[4]!.answer('replica');
  expect(await answered).toBe('replica');
  expect(log.lines).toEqual([
    'warn: the replica is away: the primary does its work',
    'info: the replica answers again',
  ]);
});

test('what fails while the replica is tried counts', async () => {
  const { databases, time, asked, work, away } = setUp();
  const [early, late] = [databases.lagging(work), databases.lagging((db) => work(db))];
  asked[0]!.fail(away);
  await early;
  time.nowMs = 5000;
  const looking = databases.replica!.look();
  asked[1]!.fail(away);
  await late;
  asked[2]!.answer('replica');
  expect(await looking).toBe(false);
  expect(databases.replica?.isHealthy()).toBe(false);
});

test('what failed last is what the replica must do', async () => {
  const { databases, time, asked, work, away } = setUp();
  const last: string[] = [];
  const late = databases.lagging((db) => {
    last.push('asked');
    return work(db);
  });
  const early = databases.lagging(work);
  asked[1]!.fail(away);
  await early;
  time.nowMs = 5000;
  const looking = databases.replica!.look();
  asked[0]!.fail(away);
  await late;
  asked[2]!.fail(away);
  expect(await looking).toBe(false);
  const before = last.length;
  time.nowMs = 10_000;
  const again = databases.replica!.look();
  expect(last).toHaveLength(before + 1);
  asked[3]!.answer('replica');
  expect(await again).toBe(true);
});

test("a statement that takes too long on both is not the replica's fault; on the replica alone it is", async () => {
  const { databases, asked, work } = setUp();
  const tooLong = Object.assign(new Error('canceling statement due to statement timeout'), { code: '57014' });
  const both = databases.lagging((db) => ((db as unknown) === 'primary' ? Promise.reject(tooLong) : work(db)));
  asked[0]!.fail(tooLong);
  await expect(both).rejects.toThrow(DatabaseUnavailable);
  expect(databases.replica?.isHealthy()).toBe(true);

  const alone = databases.lagging(work);
  asked[1]!.fail(tooLong);
  expect(await alone).toBe('primary');
  expect(databases.replica?.isHealthy()).toBe(false);
});

test('a pool that is full sends to the primary who waited too long, and nobody else; one to nobody, everybody', async () => {
  const { databases, asked, work, pings, log } = setUp();
  const full = new Error('timeout exceeded when trying to connect');
  const waited = databases.lagging(work);
  asked[0]!.fail(full);
  expect(await waited).toBe('primary');
  expect([pings.count, databases.replica?.isHealthy(), await databases.replica?.look()]).toEqual([1, true, true]);

  pings.isAnswered = false;
  const inVain = databases.lagging(work);
  asked[1]!.fail(full);
  expect(await inVain).toBe('primary');
  expect(await databases.replica?.look()).toBe(false);
  expect(await databases.lagging(work)).toBe('primary');
  expect(asked).toHaveLength(2);
  expect(log.lines).toEqual(['warn: the replica is away: the primary does its work']);
});
