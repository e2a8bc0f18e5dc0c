/** Fills an empty database with the same history each time: 60 models and their sessions of the last 90 days. */
import type { Kysely } from 'kysely';
import { techniques, type SessionStatus } from '../domain/session.ts';
import { roles, type Role } from '../domain/user.ts';
import { hashPassword } from '../domain/password.ts';
import { seededRandom } from './seeded-random.ts';
import type { ModelsTable, SessionsTable, Tables } from './tables.ts';

const modelCount = 60;
const historyMs = 90 * 24 * 3_600_000;
const dayMs = 24 * 3_600_000;
/** SQLite allows 32,766 parameters in a statement, PostgreSQL 65,535; a session has ten. */
const rowsPerInsert = 1000;

const families = ['resnet', 'bert', 'yolo', 'whisper', 'gpt', 'unet', 'vit', 'mobilenet', 'llama', 'clip'] as const;
const frameworks = ['pytorch', 'tensorflow', 'onnx', 'jax'] as const;
const failures = ['out of memory', 'the accuracy fell below its limit', 'the hardware did not answer'] as const;

function seededModels(): ModelsTable[] {
  return Array.from({ length: modelCount }, (_, at) => ({
    id: `model-${String(at + 1).padStart(3, '0')}`,
    name: `${families[at % families.length]!}-${Math.floor(at / families.length) + 1}`,
    framework: frameworks[at % frameworks.length]!,
    size_mb: 20 + ((at * 37) % 480),
  }));
}

/** `nowMs` is rounded down to its day, so that all starts of one day seed the same. */
export function* seededSessions(count: number, nowMs: number): Generator<SessionsTable> {
  const random = seededRandom(1);
  const models = seededModels();
  const endMs = Math.floor(nowMs / dayMs) * dayMs;
  for (let at = 0; at < count; at++) {
    const startedAtMs = endMs - historyMs + Math.floor(((at + random()) / count) * historyMs);
    const status = drawStatus(random());
    const isDone = status === 'completed';
    yield {
      id: `session-${String(at + 1).padStart(6, '0')}`,
      model_id: models[Math.floor(random() * models.length)]!.id,
      technique: techniques[Math.floor(random() * techniques.length)]!,
      status,
      progress_percent: isDone ? 100 : Math.floor(random() * 100),
      started_at_ms: startedAtMs,
      ended_at_ms: status === 'running' ? null : startedAtMs + 60_000 + Math.floor(random() * 7_200_000),
      size_reduction_percent: isDone ? round(20 + random() * 60) : null,
      speed_up: isDone ? round(1.1 + random() * 3) : null,
      error: status === 'failed' ? failures[Math.floor(random() * failures.length)]! : null,
    };
  }
}

/** Does nothing where there are models already. */
export async function seed(db: Kysely<Tables>, sessionCount: number, nowMs: number): Promise<boolean> {
  return await db.transaction().execute(async (transaction) => {
    const some = await transaction.selectFrom('models').select('id').limit(1).executeTakeFirst();
    if (some !== undefined) return false;
    await transaction
      .insertInto('models')
      .values(seededModels())
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute();
    for (const rows of inPortions(seededSessions(sessionCount, nowMs), rowsPerInsert)) {
      await transaction
        .insertInto('sessions')
        .values(rows)
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute();
    }
    return true;
  });
}

/**
 * A user for each role that has a password, where there is no user yet.
 *
 * @returns the roles; undefined where there are users already
 */
export async function seedUsers(
  db: Kysely<Tables>,
  passwords: Readonly<Partial<Record<Role, string>>>,
): Promise<readonly Role[] | undefined> {
  const some = await db.selectFrom('users').select('name').limit(1).executeTakeFirst();
  if (some !== undefined) return undefined;
  const seeded = roles.filter((role) => passwords[role] !== undefined);
  const users = await Promise.all(
    seeded.map(async (role) => ({ name: role, role, password_hash: await hashPassword(passwords[role]!) })),
  );
  if (users.length > 0) await db.insertInto('users').values(users).execute();
  return seeded;
}

function drawStatus(share: number): SessionStatus {
  if (share < 0.82) return 'completed';
  if (share < 0.9) return 'failed';
  return share < 0.97 ? 'cancelled' : 'running';
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function* inPortions<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let portion: T[] = [];
  for (const item of items) {
    portion.push(item);
    if (portion.length === size) {
      yield portion;
      portion = [];
    }
  }
  if (portion.length > 0) yield portion;
}
