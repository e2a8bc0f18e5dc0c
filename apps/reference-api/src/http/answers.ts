/** What routes answer with, for the documents and the serialiser. */
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { jsonSchema, type JsonSchema } from './validation.ts';

const errorSchema = jsonSchema(
  z.object({
    error: z.string(),
    message: z.string(),
    details: z.array(z.object({ field: z.string(), message: z.string() })),
    timestamp: z.string(),
    request_id: z.string(),
  }),
);

const meanings: Readonly<Record<number, string>> = {
  400: 'Something in the request is not valid; `details` names the fields',
  401: 'No token, or one that is not valid or has expired',
  403: 'The role may not',
  404: 'There is no such thing',
  409: 'It contradicts itself, or the state of things',
  429: 'Too many requests in this minute',
  503: 'The database is away; Retry-After says when to come again',
};

/** The answer that is hoped for, and the failures of every protected route with those named. */
export function answers(
  status: number,
  description: string,
  schema: JsonSchema,
  ...failures: readonly number[]
): Record<number, JsonSchema> {
  const all = [400, 401, 403, 429, 503, ...failures].sort((a, b) => a - b);
  const failing = all.map((each) => [each, { ...errorSchema, description: meanings[each] }] as const);
  return { [status]: { ...schema, description }, ...Object.fromEntries(failing) };
}

/** A text that is JSON already: sent as it is. */
export function sendJson(reply: FastifyReply, text: string): FastifyReply {
  return reply.header('content-type', 'application/json; charset=utf-8').send(text);
}

export const protectedBy = [{ token: [] }];
