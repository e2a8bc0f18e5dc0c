/** GET /dashboard/stats */
import type { FastifyPluginCallback } from 'fastify';
import { z } from 'zod';
import { answers, ofProtected, protectedBy, sendJson } from '../http/answers.ts';
import { jsonSchema, noQuery } from '../http/validation.ts';
import type { DashboardService } from '../services/dashboard-service.ts';

const stats = z.object({
  total_models: z.int(),
  active_sessions: z.int(),
  completed_sessions: z.int(),
  failed_sessions: z.int(),
  total_sessions: z.int(),
  average_size_reduction_percent: z.number(),
  average_speed_up: z.number(),
  computed_at: z.string(),
});

export const dashboardRoutes: FastifyPluginCallback<{ readonly dashboard: DashboardService }> = (
  app,
  { dashboard },
  done,
) => {
  app.get(
    '/dashboard/stats',
    {
      onRequest: [app.requireRole('viewer'), ...app.limitRate('dashboard')],
      schema: {
        tags: ['dashboard'],
        summary: 'How many models and sessions there are, and what the completed ones reached',
        security: protectedBy,
        querystring: noQuery,
        response: answers(200, 'Zeroes on an empty database', jsonSchema(stats), ...ofProtected),
      },
    },
    async (_request, reply) => sendJson(reply, await dashboard.stats()),
  );
  done();
};
