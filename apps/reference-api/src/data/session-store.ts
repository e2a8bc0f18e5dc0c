/** Sessions in the database. */
import { randomBytes } from 'node:crypto';
import type { Kysely, SelectQueryBuilder, Selectable, Updateable } from 'kysely';
import type { Session, SessionPage, SessionQuery, Technique } from '../domain/session.ts';
import type { SessionStore } from '../ports/stores.ts';
import type { Databases } from './databases.ts';
import type { SessionsTable, Tables } from './tables.ts';

type Row = Selectable<SessionsTable>;
const unknownModel = 'unknown model';

export interface SessionStoreOptions {
  /** The names of a page by one query, instead of one per row. */
  readonly batchedLookup: boolean;
  readonly nowMs: () => number;
}

export function sessionStore(databases: Databases, { batchedLookup, nowMs }: SessionStoreOptions): SessionStore {
  const namesOf = batchedLookup ? namesInOneQuery : namesOneByOne;

  async function update(id: string, change: Updateable<SessionsTable>): Promise<Session | undefined> {
    return await databases.primary(async (db) => {
      // Before the change: what fails behind it would hide that it was made.
      const model = await db
        .selectFrom('sessions')
        .innerJoin('models', 'models.id', 'sessions.model_id')
        .select('models.name')
        .where('sessions.id', '=', id)
        .executeTakeFirst();
      const row = await db
        .updateTable('sessions')
        .set(change)
        .where('id', '=', id)
        .where('status', '=', 'running')
        .returningAll()
        .executeTakeFirst();
      return row && toSession(row, model?.name ?? unknownModel);
    });
  }

  return {
    list: (query) => databases.lagging((db) => readPage(db, query, namesOf)),
    find: (id) =>
      databases.primary(async (db) => {
        const row = await db.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirst();
        return row && (await withName(db, row));
      }),
    start: (modelId, technique) =>
      databases.primary(async (db) => {
        const model = await db.selectFrom('models').select('name').where('id', '=', modelId).executeTakeFirst();
        if (model === undefined) return undefined;
        const row = newSession(modelId, technique, nowMs());
        await db.insertInto('sessions').values(row).execute();
        return toSession(row, model.name);
      }),
    advance: (id, progressPercent) => update(id, { progress_percent: progressPercent }),
    complete: (id, sizeReductionPercent, speedUp) =>
      update(id, {
        status: 'completed',
        progress_percent: 100,
        ended_at_ms: nowMs(),
        size_reduction_percent: sizeReductionPercent,
        speed_up: speedUp,
      }),
    fail: (id, error) => update(id, { status: 'failed', ended_at_ms: nowMs(), error }),
    cancel: (id) => update(id, { status: 'cancelled', ended_at_ms: nowMs() }),
  };
}

type NamesOf = (db: Kysely<Tables>, rows: readonly Row[]) => Promise<ReadonlyMap<string, string>>;

async function readPage(db: Kysely<Tables>, query: SessionQuery, namesOf: NamesOf): Promise<SessionPage> {
  const rows = await matching(db, query)
    .selectAll()
    .orderBy('started_at_ms', 'desc')
    .orderBy('id', 'desc')
    .limit(query.limit)
    .offset(query.skip)
    .execute();
  const { total } = await matching(db, query)
    .select((expressions) => expressions.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow();
  const names = await namesOf(db, rows);
  const sessions = rows.map((row) => toSession(row, names.get(row.model_id) ?? unknownModel));
  return { sessions, total, skip: query.skip, limit: query.limit };
}

function matching(db: Kysely<Tables>, query: SessionQuery): SelectQueryBuilder<Tables, 'sessions', object> {
  const { status, modelId, startedFromMs, startedToMs } = query;
  let found: SelectQueryBuilder<Tables, 'sessions', object> = db.selectFrom('sessions');
  if (status !== undefined) found = found.where('status', '=', status);
  if (modelId !== undefined) found = found.where('model_id', '=', modelId);
  if (startedFromMs !== undefined) found = found.where('started_at_ms', '>=', startedFromMs);
  if (startedToMs !== undefined) found = found.where('started_at_ms', '<=', startedToMs);
  return found;
}

/** As it is written when nobody has looked at the queries yet: a page of 50 asks 50 times. */
async function namesOneByOne(db: Kysely<Tables>, rows: readonly Row[]): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const { model_id } of rows) {
    const model = await db.selectFrom('models').select('name').where('id', '=', model_id).executeTakeFirst();
    if (model !== undefined) names.set(model_id, model.name);
  }
  return names;
}

async function namesInOneQuery(db: Kysely<Tables>, rows: readonly Row[]): Promise<ReadonlyMap<string, string>> {
  const ids = [...new Set(rows.map((row) => row.model_id))];
  if (ids.length === 0) return new Map();
  const models = await db.selectFrom('models').select(['id', 'name']).where('id', 'in', ids).execute();
  return new Map(models.map(({ id, name }) => [id, name]));
}

async function withName(db: Kysely<Tables>, row: Row): Promise<Session> {
  const names = await namesInOneQuery(db, [row]);
  return toSession(row, names.get(row.model_id) ?? unknownModel);
}

function newSession(modelId: string, technique: Technique, startedAtMs: number): Row {
  return {
    // Sorts by time, also beside the seeded ones.
    id: `session-${startedAtMs.toString(36)}-${randomBytes(6).toString('hex')}`,
    model_id: modelId,
    technique,
    status: 'running',
    progress_percent: 0,
    started_at_ms: startedAtMs,
    ended_at_ms: null,
    size_reduction_percent: null,
    speed_up: null,
    error: null,
  };
}

function toSession(row: Row, modelName: string): Session {
  return {
    id: row.id,
    model_id: row.model_id,
    model_name: modelName,
    technique: row.technique,
    status: row.status,
    progress_percent: row.progress_percent,
    started_at: new Date(row.started_at_ms).toISOString(),
    ended_at: row.ended_at_ms === null ? null : new Date(row.ended_at_ms).toISOString(),
    size_reduction_percent: row.size_reduction_percent,
    speed_up: row.speed_up,
    error: row.error,
  };
}
