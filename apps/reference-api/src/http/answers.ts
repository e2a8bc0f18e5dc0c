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
  413: 'The body is longer than 64 KB',
  415: 'The body must be application/json',
  429: 'Too many requests in this minute',
  500: 'Something went wrong here; the request id finds it in the log',
  503: 'The database is away; Retry-After says when to come again',
};

/** Failures of routes that want a token, and of those that take a body. */
export const ofProtected = [401, 403] as const;
export const ofBody = [413, 415] as const;

/** The answer that is hoped for, and the failures of every route with those named. */
export function answers(
  status: number,
  description: string,
  schema: JsonSchema,
  ...more: readonly number[]
): Record<number, JsonSchema> {
  return { [status]: { ...schema, description }, ...failures(429, 503, ...more) };
}

/** What is refused before a route is asked, and what must not happen, may be answered everywhere. */
export function failures(...more: readonly number[]): Record<number, JsonSchema> {
  const all = [400, 500, ...more].sort((a, b) => a - b);
  return Object.fromEntries(all.map((each) => [each, { ...errorSchema, description: meanings[each] }]));
}

/** A text that is JSON already: sent as it is. */
export function sendJson(reply: FastifyReply, text: string): FastifyReply {
  return reply.header('content-type', 'application/json; charset=utf-8').send(text);
}

export const protectedBy = [{ token: [] }];
