/** /config/optimization-criteria */
import type { FastifyPluginCallback } from 'fastify';
import { criteriaSchema, type Criteria } from '../domain/criteria.ts';
import { answers, ofBody, ofProtected, protectedBy, sendJson } from '../http/answers.ts';
import { jsonSchema, noQuery } from '../http/validation.ts';
import type { CriteriaService } from '../services/criteria-service.ts';

const path = '/config/optimization-criteria';

export const criteriaRoutes: FastifyPluginCallback<{ readonly criteria: CriteriaService }> = (
  app,
  { criteria },
  done,
) => {
  const shape = jsonSchema(criteriaSchema);
  const shared = { tags: ['config'], security: protectedBy, querystring: noQuery };
  app.get(
    path,
    {
      onRequest: [app.requireRole('viewer'), ...app.limitRate('config_read')],
      schema: {
        ...shared,
        summary: 'What a model must satisfy, and what the optimiser may use',
        response: answers(200, 'The current criteria', shape, ...ofProtected),
      },
    },
    async (_request, reply) => sendJson(reply, await criteria.read()),
  );
  app.put<{ Body: Criteria }>(
    path,
    {
      onRequest: [app.requireRole('admin'), ...app.limitRate('config_write')],
      schema: {
        ...shared,
        summary: 'Replaces the criteria whole',
        body: shape,
        response: answers(
          200,
          'The new criteria: every instance reads them from now on',
          shape,
          ...ofProtected,
          ...ofBody,
          409,
        ),
      },
    },
    async (request, reply) => sendJson(reply, await criteria.replace(request.body)),
  );
  done();
};
