/** What both databases promise, with and without the optimisations. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rememberingLog } from '../../test/support/quiet-log.ts';
import { defaultCriteria } from '../domain/criteria.ts';
import { sessionStatuses, type Session, type SessionQuery } from '../domain/session.ts';
import type { CriteriaStore } from '../ports/criteria-store.ts';
import type { Stores } from '../ports/stores.ts';
import { profiles, type Profile } from '../settings.ts';
import { openStores, type DatabaseSettings } from './open-stores.ts';
import { verifyPassword } from '../domain/password.ts';

export type Where = Pick<DatabaseSettings, 'databaseUrl' | 'databaseFile'>;

export const nowMs = Date.UTC(2026, 10, 24, 15);
const seeded = 2000;

export function settingsFor(where: Where, profile: Profile, seedSessions = seeded): DatabaseSettings {
  return {
    ...where,
    replicaUrl: undefined,
    poolSize: 10,
    statementTimeoutMs: 5000,
    switches: profiles[profile],
    seedSessions,
    seedPasswords: { given: { viewer: 'plimsoll', operator: 'plimsoll', admin: 'plimsoll' }, generated: {} },
  };
}

export function describeStores(fresh: () => Promise<Where>): void {
  describe.each(['naive', 'optimised'] as const)('%s', (profile) => {
    let stores: Stores & { criteria: CriteriaStore };
    let all: readonly Session[];

    beforeAll(async () => {
      stores = await openStores(settingsFor(await fresh(), profile), rememberingLog(), () => nowMs);
      all = await readAll(stores);
    });
    afterAll(() => stores.close());

    test('the seed is 90 days of sessions, newest first', () => {
      expect(all).toHaveLength(seeded);
      expect(new Set(all.map(({ id }) => id)).size).toBe(seeded);
      const times = all.map(({ started_at }) => started_at);
      expect(times).toEqual(times.toSorted().reverse());
      expect(times[0]! < '2026-11-24').toBe(true);
      expect(times.at(-1)! >= '2026-08-26').toBe(true);
      expect(all.every(({ model_name }) => /^[a-z]+-\d$/.test(model_name))).toBe(true);
    });

    test('every filter and combination finds what it says, and counts it', async () => {
      const { model_id: modelId, started_at } = all[700]!;
      const startedToMs = Date.parse(started_at);
      const startedFromMs = startedToMs - 10 * 86_400_000;
      const parts = [{}, { startedFromMs }, { startedToMs }, { startedFromMs, startedToMs }];
      for (const status of [undefined, ...sessionStatuses]) {
        for (const part of parts.flatMap((each) => [each, { ...each, modelId }])) {
          const filter = { ...part, ...(status && { status }) };
          const expected = all.filter((session) => matches(session, filter));
          const page = await stores.sessions.list({ ...filter, skip: 1, limit: 7 });
          expect(page.sessions, JSON.stringify(filter)).toEqual(expected.slice(1, 8));
          expect(page).toMatchObject({ total: expected.length, skip: 1, limit: 7 });
        }
      }
    });

    test('a page beyond the end is empty, and still counts', async () => {
      expect(await stores.sessions.list({ skip: seeded + 5, limit: 10 })).toMatchObject({
        sessions: [],
        total: seeded,
      });
    });

    test('the statistics add up what the list shows', async () => {
      const count = (status: string): number => all.filter((session) => session.status === status).length;
      const completed = all.filter((session) => session.status === 'completed');
      const mean = (of: (session: Session) => number | null): number =>
        completed.reduce((sum, session) => sum + of(session)!, 0) / completed.length;
      const stats = await stores.dashboard.compute();
      expect(stats).toMatchObject({
        total_models: 60,
        active_sessions: count('running'),
        completed_sessions: count('completed'),
        failed_sessions: count('failed'),
        total_sessions: seeded,
        computed_at: new Date(nowMs).toISOString(),
      });
      expect(stats.average_size_reduction_percent).toBeCloseTo(
        mean((each) => each.size_reduction_percent),
        2,
      );
      expect(stats.average_speed_up).toBeCloseTo(
        mean((each) => each.speed_up),
        2,
      );
    });

    test('a session from its start to its end', async () => {
      const { sessions } = stores;
      expect(await sessions.start('model-999', 'pruning')).toBeUndefined();
      const started = (await sessions.start('model-007', 'pruning'))!;
      expect(started).toMatchObject({ status: 'running', progress_percent: 0, ended_at: null, model_id: 'model-007' });
      expect(await sessions.find(started.id)).toEqual(started);
      expect(await sessions.advance(started.id, 40)).toMatchObject({ status: 'running', progress_percent: 40 });
      const done = await sessions.complete(started.id, 55.5, 2.25);
      expect(done).toMatchObject({
        status: 'completed',
        progress_percent: 100,
        size_reduction_percent: 55.5,
        speed_up: 2.25,
      });
      expect(done?.ended_at).toBe(new Date(nowMs).toISOString());
      for (const late of [
        sessions.cancel(started.id),
        sessions.fail(started.id, 'late'),
        sessions.advance(started.id, 1),
      ]) {
        expect(await late).toBeUndefined();
      }
      expect(await sessions.find(started.id)).toEqual(done);
    });

    test('cancelled and failed ones say so', async () => {
      const { sessions } = stores;
      const first = (await sessions.start('model-001', 'quantisation'))!;
      expect(await sessions.cancel(first.id)).toMatchObject({ status: 'cancelled', error: null });
      const second = (await sessions.start('model-001', 'quantisation'))!;
      expect(await sessions.fail(second.id, 'out of memory')).toMatchObject({
        status: 'failed',
        error: 'out of memory',
      });
      expect(await sessions.find('no-such-session')).toBeUndefined();
    });

    test('each role has a user, and the password is kept as a hash', async () => {
      const user = (await stores.users.find('operator'))!;
      expect(user.role).toBe('operator');
      expect(user.passwordHash).not.toContain('plimsoll');
      expect(await verifyPassword('plimsoll', user.passwordHash)).toBe(true);
      expect(await verifyPassword('Plimsoll', user.passwordHash)).toBe(false);
      expect(await stores.users.find("x' or '1'='1")).toBeUndefined();
    });

    test('criteria are the defaults until they are written', async () => {
      expect(await stores.criteria.read()).toEqual(defaultCriteria);
      const changed = { ...defaultCriteria, name: 'ünïcode' };
      await stores.criteria.write(changed);
      expect(await stores.criteria.read()).toEqual(changed);
      const version = await stores.criteria.version();
      await stores.criteria.write(defaultCriteria);
      expect(await stores.criteria.read(version)).toEqual(changed);
      expect(await stores.criteria.read()).toEqual(defaultCriteria);
    });
  });

  test('opened again, nothing is seeded twice, and the indexes follow the switch', async () => {
    const where = await fresh();
    for (const profile of ['optimised', 'naive', 'optimised'] as const) {
      const stores = await openStores(settingsFor(where, profile, 100), rememberingLog(), () => nowMs);
      expect(await stores.sessions.list({ skip: 0, limit: 1 })).toMatchObject({ total: 100 });
      await stores.close();
    }
  });

  test('each role has its own password, one that has none gets no user, and one that is made up is told', async () => {
    const log = rememberingLog();
    const told: unknown[] = [];
    const seedPasswords = { given: { admin: 'of the admin' }, generated: { viewer: 'made up' } };
    const settings = { ...settingsFor(await fresh(), 'optimised', 0), seedPasswords };
    const open = () =>
      openStores(
        settings,
        log,
        () => nowMs,
        (passwords) => told.push(passwords),
      );
    const stores = await open();
    const matches = async (name: string, password: string): Promise<boolean> =>
      await verifyPassword(password, (await stores.users.find(name))?.passwordHash ?? '');
    expect([await matches('admin', 'of the admin'), await matches('viewer', 'made up')]).toEqual([true, true]);
    expect([await matches('admin', 'made up'), await matches('operator', 'made up')]).toEqual([false, false]);
    await stores.close();
    await (await open()).close();
    expect(told).toEqual([{ viewer: 'made up' }]);
  });

  test('two instances that start at once seed it once', async () => {
    const where = await fresh();
    const open = () => openStores(settingsFor(where, 'optimised', 300), rememberingLog(), () => nowMs);
    // SQLite is one writer's: there they come one after the other.
    const both = where.databaseUrl === undefined ? [await open(), await open()] : await Promise.all([open(), open()]);
    for (const stores of both) {
      expect(await stores.sessions.list({ skip: 0, limit: 1 })).toMatchObject({ total: 300 });
      await stores.close();
    }
  });

  test('an empty database has statistics of zero', async () => {
    const stores = await openStores(settingsFor(await fresh(), 'optimised', 0), rememberingLog(), () => nowMs);
    // Users are no history: somebody must be able to sign in.
    expect(await stores.users.find('admin')).toMatchObject({ role: 'admin' });
    expect(await stores.dashboard.compute()).toMatchObject({
      total_models: 0,
      total_sessions: 0,
      average_size_reduction_percent: 0,
      average_speed_up: 0,
    });
    await stores.close();
  });
}

async function readAll(stores: Stores): Promise<readonly Session[]> {
  const all: Session[] = [];
  for (;;) {
    const { sessions, total } = await stores.sessions.list({ skip: all.length, limit: 100 });
    all.push(...sessions);
    if (all.length >= total || sessions.length === 0) return all;
  }
}

function matches(session: Session, filter: Partial<SessionQuery>): boolean {
  const startedMs = Date.parse(session.started_at);
  return (
    (filter.status === undefined || session.status === filter.status) &&
    (filter.modelId === undefined || session.model_id === filter.modelId) &&
    (filter.startedFromMs === undefined || startedMs >= filter.startedFromMs) &&
    (filter.startedToMs === undefined || startedMs <= filter.startedToMs)
  );
}
