/** /optimization/sessions */
import type { FastifyInstance, FastifyPluginCallback } from 'fastify';
import { z } from 'zod';
import { sessionStatuses, techniques } from '../domain/session.ts';
import { answers, ofBody, ofProtected, protectedBy, sendJson } from '../http/answers.ts';
import { jsonSchema, noQuery, plainText } from '../http/validation.ts';
import type { SessionService } from '../services/session-service.ts';
import { sessionQuerySchema, toSessionQuery, type SessionQueryString } from './session-query.ts';

const path = '/optimization/sessions';

const session = z.object({
  id: z.string(),
  model_id: z.string(),
  model_name: z.string(),
  technique: z.enum(techniques),
  status: z.enum(sessionStatuses),
  progress_percent: z.number(),
  started_at: z.string(),
  ended_at: z.string().nullable(),
  size_reduction_percent: z.number().nullable(),
  speed_up: z.number().nullable(),
  error: z.string().nullable(),
});
const page = z.object({ sessions: z.array(session), total: z.int(), skip: z.int(), limit: z.int() });
const start = z.strictObject({ model_id: z.string().min(1).max(64).regex(plainText), technique: z.enum(techniques) });
const oneSession = z.strictObject({ id: z.string().regex(/^[A-Za-z0-9-]{1,64}$/) });
/** Left out, or empty. */
const noBody = { type: ['object', 'null'], additionalProperties: false };

interface SessionRouteOptions {
  readonly sessions: SessionService;
}
const shared = { tags: ['sessions'], security: protectedBy };

export const sessionRoutes: FastifyPluginCallback<SessionRouteOptions> = (app, options, done) => {
  addReading(app, options);
  addChanging(app, options);
  done();
};

function addReading(app: FastifyInstance, { sessions }: SessionRouteOptions): void {
  const reads = [app.requireRole('viewer'), ...app.limitRate('sessions')];

  app.get<{ Querystring: SessionQueryString }>(
    path,
    {
      onRequest: reads,
      schema: {
        ...shared,
        summary: 'Sessions, newest first',
        querystring: jsonSchema(sessionQuerySchema),
        response: answers(200, 'One page; `total` counts all that match', jsonSchema(page), ...ofProtected),
      },
    },
    async (request, reply) => sendJson(reply, await sessions.list(toSessionQuery(request.query))),
  );

  app.get<{ Params: z.infer<typeof oneSession> }>(
    `${path}/:id`,
    {
      onRequest: reads,
      schema: {
        ...shared,
        summary: 'One session',
        params: jsonSchema(oneSession),
        querystring: noQuery,
        response: answers(200, 'As it is now', jsonSchema(session), ...ofProtected, 404),
      },
    },
    (request) => sessions.find(request.params.id),
  );
}

function addChanging(app: FastifyInstance, { sessions }: SessionRouteOptions): void {
  const changes = [app.requireRole('operator'), ...app.limitRate('sessions')];

  app.post<{ Body: z.infer<typeof start> }>(
    path,
    {
      onRequest: changes,
      schema: {
        ...shared,
        summary: 'Starts a session; a simulated optimiser brings it to its end',
        querystring: noQuery,
        body: jsonSchema(start),
        response: answers(201, 'Location says where it is', jsonSchema(session), ...ofProtected, ...ofBody, 404),
      },
    },
    async (request, reply) => {
      const started = await sessions.start(request.body.model_id, request.body.technique);
      return reply.code(201).header('location', `${path}/${started.id}`).send(started);
    },
  );

  app.post<{ Params: z.infer<typeof oneSession> }>(
    `${path}/:id/cancel`,
    {
      onRequest: changes,
      schema: {
        ...shared,
        summary: 'Cancels a session that runs',
        params: jsonSchema(oneSession),
        querystring: noQuery,
        body: noBody,
        response: answers(200, 'Cancelled', jsonSchema(session), ...ofProtected, ...ofBody, 404, 409),
      },
    },
    (request) => sessions.cancel(request.params.id),
  );
}
