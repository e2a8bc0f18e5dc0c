import { describe, expect, test } from 'vitest';
import { rememberingLog } from '../../test/support/quiet-log.ts';
import { MemoryCache } from '../cache/memory-cache.ts';
import { defaultCriteria, type Criteria } from '../domain/criteria.ts';
import type { Session, SessionQuery } from '../domain/session.ts';
import type { Cache } from '../ports/cache.ts';
import { DatabaseUnavailable, type SessionStore, type Stores } from '../ports/stores.ts';
import { profiles, type Profile } from '../settings.ts';
import { CriteriaService } from './criteria-service.ts';
import { DashboardService } from './dashboard-service.ts';
import { Optimiser } from './optimiser.ts';
import { SessionService } from './session-service.ts';

const session = { id: 's1', status: 'running', model_id: 'm1', progress_percent: 0 } as Session;

/** Stores that count what they are asked. */
function counted() {
  const asked = { list: 0, compute: 0 };
  const states = new Map<string, Session>([['s1', session]]);
  const stores = {
    sessions: {
      list: ({ skip, limit }: SessionQuery) => {
        asked.list++;
        return Promise.resolve({ sessions: [...states.values()], total: asked.list, skip, limit });
      },
      find: (id: string) => Promise.resolve(states.get(id)),
      start: (modelId: string) => Promise.resolve(modelId === 'm1' ? session : undefined),
      cancel: (id: string) => {
        if (states.get(id)?.status !== 'running') return Promise.resolve(undefined);
        states.set(id, { ...session, status: 'cancelled' });
        return Promise.resolve(states.get(id));
      },
    },
    dashboard: { compute: () => Promise.resolve({ total_models: ++asked.compute }) },
  } as unknown as Stores;
  return { stores, asked };
}

function servicesOf(profile: Profile, overrides: Partial<SessionStore> = {}, cache: Cache = new MemoryCache()) {
  const { stores: plain, asked } = counted();
  const stores = { ...plain, sessions: { ...plain.sessions, ...overrides } };
  const switches = profiles[profile];
  const optimiser = new Optimiser(stores.sessions, { stepMs: 1e9, onEvent: () => undefined, log: rememberingLog() });
  const sessions = new SessionService(stores, cache, switches, optimiser);
  return { asked, optimiser, sessions, dashboard: new DashboardService(stores, cache, switches) };
}

const page = { skip: 0, limit: 50 };

describe('naive', () => {
  test('everything is computed each time', async () => {
    const { dashboard, sessions, asked } = servicesOf('naive');
    await dashboard.warm(rememberingLog());
    for (let time = 0; time < 3; time++) await Promise.all([dashboard.stats(), sessions.list(page)]);
    expect(asked).toEqual({ list: 3, compute: 3 });
  });
});

describe('optimised', () => {
  test('the dashboard is warm before the first user', async () => {
    const { dashboard, asked } = servicesOf('optimised');
    await dashboard.warm(rememberingLog());
    expect(asked.compute).toBe(1);
    expect(JSON.parse(await dashboard.stats())).toEqual({ total_models: 1 });
    expect(asked.compute).toBe(1);
  });

  test('statistics that cannot be computed beforehand are said, and keep nobody from starting', async () => {
    const stores = { dashboard: { compute: () => Promise.reject(new Error('away')) } } as unknown as Stores;
    const log = rememberingLog();
    await new DashboardService(stores, new MemoryCache(), profiles.optimised).warm(log);
    expect(log.lines).toEqual(['warn: the statistics could not be computed beforehand']);
  });

  test('a page is known by what it shows, not by how it was asked for', async () => {
    const { sessions, asked } = servicesOf('optimised');
    await sessions.list({ status: 'failed', modelId: 'm1', ...page });
    await sessions.list({ limit: 50, modelId: 'm1', skip: 0, status: 'failed' });
    expect(asked.list).toBe(1);
    await sessions.list({ status: 'failed', ...page });
    await sessions.list({ modelId: 'm1', ...page });
    await sessions.list({ ...page, skip: 50 });
    expect(asked.list).toBe(4);
    // The year 1970 begins with 0, and is a date all the same.
    await sessions.list(page);
    await sessions.list({ ...page, startedToMs: 0 });
    await sessions.list({ ...page, startedFromMs: 0 });
    expect(asked.list).toBe(7);
  });

  test('every change of a session is seen by the next page and the next dashboard', async () => {
    const { sessions, dashboard, asked, optimiser } = servicesOf('optimised');
    const read = () => Promise.all([sessions.list(page), dashboard.stats()]);
    await read();
    await sessions.start('m1', 'pruning');
    expect(optimiser.size).toBe(1);
    await read();
    expect(asked).toEqual({ list: 2, compute: 2 });
    await sessions.cancel('s1');
    expect(optimiser.size).toBe(0);
    await read();
    await read();
    expect(asked).toEqual({ list: 3, compute: 3 });
  });

  test('a change that is refused leaves what is cached', async () => {
    const { sessions, dashboard, asked } = servicesOf('optimised');
    await sessions.cancel('s1');
    const read = () => Promise.all([sessions.list(page), dashboard.stats()]);
    await read();
    await expect(sessions.start('none', 'pruning')).rejects.toMatchObject({ status: 404 });
    await expect(sessions.cancel('none')).rejects.toMatchObject({ status: 404 });
    await expect(sessions.cancel('s1')).rejects.toMatchObject({ status: 409 });
    await read();
    expect(asked).toEqual({ list: 1, compute: 1 });
  });

  test.each(['start', 'cancel'] as const)('%s, and the answer lost: what is cached goes all the same', async (name) => {
    const lost = () => Promise.reject(new DatabaseUnavailable('cut off'));
    const { sessions, dashboard, asked } = servicesOf('optimised', { [name]: lost });
    const read = () => Promise.all([sessions.list(page), dashboard.stats()]);
    await read();
    const changing = name === 'start' ? sessions.start('m1', 'pruning') : sessions.cancel('s1');
    await expect(changing).rejects.toThrow(DatabaseUnavailable);
    await read();
    expect(asked).toEqual({ list: 2, compute: 2 });
  });

  test('pages are kept for 2 s and statistics for 30 s', async () => {
    let now = 0;
    const { sessions, dashboard, asked } = servicesOf('optimised', {}, new MemoryCache(() => now));
    const read = () => Promise.all([sessions.list(page), dashboard.stats()]);
    await read();
    const counts = [];
    for (now of [1999, 2000, 29_999, 30_000]) {
      await read();
      counts.push({ ...asked });
    }
    expect(counts).toEqual([
      { list: 1, compute: 1 },
      { list: 2, compute: 1 },
      { list: 3, compute: 1 },
      { list: 3, compute: 2 },
    ]);
  });
});

