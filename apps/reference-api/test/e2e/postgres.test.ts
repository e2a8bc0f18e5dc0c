/** PostgreSQL: the same promises as SQLite, and what happens when it goes away. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Client, Pool } from 'pg';
import { sql } from 'kysely';
import { openPostgres } from '../../src/data/open-database.ts';
import { openStores } from '../../src/data/open-stores.ts';
import { describeStores, nowMs, settingsFor } from '../../src/data/stores.contract.ts';
import { DatabaseUnavailable } from '../../src/ports/stores.ts';
import { standBetween } from '../support/between.ts';
import { done, migrate, nothingToDo } from '../support/migrate-command.ts';
import { postgresBinary, startPostgres, type PrivatePostgres } from '../support/private-postgres.ts';
import { isMissing } from '../support/private-server.ts';
import { rememberingLog } from '../support/quiet-log.ts';
import { startApi } from '../support/running-api.ts';

describe.skipIf(isMissing('postgres', postgresBinary))('PostgreSQL', () => {
  let postgres: PrivatePostgres;
  let databases = 0;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.remove());

  async function fresh(): Promise<string> {
    const name = `test_${++databases}`;
    const pool = new Pool({ connectionString: postgres.url });
    await pool.query(`create database ${name}`);
    await pool.end();
    return postgres.url.replace(/postgres$/, name);
  }

  describeStores(async () => ({ databaseUrl: await fresh(), databaseFile: '' }));

  test('a statement that takes too long is given up, and told as an outage', async () => {
    const url = await fresh();
    const settings = {
      ...settingsFor({ databaseUrl: url, databaseFile: '' }, 'optimised', 10),
      statementTimeoutMs: 300,
    };
    const stores = await openStores(settings, rememberingLog());
    const pool = new Pool({ connectionString: url });
    const client = await pool.connect();
    await client.query('begin; lock table sessions in access exclusive mode');
    await expect(stores.sessions.list({ skip: 0, limit: 1 })).rejects.toThrow(DatabaseUnavailable);
    await client.query('rollback');
    expect(await stores.sessions.list({ skip: 0, limit: 1 })).toMatchObject({ total: 10 });
    client.release();
    await pool.end();
    await stores.close();
  });

  test('a connection is replaced when its time is over, and who waits for one is counted', async () => {
    const options = { size: 1, statementTimeoutMs: 5000, lifetimeSeconds: 1 };
    const { db } = openPostgres(postgres.url, options, rememberingLog());
    onTestFinished(() => db.destroy());
    const backend = async (): Promise<number> =>
      (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db)).rows[0]!.pid;
    const first = await backend();

    const url = await fresh();
    const settings = { ...settingsFor({ databaseUrl: url, databaseFile: '' }, 'optimised', 10), poolSize: 1 };
    const stores = await openStores(settings, rememberingLog());
    onTestFinished(() => stores.close());
    const locker = new Client({ connectionString: url });
    await locker.connect();
    onTestFinished(() => locker.end());
    await locker.query('begin; lock table sessions in access exclusive mode');
    const [one, two] = [1, 2].map(() => stores.sessions.list({ skip: 0, limit: 1 }));
    await expect.poll(() => stores.pools()).toEqual({ primary: { inUse: 1, idle: 0, waiting: 1 } });
    // Full is not away.
    await stores.ping();
    await locker.query('rollback');
    await Promise.all([one, two]);
    expect(stores.pools()).toEqual({ primary: { inUse: 0, idle: 1, waiting: 0 } });

    await expect.poll(backend, { timeout: 5000 }).not.toBe(first);
  });

  test('a replica answers lists and statistics; away, the primary does, and it is said once', async () => {
    const primaryUrl = await fresh();
    const replica = await startPostgres();
    onTestFinished(() => replica.remove());
    const seedOf = (url: string, sessions: number) =>
      settingsFor({ databaseUrl: url, databaseFile: '' }, 'optimised', sessions);
    // Not a copy, so that it can be told which of the two has answered.
    await (await openStores(seedOf(replica.url, 20), rememberingLog(), () => nowMs)).close();
    const log = rememberingLog();
    let now = nowMs;
    const settings = { ...seedOf(primaryUrl, 10), replicaUrl: replica.url };
    const stores = await openStores(settings, log, () => now);
    onTestFinished(() => stores.close());
    const total = async (): Promise<number> => (await stores.sessions.list({ skip: 0, limit: 1 })).total;
    expect(await total()).toBe(20);
    expect((await stores.dashboard.compute()).total_sessions).toBe(20);
    expect(stores.replica?.isHealthy()).toBe(true);

    await replica.server.stop('SIGQUIT');
    expect(await total()).toBe(10);
    expect(await total()).toBe(10);
    expect(stores.replica?.isHealthy()).toBe(false);
    expect(log.lines.filter((line) => line.includes('the replica is away'))).toHaveLength(1);

    await replica.server.start();
    const later = (): Promise<number> => {
      now += 10_000;
      return total();
    };
    await expect.poll(later, { timeout: 10_000 }).toBe(20);
    expect(stores.replica?.isHealthy()).toBe(true);
  });

  test('the migration as a command: tables and indexes, and a second call does nothing', async () => {
    const url = await fresh();
    expect(migrate({ DATABASE_URL: url })).toEqual(done);
    expect(migrate({ DATABASE_URL: url })).toEqual(nothingToDo);
    const client = new Client({ connectionString: url });
    await client.connect();
    onTestFinished(() => client.end());
    const { rows } = await client.query(`select tablename, count(indexname)::int as indexes from pg_indexes
      where schemaname = 'public' and tablename = any('{criteria,models,sessions,users}') group by 1 order by 1`);
    const made = { criteria: 1, models: 1, sessions: 6, users: 1 };
    expect(rows).toEqual(Object.entries(made).map(([tablename, indexes]) => ({ tablename, indexes })));
  });

  test('waiting in line for the migrations takes as long as it takes', async () => {
    const url = await fresh();
    const other = new Client({ connectionString: url });
    await other.connect();
    onTestFinished(() => other.end());
    await other.query('select pg_advisory_lock(48700001)');
    const log = rememberingLog();
    const where = { databaseUrl: url, databaseFile: '' };
    const opening = openStores({ ...settingsFor(where, 'optimised', 10), statementTimeoutMs: 100 }, log);
    await expect.poll(() => log.lines.length, { timeout: 10_000 }).toBe(1);
    expect(log.lines).toEqual(['info: another instance prepares the database: waiting for it']);
    await new Promise((done) => setTimeout(done, 400));
    await other.query('select pg_advisory_unlock(48700001)');
    await (await opening).close();
  });

  test('connections cut without a word, in the middle of statements: an outage, and the service lives', async () => {
    const url = await fresh();
    const between = await standBetween(url);
    onTestFinished(() => {
      between.close();
    });
    const databaseUrl = between.url;
    const stores = await openStores(settingsFor({ databaseUrl, databaseFile: '' }, 'optimised', 10), rememberingLog());
    onTestFinished(() => stores.close());
    const locker = new Client({ connectionString: url });
    await locker.connect();
    onTestFinished(() => locker.end());
    await locker.query('begin; lock table sessions in access exclusive mode');
    const waiting = [1, 2, 3].map(() => stores.sessions.list({ skip: 0, limit: 1 }));
    const waits = 'select count(*)::int as n from pg_locks where not granted';
    await expect.poll(async () => (await locker.query<{ n: number }>(waits)).rows[0]!.n).toBe(3);
    between.cut();
    for (const { status, reason } of (await Promise.allSettled(waiting)) as PromiseRejectedResult[]) {
      expect([status, reason]).toEqual(['rejected', expect.any(DatabaseUnavailable)]);
    }
    await locker.query('rollback');
    expect(await stores.sessions.list({ skip: 0, limit: 1 })).toMatchObject({ total: 10 });
  });

  test('a replica that answers with errors is replaced by the primary, and the start goes on', async () => {
    const settings = {
      ...settingsFor({ databaseUrl: await fresh(), databaseFile: '' }, 'optimised', 10),
      // A database without our tables.
      replicaUrl: await fresh(),
    };
    const log = rememberingLog();
    const stores = await openStores(settings, log);
    onTestFinished(() => stores.close());
    expect((await stores.dashboard.compute()).total_sessions).toBe(10);
    expect(stores.replica?.isHealthy()).toBe(false);
    expect(log.lines.filter((line) => line.includes('the replica is away'))).toHaveLength(1);
    const nowhere = { ...settings, replicaUrl: settings.replicaUrl.replace(/[^/]*$/, 'no_such_database') };
    const others = await openStores(nowhere, rememberingLog());
    onTestFinished(() => others.close());
    expect(await others.sessions.list({ skip: 0, limit: 1 })).toMatchObject({ total: 10 });
  });

  test('what a replica that lagged gave is dropped a second later; one that is silent is told, though no list is asked for', async () => {
    const [primary, replica] = [await fresh(), await fresh()];
    const between = await standBetween(replica);
    onTestFinished(() => {
      between.close();
    });
    // Not a copy: what it has is what the test gives it.
    const copy = settingsFor({ databaseUrl: replica, databaseFile: '' }, 'optimised', 20);
    await (await openStores(copy, rememberingLog())).close();
    const env = {
      DATABASE_URL: primary,
      DATABASE_REPLICA_URL: between.url,
      DATABASE_STATEMENT_TIMEOUT_MS: '1000',
      SEED_SESSIONS: '10',
      LOG_LEVEL: 'silent',
    };
    const api = await startApi({ args: ['--rate-limits', 'off'], env, later: onTestFinished });
    const client = new Client({ connectionString: replica });
    await client.connect();
    onTestFinished(() => client.end());
    const total = async (): Promise<number> =>
      (await api.as<{ total_sessions: number }>('viewer', '/dashboard/stats')).body.total_sessions;
    await api.token('operator');
    let left = 20;
    expect(await total()).toBe(left);
    let beganMs: number;
    do {
      beganMs = performance.now();
      const json = { model_id: 'model-001', technique: 'pruning' };
      expect((await api.as('operator', '/optimization/sessions', { json })).status).toBe(201);
      expect(await total()).toBe(left);
      await client.query('delete from sessions where id = (select id from sessions limit 1)');
      left--;
      // Where it took longer, the second time may have come before the replica had the change.
    } while (performance.now() - beganMs > 900);
    await expect.poll(total, { timeout: 5000 }).toBe(left);

    const ready = async () => (await api.ask('/ready')).body;
    expect(await ready()).toEqual({ status: 'ready', checks: { database: 'up', cache: 'up', replica: 'up' } });
    between.fallSilent();
    expect(await ready()).toEqual({ status: 'degraded', checks: { database: 'up', cache: 'up', replica: 'down' } });
    await expect
      .poll(async () => (await api.ask<string>('/metrics')).body, { timeout: 10_000 })
      .toContain('dependency_up{dependency="replica"} 0');
    expect((await api.as('viewer', '/optimization/sessions')).status).toBe(200);
  });

  test('two instances without Redis: what one is told, the other reads at once', { timeout: 60_000 }, async () => {
    const env = { DATABASE_URL: await fresh(), AUTH_SECRET: 'a secret of thirty-two characters', SEED_SESSIONS: '10' };
    const options = { args: ['--rate-limits', 'off'], env, later: onTestFinished };
    const [one, two] = [await startApi(options), await startApi(options)];
    const path = '/config/optimization-criteria';
    const { body } = await two.as('viewer', path);
    for (const name of ['first', 'second', 'third']) {
      expect((await one.as('admin', path, { method: 'PUT', json: { ...body, name } })).status).toBe(200);
      expect((await two.as('viewer', path)).body).toEqual({ ...body, name });
    }
    // A hundred at once: one of them is left, whole, and the same for both.
    const names = Array.from({ length: 100 }, (_, at) => `writer ${at} `.repeat(1 + (at % 9)).trim());
    const writings = names.map((name, at) =>
      [one, two][at % 2]!.as('admin', path, { method: 'PUT', json: { ...body, name } }),
    );
    expect(new Set((await Promise.all(writings)).map(({ status }) => status))).toEqual(new Set([200]));
    const [left, right] = await Promise.all([one, two].map(async (api) => (await api.as('viewer', path)).body));
    expect(names).toContain(left!['name']);
    expect(left).toEqual({ ...body, name: left!['name'] });
    expect(right).toEqual(left);
  });

  test('SIGTERM while a statement hangs: the end comes in time', { timeout: 60_000 }, async () => {
    const env = { DATABASE_URL: await fresh(), SEED_SESSIONS: '10', DATABASE_STATEMENT_TIMEOUT_MS: '60000' };
    const api = await startApi({ args: ['--profile', 'naive'], env, later: onTestFinished });
    const token = await api.token('viewer');
    const locker = new Client({ connectionString: env.DATABASE_URL });
    await locker.connect();
    onTestFinished(() => locker.end());
    await locker.query('begin; lock table sessions in access exclusive mode');
    const hanging = api.ask('/optimization/sessions', { token }).catch(() => 'cut off');
    await expect.poll(async () => (await api.ask<string>('/metrics')).body).toContain('state="in_use"} 1');
    const beganMs = performance.now();
    // 3 where a connection took no leave.
    expect([0, 3]).toContain(await api.stop('SIGTERM'));
    expect(performance.now() - beganMs).toBeLessThan(10_000);
    expect(await hanging).toBe('cut off');
  });

  test(
    'the service without its database: 503 with Retry-After, and it recovers by itself',
    { timeout: 60_000 },
    async () => {
      const own = await startPostgres();
      onTestFinished(() => own.remove());
      const api = await startApi({
        args: ['--rate-limits', 'off', '--profile', 'naive'],
        env: { DATABASE_URL: own.url, SEED_SESSIONS: '50', LOG_LEVEL: 'silent' },
        later: onTestFinished,
      });
      const list = () => api.as('viewer', '/optimization/sessions');
      expect((await list()).status).toBe(200);
      expect((await api.ask('/ready')).body).toMatchObject({ status: 'ready', checks: { database: 'up' } });

      await own.server.stop('SIGQUIT');
      const away = await list();
      expect(away).toMatchObject({ status: 503, body: { error: 'unavailable' } });
      expect(away.headers.get('retry-after')).toBe('2');
      expect(await api.ask('/ready')).toMatchObject({ status: 503, body: { checks: { database: 'down' } } });
      expect((await api.ask('/health')).status).toBe(200);

      await own.server.start();
      await expect.poll(async () => (await list()).status, { timeout: 15_000, interval: 100 }).toBe(200);
      expect((await api.ask('/ready')).status).toBe(200);
    },
  );
});
