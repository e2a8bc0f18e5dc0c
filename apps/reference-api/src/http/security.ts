/** Headers that keep browsers from doing more with an answer than was meant, and limits on what is taken in. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { ApiError } from '../domain/api-error.ts';
import { answerPreflight, setCorsHeaders } from './cors.ts';
import { refuseUnreadableQuery } from './query-text.ts';

export interface SecurityOptions {
  readonly instance: string;
  /** None: no page of another origin may read an answer. */
  readonly corsOrigins: readonly string[];
}

const longestUrl = 2048;
const always = [
  ['x-content-type-options', 'nosniff'],
  ['cross-origin-resource-policy', 'same-origin'],
  ['cache-control', 'no-store'],
] as const;
/** The page of the documents brings its own policy. */
const policy = "default-src 'none'; frame-ancestors 'none'";

export const securityPlugin = fp<SecurityOptions>(
  (app, options, done) => {
    app.addHook('onRequest', (request, reply, next) => {
      setSecurityHeaders(request, reply, options);
      refuseLongUrl(request.url);
      refuseUnreadableQuery(request.url);
      if (!answerPreflight(request, reply, options.corsOrigins)) next();
    });
    done();
  },
  { name: 'security' },
);

/** For every answer, so also for those that are given before any hook runs. */
export function setSecurityHeaders(
  request: FastifyRequest,
  reply: FastifyReply,
  { instance, corsOrigins }: SecurityOptions,
): void {
  reply.header('x-request-id', request.id);
  reply.header('x-instance', instance);
  for (const [name, value] of always) reply.header(name, value);
  if (!request.url.startsWith('/docs')) reply.header('content-security-policy', policy);
  setCorsHeaders(request, reply, corsOrigins);
}

/** The same where there is neither a request nor a reply. */
export function rawSecurityHeaders(requestId: string, instance: string): readonly (readonly [string, string])[] {
  return [['x-request-id', requestId], ['x-instance', instance], ...always, ['content-security-policy', policy]];
}

function refuseLongUrl({ length }: string): void {
  if (length <= longestUrl) return;
  const details = [{ field: 'url', message: `is longer than ${longestUrl} characters` }];
  throw new ApiError(400, `the address is longer than ${longestUrl} characters`, { details });
}

const sane = /^[\w.-]{1,100}$/;
let count = 0;
const ownPrefix = `${Date.now().toString(36)}-${process.pid.toString(36)}`;

/** The caller's id where it is fit for a log, else one of our own. */
export function requestIdOf(header: string | string[] | undefined): string {
  return typeof header === 'string' && sane.test(header) ? header : `${ownPrefix}-${(++count).toString(36)}`;
}
