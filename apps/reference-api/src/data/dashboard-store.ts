/** The statistics of the dashboard. */
import type { Kysely } from 'kysely';
import type { DashboardStats } from '../domain/dashboard.ts';
import type { SessionStatus } from '../domain/session.ts';
import type { DashboardStore } from '../ports/stores.ts';
import type { Databases } from './databases.ts';
import type { Tables } from './tables.ts';

type Numbers = Omit<DashboardStats, 'computed_at'>;

export interface DashboardStoreOptions {
  /** One pass over an index, instead of a query for every number and the averages made here. */
  readonly indexed: boolean;
  readonly nowMs: () => number;
}

export function dashboardStore(databases: Databases, { indexed, nowMs }: DashboardStoreOptions): DashboardStore {
  const read = indexed ? inOnePass : numberByNumber;
  return {
    compute: () =>
      databases.lagging(async (db) => ({ ...(await read(db)), computed_at: new Date(nowMs()).toISOString() })),
  };
}

async function inOnePass(db: Kysely<Tables>): Promise<Numbers> {
  const [models, groups] = await Promise.all([
    countModels(db),
    db
      .selectFrom('sessions')
      .select((expressions) => [
        'status',
        expressions.fn.countAll<number>().as('count'),
        expressions.fn.avg<number | null>('size_reduction_percent').as('size_reduction_percent'),
        expressions.fn.avg<number | null>('speed_up').as('speed_up'),
      ])
      .groupBy('status')
      .execute(),
  ]);
  const countOf = (status: SessionStatus): number => groups.find((group) => group.status === status)?.count ?? 0;
  const completed = groups.find((group) => group.status === 'completed');
  return {
    total_models: models,
    active_sessions: countOf('running'),
    completed_sessions: countOf('completed'),
    failed_sessions: countOf('failed'),
    total_sessions: groups.reduce((sum, group) => sum + group.count, 0),
    average_size_reduction_percent: round(completed?.size_reduction_percent ?? 0),
    average_speed_up: round(completed?.speed_up ?? 0),
  };
}

/** As dashboards grow: each number was added by somebody else, and the averages are made where they are shown. */
async function numberByNumber(db: Kysely<Tables>): Promise<Numbers> {
  const countOf = async (status: SessionStatus): Promise<number> =>
    (await db.selectFrom('sessions').select('id').where('status', '=', status).execute()).length;
  const completed = await db.selectFrom('sessions').selectAll().where('status', '=', 'completed').execute();
  const mean = (values: readonly number[]): number =>
    values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    total_models: await countModels(db),
    active_sessions: await countOf('running'),
    completed_sessions: completed.length,
    failed_sessions: await countOf('failed'),
    total_sessions: (await db.selectFrom('sessions').select('id').execute()).length,
    average_size_reduction_percent: round(mean(completed.map((each) => each.size_reduction_percent ?? 0))),
    average_speed_up: round(mean(completed.map((each) => each.speed_up ?? 0))),
  };
}

async function countModels(db: Kysely<Tables>): Promise<number> {
  const { count } = await db
    .selectFrom('models')
    .select((expressions) => expressions.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return count;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
