/**
 * Attempts to sign in: counted for each name and for each address, so that neither guessing one password nor trying one
 * password on many names gets far; and few hashes at once, for each takes a processor for a while, and the threads that
 * files are read by.
 */
import type { FastifyInstance, preHandlerAsyncHookHandler } from 'fastify';
import { ApiError } from '../domain/api-error.ts';

const mostHashesAtOnce = 4;

export interface SignInLimits {
  /** To be run once the body is known. */
  readonly hooks: readonly preHandlerAsyncHookHandler[];
  /** Errors: ApiError 429 where too many are under way. */
  hashing<T>(work: () => Promise<T>): Promise<T>;
}

export function signInLimits(app: FastifyInstance): SignInLimits {
  let underWay = 0;
  const { countRate, rateLimited } = app;
  if (countRate === undefined) return { hooks: [], hashing: (work) => work() };
  return {
    hooks: [
      async (request, reply) => {
        const { username } = request.body as { username: string };
        await countRate('sign_in_address', request.ip, request, reply);
        await countRate('sign_in_name', username, request, reply);
      },
    ],
    hashing: async (work) => {
      if (underWay >= mostHashesAtOnce) {
        rateLimited.sign_in_at_once++;
        throw new ApiError(429, 'too many are signing in at once', { retryAfterSeconds: 1 });
      }
      underWay++;
      try {
        return await work();
      } finally {
        underWay--;
      }
    },
  };
}
