/** Bodies are JSON in valid UTF-8, and hold no key that reaches into prototypes. */
import type { FastifyInstance } from 'fastify';
import { ApiError } from '../domain/api-error.ts';

export function parseJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  const decoder = new TextDecoder('utf-8', { fatal: true });
  app.removeContentTypeParser(['application/json', 'text/plain']);
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    let text: string;
    try {
      text = decoder.decode(body as Buffer);
    } catch (error) {
      done(new ApiError(400, 'the body is not valid UTF-8', { cause: error }));
      return;
    }
    void parse(request, text, done);
  });
}
