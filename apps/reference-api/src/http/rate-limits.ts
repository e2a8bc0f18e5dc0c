/** Requests per user and minute, and attempts to sign in (draft-ietf-httpapi-ratelimit-headers-10 for the headers). */
import fp from 'fastify-plugin';
import type { FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from 'fastify';
import { ApiError } from '../domain/api-error.ts';
import type { RateDecision, RateLimiter } from '../ports/rate-limiter.ts';

const perMinute = {
  dashboard: 60,
  sessions: 120,
  config_read: 120,
  config_write: 10,
  sign_in_name: 10,
  sign_in_address: 60,
} as const;
type LimitName = keyof typeof perMinute;
const windowSeconds = 60;
/** Guessing passwords is not to be made easy by a store that is away: each instance counts these for itself then. */
const alwaysCounted: ReadonlySet<LimitName> = new Set(['sign_in_name', 'sign_in_address']);

const storeIsAway =
  'the store of the rate limits is away: attempts to sign in are counted by this instance alone, other requests not at all';

/** Errors: ApiError 429. */
type CountRate = (name: LimitName, key: string, request: FastifyRequest, reply: FastifyReply) => Promise<void>;

declare module 'fastify' {
  interface FastifyInstance {
    /** After requireRole: counts one request of the user. No hook at all where limits are off. */
    limitRate(name: LimitName): onRequestAsyncHookHandler[];
    /** Counts one request of whatever the key stands for. undefined where limits are off. */
    countRate: CountRate | undefined;
    /** Requests refused so far, for metrics. */
    rateLimited: Record<LimitName | 'sign_in_at_once', number>;
  }
}

export interface RateLimitOptions {
  readonly enabled: boolean;
  readonly limiter: RateLimiter;
  /** Of this instance, for attempts to sign in while the other one is away. */
  readonly ownLimiter: RateLimiter;
}

export const rateLimitPlugin = fp<RateLimitOptions>(
  (app, { enabled, limiter, ownLimiter }, done) => {
    let isAway = false;
    const refused = {
      dashboard: 0,
      sessions: 0,
      config_read: 0,
      config_write: 0,
      sign_in_name: 0,
      sign_in_address: 0,
      sign_in_at_once: 0,
    };
    app.decorate('rateLimited', refused);
    const count: CountRate = async (name, key, request, reply) => {
      let decision: RateDecision;
      try {
        decision = await limiter.take(`${name}:${key}`, perMinute[name], windowSeconds);
        isAway = false;
      } catch (error) {
        // A limit protects the service; its store must not become the outage.
        if (!isAway) request.log.warn({ err: error }, storeIsAway);
        isAway = true;
        if (!alwaysCounted.has(name)) return;
        decision = await ownLimiter.take(`${name}:${key}`, perMinute[name], windowSeconds);
      }
      tell(reply, name, decision);
      if (decision.allowed) return;
      refused[name]++;
      const message = `${decision.limit} requests a minute are allowed here; the next in ${decision.resetSeconds} s`;
      throw new ApiError(429, message, { retryAfterSeconds: decision.resetSeconds });
    };
    app.decorate('countRate', enabled ? count : undefined);
    app.decorate('limitRate', (name: LimitName): onRequestAsyncHookHandler[] => {
      if (!enabled) return [];
      return [(request, reply) => count(name, request.user?.name ?? '', request, reply)];
    });
    done();
  },
  { name: 'rate-limits', dependencies: ['auth'] },
);

function tell(reply: FastifyReply, name: LimitName, { limit, remaining, resetSeconds }: RateDecision): void {
  reply.header('ratelimit-policy', `"${name}";q=${limit};w=${windowSeconds}`);
  reply.header('ratelimit', `"${name}";r=${remaining};t=${resetSeconds}`);
}
