/**
 * The cache that all instances share. A value lies under its topic's generation, which a write replaces by one that never
 * was: what was stored before is never found again, and what was computed from before cannot be stored, for the script
 * that stores compares the generations. A number would come back, with what lay under it, where Redis comes back without
 * its memory or with an older one: so it is none, and an instance that finds Redis again begins a generation before it
 * asks for anything.
 *
 * What an instance has seen it keeps beside it, under the generation it belonged to: a hit asks for the generation alone,
 * and all who come in one turn of the event loop share that question. It is sent after they came, so a write that was
 * answered before is seen by all of them.
 *
 * While Redis is away every answer is computed. An instance that could not tell the others of a write remembers it, tries
 * again and again, and begins a generation before it reads again. Until it gets through, an instance that does reach
 * Redis may show what it has cached, for as long as that lasts at most: so what must be read back at once (the criteria)
 * is not kept here.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { oncePerTurn } from '../domain/once-per-turn.ts';
import type { Cache, Topic } from '../ports/cache.ts';
import { CacheCounts } from './cache-counts.ts';
import { NearValues } from './near-values.ts';
import type { RedisConnection } from './redis-connection.ts';

/** Whoever computes holds a lock for so long at most; one that dies holds nobody up beyond it. */
const lockMs = 3000;
const pollMs = 15;
const tellAgainMs = 250;

/**
 * KEYS: generation, lock prefix; ARGV: key, token, lockMs. Answers { generation, value or false, 1 when the lock is ours, ms
 * the value lasts }. Where there is no generation the token, which never was one, becomes it.
 */
const lookUp = `
local generation = redis.call('GET', KEYS[1])
if not generation then
  generation = ARGV[2]
  redis.call('SET', KEYS[1], generation)
end
local at = KEYS[2] .. generation .. ':' .. ARGV[1]
local value = redis.call('GET', at)
if value then return { generation, value, 0, redis.call('PTTL', at) } end
local locked = redis.call('SET', at .. ':lock', ARGV[2], 'NX', 'PX', ARGV[3])
return { generation, false, locked and 1 or 0 }`;

/** KEYS as above; ARGV: key, token, generation, value, ttlMs. Stores what still belongs to the generation. */
const store = `
local at = KEYS[2] .. ARGV[3] .. ':' .. ARGV[1]
if redis.call('GET', at .. ':lock') == ARGV[2] then redis.call('DEL', at .. ':lock') end
if redis.call('GET', KEYS[1]) ~= ARGV[3] then return 0 end
redis.call('SET', at, ARGV[4], 'PX', ARGV[5])
return 1`;

/** KEYS as above; ARGV: key, token, generation. */
const unlock = `
local at = KEYS[2] .. ARGV[3] .. ':' .. ARGV[1] .. ':lock'
if redis.call('GET', at) == ARGV[2] then redis.call('DEL', at) end
return 1`;

interface Found {
  readonly generation: string;
  readonly value: string | undefined;
  readonly isMine: boolean;
}

/** undefined: there is none, or Redis is away. */
type Generation = string | undefined;
const topics = ['sessions', 'criteria'] as const satisfies readonly Topic[];

export class RedisCache implements Cache {
  readonly #connection: RedisConnection;
  readonly #counts = new CacheCounts();
  /** Being computed or waited for by this instance, by generation: one computation, however many wait. */
  readonly #flights = new Map<string, Promise<string>>();
  readonly #near = new NearValues();
  readonly #generation: Readonly<Record<Topic, () => Promise<Generation>>> = {
    sessions: oncePerTurn(() => this.#askGeneration('sessions')),
    criteria: oncePerTurn(() => this.#askGeneration('criteria')),
  };
  /** Topics that need a generation: of a write that Redis has not been told of, or of what it may have forgotten. */
  readonly #untold = new Set<Topic>();
  #telling: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(connection: RedisConnection) {
    this.#connection = connection;
    connection.onBack(() => {
      // It may have forgotten a write of any instance.
      for (const topic of topics) this.#untold.add(topic);
      // Not at the next question: until then the other instances would read what they should not.
      void this.#tellUntold();
    });
  }

