/** Bodies are JSON in valid UTF-8, and hold no key that reaches into prototypes. */
import type { FastifyInstance } from 'fastify';
import { ApiError } from '../domain/api-error.ts';

const mostPlaceLength = 200;

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
      done(error === null ? null : (prototypesIn(text, error) ?? error), value);
    });
  });
}

/** Fastify has one error for what is no JSON and what was refused for its keys: undefined for the first. */
function prototypesIn(text: string, cause: Error): ApiError | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  const details = [{ field: prototypeKey(body) ?? 'body', message: 'must not be there: it reaches into prototypes' }];
  return new ApiError(400, 'the body holds a key that reaches into prototypes', { details, cause });
}

/** Where the first of them is: 'name.__proto__'. Without recursion, for a body may be thousands of levels deep. */
function prototypeKey(body: unknown): string | undefined {
  const left: (readonly [value: unknown, path: string])[] = [[body, '']];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [value, path] = next;
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, inner] of Object.entries(value)) {
      const place = `${path}${key}`.slice(-mostPlaceLength);
      if (key === '__proto__') return place;
      if (key === 'constructor' && Object.hasOwn(Object(inner) as object, 'prototype')) return `${place}.prototype`;
      left.push([inner, `${place}.`]);
    }
  }
  return undefined;
}
