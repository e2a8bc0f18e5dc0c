/** The same windows, counted over all instances by one atomic step. */
import type { RedisConnection } from '../cache/redis-connection.ts';
import type { RateDecision, RateLimiter } from '../ports/rate-limiter.ts';
import { decide } from './memory-rate-limiter.ts';

/** KEYS: window; ARGV: its length in ms. Answers { used, ms left }. */
const count = `
local used = redis.call('INCR', KEYS[1])
if used == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return { used, redis.call('PTTL', KEYS[1]) }`;

export class RedisRateLimiter implements RateLimiter {
  readonly #connection: RedisConnection;

  constructor(connection: RedisConnection) {
    this.#connection = connection;
  }

  /** Errors: Redis is away. Who asks lets the request pass then: a limit protects, and must not be the outage. */
  async take(key: string, limit: number, windowSeconds: number): Promise<RateDecision> {
    const answer = await this.#connection.ask((redis) =>
      redis.eval(count, 1, `reference-api:rate:${key}`, windowSeconds * 1000),
    );
    const [used, leftMs] = answer as [number, number];
    return decide(used, limit, leftMs);
  }
}
