/**
 * A connection to Redis that never makes anybody wait for long: away is away at once, and it comes back by itself. One
 * that holds its connections and answers nothing (frozen, or out of memory) is away, too, after a few commands in a row
 * that failed; from then on nobody but a probe asks it, until the probe is answered.
 */
import { Redis } from 'ioredis';
import type { Log } from '../ports/log.ts';

const commandTimeoutMs = 200;
const mostBackOffMs = 2000;
const mostFailuresInARow = 3;
const probeEveryMs = 1000;

export interface RedisConnection {
  isHealthy(): boolean;
  /** Errors: Redis is away, and was not asked; or what became of the command. */
  ask<T>(command: (redis: Redis) => Promise<T>): Promise<T>;
  /** Called each time that it answers again, before anybody else can ask. */
  onBack(listener: () => void): void;
  close(): Promise<void>;
}

/** Resolves when it is connected, or when the first attempt has failed: Redis is an addition, no condition. */
export async function connectRedis(url: string, log: Log): Promise<RedisConnection> {
  const redis = new Redis(url, {
    lazyConnect: true,
    // A command without a connection fails at once instead of waiting in a queue.
    enableOfflineQueue: false,
    commandTimeout: commandTimeoutMs,
    connectTimeout: 1000,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 10), mostBackOffMs),
  });
  const connection = new WatchedConnection(redis, log);
  await connection.open();
  return connection;
}

class WatchedConnection implements RedisConnection {
  readonly #redis: Redis;
  readonly #log: Log;
  readonly #listeners: (() => void)[] = [];
  #told: boolean | undefined;
  /** Not before the listeners have been told: what they send comes first. */
  #isOpen = false;
  #failuresInARow = 0;
  #probe: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(redis: Redis, log: Log) {
    this.#redis = redis;
    this.#log = log;
    redis.on('ready', () => {
      this.#back();
    });
    redis.on('error', (error: unknown) => {
      this.#tell(false, error);
    });
    redis.on('close', () => {
      this.#isOpen = false;
      this.#tell(false);
    });
  }

  async open(): Promise<void> {
    await this.#redis.connect().catch((error: unknown) => {
      this.#tell(false, error);
    });
  }

  isHealthy(): boolean {
    return this.#isOpen && this.#redis.status === 'ready' && this.#failuresInARow < mostFailuresInARow;
  }

  async ask<T>(command: (redis: Redis) => Promise<T>): Promise<T> {
    if (!this.isHealthy()) throw new Error('Redis is away');
    try {
      const answer = await command(this.#redis);
      if (this.#probe === undefined) this.#failuresInARow = 0;
      return answer;
    } catch (error) {
      this.#failuresInARow++;
      if (this.#failuresInARow >= mostFailuresInARow) this.#leaveAlone(error);
      throw error;
    }
  }

  onBack(listener: () => void): void {
    this.#listeners.push(listener);
  }

  close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#probe);
    this.#redis.disconnect();
    return Promise.resolve();
  }

  #leaveAlone(error: unknown): void {
    if (this.#probe !== undefined || this.#isClosed) return;
    this.#tell(false, error);
    this.#probe = setTimeout(() => {
      this.#probe = undefined;
      // A write, as most commands are: one that may only be read from is no use.
      this.#redis.set('reference-api:probe', '1', 'PX', probeEveryMs).then(
        () => {
          this.#back();
        },
        (failure: unknown) => {
          this.#leaveAlone(failure);
        },
      );
    }, probeEveryMs);
    this.#probe.unref();
  }

  #back(): void {
    clearTimeout(this.#probe);
    this.#probe = undefined;
    this.#failuresInARow = 0;
    this.#isOpen = true;
    this.#tell(true);
    for (const listener of this.#listeners) listener();
  }

  #tell(healthy: boolean, error?: unknown): void {
    if (this.#told === healthy) return;
    this.#told = healthy;
    if (healthy) this.#log.info({}, 'Redis answers');
    else this.#log.warn({ err: error }, 'Redis is away: answers are computed each time until it is back');
  }
}
