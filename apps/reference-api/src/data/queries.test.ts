/** What the stores ask of a database, and how it finds the answer. */
import { Kysely, SqliteDialect, type CompiledQuery } from 'kysely';
import Database from 'libsql';
import { describe, expect, onTestFinished, test } from 'vitest';
import { rememberingLog } from '../../test/support/quiet-log.ts';
import { dashboardStore } from './dashboard-store.ts';
import { Databases } from './databases.ts';
import { setIndexes } from './indexes.ts';
import { migrate } from './migrations.ts';
import { seed } from './seed.ts';
import { sessionStore } from './session-store.ts';
import { nowMs } from './stores.contract.ts';
import type { Tables } from './tables.ts';

/** The stores over a seeded database in memory. */
async function open(isOptimised: boolean) {
  const database = new Database(':memory:');
  const queries: CompiledQuery[] = [];
  const db = new Kysely<Tables>({
    dialect: new SqliteDialect({ database }),
    log: ({ query }) => {
      queries.push(query);
    },
  });
  onTestFinished(() => db.destroy());
  await migrate(db);
  await seed(db, 200, nowMs);
  await setIndexes(db, isOptimised);
  const databases = new Databases(db, undefined, rememberingLog(), () => nowMs);
  /** What it asks, in order. */
  const askedBy = async (work: () => Promise<unknown>): Promise<readonly CompiledQuery[]> => {
    queries.length = 0;
    await work();
    return [...queries];
  };
  const planOf = ({ sql, parameters }: CompiledQuery): string => {
    const steps = database.prepare(`explain query plan ${sql}`).all(...parameters) as { detail: string }[];
    return steps.map(({ detail }) => detail).join('; ');
  };
  const sessions = sessionStore(databases, { batchedLookup: isOptimised, nowMs: () => nowMs });
  const dashboard = dashboardStore(databases, { indexed: isOptimised, nowMs: () => nowMs });
  return { sessions, dashboard, askedBy, planOf };
}

test.each([
  ['naive', 52, false],
  ['optimised', 3, true],
] as const)('%s, a page of 50 and the names of its models are %i queries', async (_, count, on) => {
  const { sessions, askedBy } = await open(on);
  expect(await askedBy(() => sessions.list({ skip: 0, limit: 50 }))).toHaveLength(count);
});

describe('with indexes nothing reads the whole table', () => {
  const [status, modelId, startedFromMs, startedToMs] = ['failed', 'model-001', 1, nowMs] as const;
  const filters = {
    nothing: {},
    status: { status },
    model: { modelId },
    dates: { startedFromMs, startedToMs },
    'status and model': { status, modelId },
    'status and dates': { status, startedFromMs, startedToMs },
    'model and dates': { modelId, startedFromMs },
    everything: { status, modelId, startedFromMs, startedToMs },
  };

  test.each(Object.entries(filters))('a list filtered by %s, and its number', async (_, filter) => {
    for (const indexed of [true, false]) {
      const { sessions, askedBy, planOf } = await open(indexed);
      const [rows, total] = await askedBy(() => sessions.list({ ...filter, skip: 10, limit: 50 }));
      expect(rows!.sql).toContain('order by');
      expect(total!.sql).toContain('count(*)');
      const plan = planOf(rows!);
      if (indexed) {
        expect(plan).toMatch(/^(SCAN|SEARCH) sessions USING INDEX sessions_by_/);
        expect(plan).not.toContain('TEMP B-TREE');
        expect(planOf(total!)).toMatch(/^(SCAN|SEARCH) sessions USING COVERING INDEX /);
      } else {
        expect(plan).toMatch(/^SCAN sessions; USE TEMP B-TREE/);
        expect(planOf(total!)).toMatch(/^SCAN sessions/);
      }
    }
  });

  test('the statistics', async () => {
    const { dashboard, askedBy, planOf } = await open(true);
    const asked = await askedBy(() => dashboard.compute());
    const groups = asked.filter(({ sql }) => sql.includes('"sessions"'));
    expect(groups.map(planOf)).toEqual(['SCAN sessions USING COVERING INDEX sessions_for_statistics']);
  });
});
