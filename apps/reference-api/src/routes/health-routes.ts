/** GET /health: the process lives. GET /ready: it can serve, and what it has to do without. */
import type { FastifyPluginCallback } from 'fastify';
import { z } from 'zod';
import { failures } from '../http/answers.ts';
import { databaseAnswers, replicaAnswers } from '../http/database-answers.ts';
import { jsonSchema, noQuery } from '../http/validation.ts';
import type { Cache } from '../ports/cache.ts';
import type { Stores } from '../ports/stores.ts';

export interface HealthRouteOptions {
  readonly stores: Stores;
  readonly cache: Cache;
  /** It was told to stop: nothing new should be sent here. */
  readonly isStopping: () => boolean;
}

const state = z.enum(['up', 'down']);
const readiness = jsonSchema(
  z.object({
    status: z.enum(['ready', 'degraded', 'unavailable', 'stopping']),
    checks: z.object({ database: state, cache: state, replica: state.optional() }),
  }),
);

export const healthRoutes: FastifyPluginCallback<HealthRouteOptions> = (app, { stores, cache, isStopping }, done) => {
  const schema = { tags: ['operation'], querystring: noQuery };
  const alive = jsonSchema(z.object({ status: z.literal('alive') }));
  app.get(
    '/health',
    { schema: { ...schema, summary: 'The process lives', response: { 200: alive, ...failures() } } },
    () => ({
      status: 'alive',
    }),
  );

  app.get(
    '/ready',
    { schema: { ...schema, summary: 'It can serve', response: { 200: readiness, ...failures(), 503: readiness } } },
    async (_request, reply) => {
      const [database, replica] = await Promise.all([databaseAnswers(stores), replicaAnswers(stores)]);
      const checks = {
        database: told(database),
        cache: told(cache.isHealthy()),
        ...(replica !== undefined && { replica: told(replica) }),
      };
      const stopping = isStopping();
      if (!database || stopping) {
        void reply.code(503).header('retry-after', '2');
        return { status: stopping ? 'stopping' : 'unavailable', checks };
      }
      return { status: Object.values(checks).includes('down') ? 'degraded' : 'ready', checks };
    },
  );
  done();
};

function told(isUp: boolean): 'up' | 'down' {
  return isUp ? 'up' : 'down';
}