  /**
   * Everybody asks for the generation first: whoever comes after a write on another instance must not join a computation
   * that began before it.
   */
  async through(topic: Topic, key: string, ttlMs: number, compute: () => Promise<string>): Promise<string> {
    if (this.#near.has(topic, key)) {
      const generation = await this.#generation[topic]();
      const near = generation === undefined ? undefined : this.#near.get(topic, key, generation);
      if (near !== undefined) {
        this.#counts.hit(topic);
        return near;
      }
    }
    const token = randomUUID();
    const found = await this.#lookUp(topic, key, token);
    if (found?.value !== undefined) {
      this.#counts.hit(topic);
      return found.value;
    }
    if (found === undefined) {
      this.#counts.miss(topic);
      return await compute();
    }
    const name = `${topic}:${found.generation}:${key}`;
    const flying = this.#flights.get(name);
    if (flying !== undefined) {
      this.#counts.hit(topic);
      return await flying;
    }
    const flight = this.#fetch(topic, key, ttlMs, compute, token, found).finally(() => this.#flights.delete(name));
    this.#flights.set(name, flight);
    return await flight;
  }

  /** Waits for whoever holds the lock, on whatever instance, or computes. */
  async #fetch(
    topic: Topic,
    key: string,
    ttlMs: number,
    compute: () => Promise<string>,
    token: string,
    first: Found,
  ): Promise<string> {
    const waitUntilMs = performance.now() + lockMs;
    let found: Found | undefined = first;
    while (found?.value === undefined && found?.isMine === false && performance.now() < waitUntilMs) {
      await pause(pollMs);
      found = await this.#lookUp(topic, key, token);
    }
    if (found?.value !== undefined) {
      this.#counts.hit(topic);
      return found.value;
    }
    this.#counts.miss(topic);
    return await this.#compute(topic, key, ttlMs, compute, token, found);
  }

  async #compute(
    topic: Topic,
    key: string,
    ttlMs: number,
    compute: () => Promise<string>,
    token: string,
    found: Found | undefined,
  ): Promise<string> {
    try {
      const value = await compute();
      if (found !== undefined) {
        const { generation } = found;
        const untilMs = performance.now() + ttlMs;
        const stored = await this.#ask((redis) =>
          redis.eval(store, 2, ...keys(topic), key, token, generation, value, ttlMs),
        );
        if (stored === 1) this.#near.keep(topic, key, { generation, value, untilMs });
      }
      return value;
    } catch (error) {
      if (found?.isMine)
        await this.#ask((redis) => redis.eval(unlock, 2, ...keys(topic), key, token, found.generation));
      throw error;
    }
  }

  /** undefined: Redis is away. */
  async #lookUp(topic: Topic, key: string, token: string): Promise<Found | undefined> {
    if (this.#untold.size > 0 && !(await this.#tellUntold())) return undefined;
    const askedMs = performance.now();
    const answer = await this.#ask((redis) => redis.eval(lookUp, 2, ...keys(topic), key, token, lockMs));
    if (answer === undefined) return undefined;
    const [generation, value, mine, lastsMs = 0] = answer as [string, string | null, number, number?];
    if (value !== null) this.#near.keep(topic, key, { generation, value, untilMs: askedMs + lastsMs });
    return { generation, value: value ?? undefined, isMine: mine === 1 };
  }

  async #askGeneration(topic: Topic): Promise<Generation> {
    if (this.#untold.size > 0 && !(await this.#tellUntold())) return undefined;
    return (await this.#ask((redis) => redis.get(keys(topic)[0]))) ?? undefined;
  }

  async invalidate(topic: Topic): Promise<void> {
    this.#untold.add(topic);
    await this.#tellUntold();
  }

  /** Whether or not anybody comes to read here. */
  #tellLater(): void {
    if (this.#telling !== undefined || this.#isClosed) return;
    this.#telling = setTimeout(() => {
      this.#telling = undefined;
      void this.#tellUntold();
    }, tellAgainMs);
    this.#telling.unref();
  }

  /** Whether all is told now. Sent at once: whoever asks meanwhile asks over the same connection, and so after this. */
  async #tellUntold(): Promise<boolean> {
    const untold = [...this.#untold];
    this.#untold.clear();
    const telling = untold.map(async (topic) => {
      const told = await this.#ask((redis) => redis.set(keys(topic)[0], randomUUID()));
      if (told === undefined) this.#untold.add(topic);
      return told !== undefined;
    });
    const allTold = (await Promise.all(telling)).every(Boolean);
    if (!allTold) this.#tellLater();
    return allTold;
  }

  /** undefined where Redis does not answer: it is never a reason to fail. */
  async #ask<T>(command: (redis: Redis) => Promise<T>): Promise<T | undefined> {
    try {
      return await this.#connection.ask(command);
    } catch {
      return undefined;
    }
  }

  isHealthy(): boolean {
    return this.#connection.isHealthy();
  }

  counts(): ReturnType<Cache['counts']> {
    return this.#counts.taken();
  }

  close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#telling);
    return this.#connection.close();
  }
}

function keys(topic: Topic): [string, string] {
  return [`reference-api:${topic}:generation-id`, `reference-api:${topic}:`];
}
