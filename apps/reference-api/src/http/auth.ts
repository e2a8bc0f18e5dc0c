/** Who is asking, by a signed token that ends, and whether they may. */
import { createSigner, createVerifier, TokenError } from 'fast-jwt';
import fp from 'fastify-plugin';
import type { onRequestHookHandler } from 'fastify';
import { ApiError } from '../domain/api-error.ts';
import { mayActAs, roles, type Role } from '../domain/user.ts';

export interface Caller {
  readonly name: string;
  readonly role: Role;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by requireRole. */
    user: Caller | null;
  }
  interface FastifyInstance {
    /** 401 without a valid token, 403 where the role may not. */
    requireRole(role: Role): onRequestHookHandler;
    issueToken(caller: Caller): string;
    /** Errors: ApiError 401. */
    callerOfToken(token: string): Caller;
  }
}

export interface AuthOptions {
  readonly secret: string;
  readonly tokenTtlSeconds: number;
  readonly nowMs?: () => number;
}

interface Known {
  readonly caller: Caller;
  readonly untilMs: number;
}

/** Verified once, believed until it ends: the signature of the same text does not change. */
const mostRemembered = 10_000;
const scheme = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i;

export const authPlugin = fp<AuthOptions>(
  (app, { secret, tokenTtlSeconds, nowMs = Date.now }, done) => {
    const sign = createSigner({ key: secret, algorithm: 'HS256', expiresIn: tokenTtlSeconds * 1000 });
    const verify = createVerifier({ key: secret, algorithms: ['HS256'], requiredClaims: ['exp', 'sub', 'role'] });
    const remembered = new Map<string, Known>();

    function callerOf(header: string | undefined): Caller {
      if (header === undefined) throw unauthorised('a token is needed: POST /auth/token gives one');
      let known = remembered.get(header);
      if (known === undefined) {
        const token = scheme.exec(header)?.[1];
        if (token === undefined) throw unauthorised('the header must be: Authorization: Bearer <token>');
        known = read(token);
        remembered.set(header, known);
        if (remembered.size > mostRemembered) remembered.delete(remembered.keys().next().value!);
      }
      if (nowMs() < known.untilMs) return known.caller;
      remembered.delete(header);
      throw unauthorised('the token has expired');
    }

    function read(token: string): Known {
      let claims: Record<string, unknown>;
      try {
        claims = verify(token) as Record<string, unknown>;
      } catch (error) {
        const expired = error instanceof TokenError && error.code === TokenError.codes.expired;
        throw unauthorised(expired ? 'the token has expired' : 'the token is not valid');
      }
      const role = roles.find((each) => each === claims['role']);
      if (role === undefined || typeof claims['sub'] !== 'string') throw unauthorised('the token is not valid');
      return { caller: { name: claims['sub'], role }, untilMs: Number(claims['exp']) * 1000 };
    }

    app.decorateRequest('user', null);
    app.decorate('callerOfToken', (token: string) => callerOf(token === '' ? undefined : `Bearer ${token}`));
    app.decorate('issueToken', ({ name, role }: Caller) => sign({ sub: name, role }));
    app.decorate('requireRole', (role: Role): onRequestHookHandler => (request, reply, next) => {
      try {
        const caller = callerOf(request.headers.authorization);
        if (!mayActAs(caller.role, role)) throw new ApiError(403, `this needs the role '${role}'`);
        request.user = caller;
        next();
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) reply.header('www-authenticate', 'Bearer');
        next(error as Error);
      }
    });
    done();
  },
  { name: 'auth' },
);

function unauthorised(message: string): ApiError {
  return new ApiError(401, message);
}