test('what is not there is 404, what does not run any more 409', async () => {
  const { sessions } = servicesOf('optimised');
  await expect(sessions.find('none')).rejects.toMatchObject({ status: 404, message: "there is no session 'none'" });
  await expect(sessions.cancel('none')).rejects.toMatchObject({ status: 404 });
  await expect(sessions.start('none', 'pruning')).rejects.toMatchObject({
    status: 404,
    details: [{ field: 'model_id' }],
  });
  await sessions.cancel('s1');
  await expect(sessions.cancel('s1')).rejects.toMatchObject({
    status: 409,
    message: "session 's1' does not run any more: it is cancelled",
  });
});

describe('the criteria', () => {
  function serviceOf(profile: Profile, cache: Cache = new MemoryCache()) {
    let stored: Criteria = defaultCriteria;
    const asked = { reads: 0 };
    const store = {
      read: (version?: string) => {
        asked.reads++;
        return Promise.resolve(version === undefined ? stored : (JSON.parse(version) as Criteria));
      },
      write: (criteria: Criteria) => {
        stored = criteria;
        return Promise.resolve();
      },
      version: () => Promise.resolve(JSON.stringify(stored)),
    };
    return { asked, store, criteria: new CriteriaService(store, cache, profiles[profile]) };
  }

  test.each([
    ['naive', 4],
    ['optimised', 2],
  ] as const)('%s: read %i times, and a change is seen by the next reader', async (profile, reads) => {
    const { criteria, asked } = serviceOf(profile);
    await criteria.read();
    await criteria.read();
    const changed = { ...defaultCriteria, name: 'changed' };
    expect(JSON.parse(await criteria.replace(changed))).toEqual(changed);
    expect(JSON.parse(await criteria.read())).toEqual(changed);
    await criteria.read();
    expect(asked.reads).toBe(reads);
  });

  test('they are kept for 5 min', async () => {
    let now = 0;
    const { criteria, asked } = serviceOf('optimised', new MemoryCache(() => now));
    const reads = [];
    for (now of [0, 299_999, 300_000]) {
      await criteria.read();
      reads.push(asked.reads);
    }
    expect(reads).toEqual([1, 1, 2]);
  });

  test('what another instance wrote is read, and cached again', async () => {
    const { criteria, asked, store } = serviceOf('optimised');
    await criteria.read();
    const changed = { ...defaultCriteria, name: 'by another' };
    await store.write(changed);
    expect(JSON.parse(await criteria.read())).toEqual(changed);
    await criteria.read();
    expect(asked.reads).toBe(2);
  });

  test('what is written between the version and the reading does not stand under the version that comes back', async () => {
    const { criteria, store } = serviceOf('optimised');
    const { version } = store;
    store.version = async () => {
      const before = await version();
      await store.write({ ...defaultCriteria, name: 'in between' });
      return before;
    };
    await criteria.read();
    store.version = version;
    await store.write(defaultCriteria);
    expect(JSON.parse(await criteria.read())).toEqual(defaultCriteria);
  });

  test('that contradict themselves are not stored', async () => {
    const { criteria } = serviceOf('optimised');
    const wrong: Criteria = {
      ...defaultCriteria,
      target_deployment: 'browser',
      constraints: { ...defaultCriteria.constraints, max_accuracy_drop_percent: 20 },
      hardware: { ...defaultCriteria.hardware, accelerator: 'tpu', memory_mb: 100 },
    };
    await expect(criteria.replace(wrong)).rejects.toMatchObject({
      status: 409,
      details: [
        { field: 'constraints.max_size_mb' },
        { field: 'constraints.max_accuracy_drop_percent' },
        { field: 'hardware.accelerator' },
      ],
    });
    expect(JSON.parse(await criteria.read())).toEqual(defaultCriteria);
  });
});
