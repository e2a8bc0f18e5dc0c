/** The list of sessions, as the text that is sent, and what changes a session. */
import { ApiError } from '../domain/api-error.ts';
import type { Session, SessionQuery, Technique } from '../domain/session.ts';
import type { Cache } from '../ports/cache.ts';
import type { Stores } from '../ports/stores.ts';
import type { Switches } from '../settings.ts';
import type { Optimiser } from './optimiser.ts';

/** Short: what makes a page wrong is a write, and that invalidates it. */
const ttlMs = 2000;

export class SessionService {
  readonly #stores: Stores;
  readonly #cache: Cache;
  readonly #isCached: boolean;
  readonly #optimiser: Optimiser;

  constructor(stores: Stores, cache: Cache, switches: Switches, optimiser: Optimiser) {
    this.#stores = stores;
    this.#cache = cache;
    this.#isCached = switches.resultCache;
    this.#optimiser = optimiser;
  }

  list(query: SessionQuery): Promise<string> {
    const compute = async (): Promise<string> => JSON.stringify(await this.#stores.sessions.list(query));
    return this.#isCached ? this.#cache.through('sessions', keyOf(query), ttlMs, compute) : compute();
  }

  async find(id: string): Promise<Session> {
    const session = await this.#stores.sessions.find(id);
    if (session === undefined) throw noSuchSession(id);
    return session;
  }

  async start(modelId: string, technique: Technique): Promise<Session> {
    const session = await this.#written(this.#stores.sessions.start(modelId, technique));
    if (session === undefined)
      throw new ApiError(404, `there is no model '${modelId}'`, {
        details: [{ field: 'model_id', message: 'names no model' }],
      });
    this.#optimiser.track(session);
    return session;
  }

  async cancel(id: string): Promise<Session> {
    const session = await this.#written(this.#stores.sessions.cancel(id));
    if (session === undefined) {
      const { status } = await this.find(id);
      throw new ApiError(409, `session '${id}' does not run any more: it is ${status}`);
    }
    this.#optimiser.cancelled(session);
    return session;
  }

  /**
   * Drops what a write made stale; one that changed nothing leaves it. Where it failed the database may have carried it out
   * all the same, and the answer been lost. It may do so even later, after a read time-out: what is computed in between
   * lacks the write, and is shown for as long as it is kept.
   */
  async #written(write: Promise<Session | undefined>): Promise<Session | undefined> {
    let session: Session | undefined;
    try {
      session = await write;
    } catch (error) {
      await this.#cache.invalidate('sessions');
      throw error;
    }
    if (session !== undefined) await this.#cache.invalidate('sessions');
    return session;
  }
}

/** The same for the same question, however it was written. */
function keyOf({ status, modelId, startedFromMs, startedToMs, skip, limit }: SessionQuery): string {
  // null, which is no value of any of them: the year 1970 begins with 0.
  return JSON.stringify([
    'list',
    status ?? null,
    modelId ?? null,
    startedFromMs ?? null,
    startedToMs ?? null,
    skip,
    limit,
  ]);
}

function noSuchSession(id: string): ApiError {
  return new ApiError(404, `there is no session '${id}'`);
}
