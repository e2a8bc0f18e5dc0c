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
      const details = [{ field: 'body', message: 'is not valid UTF-8' }];
      done(new ApiError(400, 'the body is not valid UTF-8', { details, cause: error }));
      return;
    }
    void parse(request, text, (error, value) => {
      done(error !== null && isJson(text) ? prototypes(error) : error, value);
    });
  });
}

/** Fastify has one error for both, and what is JSON was refused for its keys. Asked only of what was refused. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function prototypes(cause: Error): ApiError {
  // Which of the two it was, and where, the parser does not say.
  const details = [{ field: 'body', message: 'must not hold __proto__ or constructor.prototype anywhere' }];
  return new ApiError(400, 'the body holds a key that reaches into prototypes', { details, cause });
}
