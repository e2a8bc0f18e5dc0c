import { expect, test } from 'vitest';
import { rememberingLog } from '../../test/support/quiet-log.ts';
import type { Session } from '../domain/session.ts';
import { DatabaseUnavailable, type SessionStore } from '../ports/stores.ts';
import type { SessionEvent } from '../ports/events.ts';
import { Optimiser } from './optimiser.ts';

const running: Session = {
  id: 's1',
  model_id: 'm1',
  model_name: 'resnet-1',
  technique: 'pruning',
  status: 'running',
  progress_percent: 0,
  started_at: '2026-11-24T00:00:00.000Z',
  ended_at: null,
  size_reduction_percent: null,
  speed_up: null,
  error: null,
};

/** A store of sessions in memory, which can be told to be away. */
function storeOf(...sessions: Session[]) {
  const all = new Map(sessions.map((session) => [session.id, session]));
  const state = { away: false };
  const change = (id: string, to: Partial<Session>): Promise<Session | undefined> => {
    if (state.away) return Promise.reject(new DatabaseUnavailable('away'));
    const found = all.get(id);
    if (found?.status !== 'running') return Promise.resolve(undefined);
    const changed = { ...found, ...to };
    all.set(id, changed);
    return Promise.resolve(changed);
  };
  const store: SessionStore = {
    list: () => Promise.reject(new Error('not asked for')),
    find: (id) => Promise.resolve(all.get(id)),
    start: () => Promise.resolve(undefined),
    advance: (id, progress_percent) => change(id, { progress_percent }),
    complete: (id, size_reduction_percent, speed_up) =>
      change(id, { status: 'completed', progress_percent: 100, size_reduction_percent, speed_up }),
    fail: (id, error) => change(id, { status: 'failed', error }),
    cancel: (id) => change(id, { status: 'cancelled' }),
  };
  return { store, state, all };
}

function optimiserOf(store: SessionStore, random: () => number) {
  const events: SessionEvent[] = [];
  const onEvent = (event: SessionEvent): void => void events.push(event);
  const log = rememberingLog();
  // A step that never comes by itself: the test makes each.
  const optimiser = new Optimiser(store, { stepMs: 1e9, random, onEvent, log });
  return { optimiser, events, log, names: () => events.map(({ name }) => name) };
}

test('a session makes progress until it completes', async () => {
  const { store, all } = storeOf(running);
  const { optimiser, names } = optimiserOf(store, () => 0.99);
  optimiser.track(running);
  // 5 and 19 percent a step.
  for (let step = 0; step < 4; step++) await optimiser.advance();
  expect(all.get('s1')?.progress_percent).toBe(96);
  expect(optimiser.size).toBe(1);
  await optimiser.advance();
  expect(all.get('s1')).toMatchObject({ status: 'completed', size_reduction_percent: 79, speed_up: 3.9 });
  expect(optimiser.size).toBe(0);
  expect(names()).toEqual(['session_started', ...Array<string>(4).fill('session_progress'), 'session_completed']);
  await optimiser.stop();
});

test('a share of them fails', async () => {
  const { store, all } = storeOf({ ...running, progress_percent: 99 });
  const { optimiser, names } = optimiserOf(store, () => 0.01);
  optimiser.track(all.get('s1')!);
  await optimiser.advance();
  expect(all.get('s1')).toMatchObject({ status: 'failed', error: 'the accuracy fell below its limit' });
  expect(names().at(-1)).toBe('session_failed');
  await optimiser.stop();
});

test('what was cancelled elsewhere is let go without a word', async () => {
  const { store } = storeOf(running);
  const { optimiser, names } = optimiserOf(store, () => 0.5);
  optimiser.track(running);
  await store.cancel('s1');
  await optimiser.advance();
  expect(optimiser.size).toBe(0);
  expect(names()).toEqual(['session_started']);
  await optimiser.stop();
});

test.each([
  ['completed', 0.99],
  ['failed', 0.01],
] as const)('%s, and the answer lost: it is told with the next step, once', async (status, random) => {
  const { store, state, all } = storeOf({ ...running, progress_percent: 99 });
  let isCut = true;
  const answered = async <T>(change: Promise<T>): Promise<T> => {
    const answer = await change;
    if (isCut) throw new DatabaseUnavailable('cut off');
    return answer;
  };
  const committing: SessionStore = {
    ...store,
    complete: (...given) => answered(store.complete(...given)),
    fail: (...given) => answered(store.fail(...given)),
  };
  const { optimiser, events, names } = optimiserOf(committing, () => random);
  optimiser.track(all.get('s1')!);
  await optimiser.advance();
  expect([names(), optimiser.size]).toEqual([['session_started'], 1]);
  isCut = false;
  state.away = true;
  await optimiser.advance();
  expect(optimiser.size).toBe(1);
  state.away = false;
  await optimiser.advance();
  await optimiser.advance();
  expect(names()).toEqual(['session_started', `session_${status}`]);
  expect(events.at(-1)?.session).toEqual(all.get('s1'));
  expect(optimiser.size).toBe(0);
  await optimiser.stop();
});

test('a database that is away keeps everything waiting', async () => {
  const { store, state } = storeOf(running, { ...running, id: 's2' });
  const { optimiser, names, log } = optimiserOf(store, () => 0.5);
  optimiser.track(running);
  optimiser.track({ ...running, id: 's2' });
  state.away = true;
  await optimiser.advance();
  expect(optimiser.size).toBe(2);
  state.away = false;
  await optimiser.advance();
  expect(names().filter((name) => name === 'session_progress')).toHaveLength(2);
  expect(log.lines).toEqual([]);
  await optimiser.stop();
});

test('a mistake costs its own session, and is told', async () => {
  const { store } = storeOf(running);
  const broken = { ...store, advance: () => Promise.reject(new Error('a mistake')) };
  const { optimiser, log } = optimiserOf(broken, () => 0.5);
  optimiser.track(running);
  await optimiser.advance();
  expect(optimiser.size).toBe(0);
  expect(log.lines).toEqual(['error: a session could not be moved on']);
  await optimiser.stop();
});
