/** Every failure becomes one shape here; what it was inside goes to the log and never to a client. */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyBaseLogger, FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ApiError, nameOfStatus, type ErrorDetail } from '../domain/api-error.ts';
import { DatabaseUnavailable } from '../ports/stores.ts';
import { rawSecurityHeaders, requestIdOf } from './security.ts';
import { detailsOf } from './validation.ts';

const retryAfterSeconds = 2;

interface ErrorBody {
  readonly error: string;
  readonly message: string;
  readonly details: readonly ErrorDetail[];
  readonly timestamp: string;
  readonly request_id: string;
}

export function handleErrors(app: FastifyInstance): void {
  const allowedMethods = watchMethods(app);
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0]!;
    const methods = allowedMethods(path);
    if (methods.length === 0) {
      void answer(reply, request.id, 404, 'there is nothing at this path', []);
    } else {
      reply.header('allow', methods.join(', '));
      void answer(reply, request.id, 405, `this path knows ${methods.join(', ')}`, []);
    }
  });
}

/** Also for what Fastify refuses before a route is found: its caller sets the headers then. */
export function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = toApiError(error);
  if (known === undefined) {
    request.log.error({ err: error, request_id: request.id }, 'a request failed');
    return answer(reply, request.id, 500, 'something went wrong here; the request id finds it in the log', []);
  }
  if (known.status >= 500) request.log.error({ err: known.cause ?? known, request_id: request.id }, known.message);
  if (known.retryAfterSeconds !== undefined) reply.header('retry-after', String(known.retryAfterSeconds));
  return answer(reply, request.id, known.status, known.message, known.details);
}

function answer(
  reply: FastifyReply,
  requestId: string,
  status: number,
  message: string,
  details: readonly ErrorDetail[],
): FastifyReply {
  const body = errorBody(status, message, details, requestId);
  return reply.code(status).header('content-type', 'application/json; charset=utf-8').send(JSON.stringify(body));
}

function errorBody(status: number, message: string, details: readonly ErrorDetail[], requestId: string): ErrorBody {
  return { error: nameOfStatus(status), message, details, timestamp: new Date().toISOString(), request_id: requestId };
}

/** undefined: a mistake of ours. */
function toApiError(error: FastifyError): ApiError | undefined {
  if (error instanceof ApiError) return error;
  if (error instanceof DatabaseUnavailable) {
    return new ApiError(503, 'the database does not answer; try again', { retryAfterSeconds, cause: error.cause });
  }
  if (error.validation !== undefined) {
    return new ApiError(400, `the ${error.validationContext ?? 'request'} is not valid`, { details: detailsOf(error) });
  }
  // Fastify's own refusals have clear sentences of their own.
  const status = error.statusCode ?? 500;
  if (status === 413) return new ApiError(413, 'the body is too large');
  if (status === 415) return new ApiError(415, 'the body must be application/json');
  if (status >= 400 && status < 500) {
    const message = error.code === 'FST_ERR_CTP_INVALID_JSON_BODY' ? 'the body is no valid JSON' : error.message;
    return new ApiError(400, message, { details: [{ field: fieldOf(error), message: error.message }] });
  }
  return undefined;
}

/** What Fastify itself refuses is a URL that leads to no route, or a body. */
function fieldOf({ code }: FastifyError): 'url' | 'body' {
  return code === 'FST_ERR_BAD_URL' || code === 'FST_ERR_MAX_PARAM_LENGTH' ? 'url' : 'body';
}

/** Which methods a path has, for 405: routes are collected as they are added. */
function watchMethods(app: FastifyInstance): (path: string) => string[] {
  const routes: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    const escaped = url.replace(/[.+?^${}()|[\]\\]/g, String.raw`\$&`);
    const pattern = new RegExp(`^${escaped.replace(/:[^/]+/g, '[^/]+').replace('*', '.*')}$`);
    routes.push({ pattern, methods: [method].flat() });
  });
  return (path) => [...new Set(routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods))];
}

/** What is not even HTTP, or does not come to its end: there is no request and no reply, and no hook sees it. */
export function clientErrorAnswerer(instance: string, log: FastifyBaseLogger) {
  return (error: NodeJS.ErrnoException, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
    const requestId = requestIdOf(undefined);
    log.info({ request_id: requestId, status, code: error.code }, 'refused: it cannot be read');
    const text = JSON.stringify(errorBody(status, 'the request cannot be read', [], requestId));
    const headers = [
      ['content-type', 'application/json; charset=utf-8'],
      ['content-length', String(Buffer.byteLength(text))],
      ['connection', 'close'],
      ...rawSecurityHeaders(requestId, instance),
    ];
    const head = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${head}\r\n${text}`);
  };
}
