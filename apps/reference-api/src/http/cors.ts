/** Which pages of other origins may ask, and read what is answered. No route is made for it: a path knows the methods it knows. */
import type { FastifyReply, FastifyRequest } from 'fastify';

const methods = 'GET, POST, PUT';
/** What such a page may read, besides what every page may. */
const exposedHeaders = 'location, retry-after, ratelimit, ratelimit-policy, x-request-id, x-instance';
const preflightHoldsSeconds = 600;

/** @param origins none: no page of another origin may read anything */
export function setCorsHeaders({ headers }: FastifyRequest, reply: FastifyReply, origins: readonly string[]): void {
  if (origins.length === 0) return;
  // What is answered to one origin is not for the cache of another, nor is it without one.
  reply.header('vary', 'origin');
  if (!isAllowed(headers.origin, origins)) return;
  reply.header('access-control-allow-origin', headers.origin);
  reply.header('access-control-expose-headers', exposedHeaders);
}

/** A browser asks this before it sends what a form could not, and without the token: so before anything asks for one. */
export function answerPreflight(request: FastifyRequest, reply: FastifyReply, origins: readonly string[]): boolean {
  const { method, headers } = request;
  const isPreflight = method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
  if (!isPreflight || !isAllowed(headers.origin, origins)) return false;
  const wanted = headers['access-control-request-headers'];
  reply.header('vary', 'origin, access-control-request-headers');
  reply.header('access-control-allow-methods', methods);
  if (wanted !== undefined) reply.header('access-control-allow-headers', wanted);
  void reply.header('access-control-max-age', preflightHoldsSeconds).code(204).send();
  return true;
}

function isAllowed(origin: string | undefined, origins: readonly string[]): origin is string {
  return origin !== undefined && origins.includes(origin);
}
