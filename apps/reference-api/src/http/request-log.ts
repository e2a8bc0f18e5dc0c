/** One line for each answer that somebody may ask about: failures, and what took too long. The rest is in the metrics. */
import type { FastifyInstance } from 'fastify';

const slowMs = 1000;

export function logUnusual(app: FastifyInstance): void {
  app.addHook('onResponse', (request, reply, next) => {
    const { statusCode, elapsedTime } = reply;
    if (statusCode >= 400 || elapsedTime > slowMs) {
      const details = {
        request_id: request.id,
        method: request.method,
        path: request.url.split('?', 1)[0],
        status: statusCode,
        duration_ms: Math.round(elapsedTime * 10) / 10,
        user: request.user?.name,
      };
      if (statusCode >= 500) request.log.error(details, 'failed');
      else if (statusCode >= 400) request.log.info(details, 'refused');
      else request.log.warn(details, 'slow');
    }
    next();
  });
}
