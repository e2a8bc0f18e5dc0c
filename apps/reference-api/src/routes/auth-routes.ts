/** POST /auth/token */
import type { FastifyPluginCallback } from 'fastify';
import { z } from 'zod';
import { hashPassword, mostPasswordLength, verifyPassword } from '../domain/password.ts';
import { ApiError } from '../domain/api-error.ts';
import { answers, ofBody } from '../http/answers.ts';
import { signInLimits } from '../http/sign-in-limits.ts';
import { jsonSchema, noQuery, plainText } from '../http/validation.ts';
import type { UserStore } from '../ports/stores.ts';

const credentials = z.strictObject({
  username: z.string().min(1).max(100).regex(plainText),
  password: z.string().min(1).max(mostPasswordLength).regex(plainText),
});
const token = z.object({ access_token: z.string(), token_type: z.literal('Bearer'), expires_in: z.int() });

export interface AuthRouteOptions {
  readonly users: UserStore;
  readonly tokenTtlSeconds: number;
}

export const authRoutes: FastifyPluginCallback<AuthRouteOptions> = (app, { users, tokenTtlSeconds }, done) => {
  const limits = signInLimits(app);
  // A name that nobody has costs as much time as a wrong password, and so tells nothing.
  const nobody = hashPassword('nobody has this password');
  app.post<{ Body: z.infer<typeof credentials> }>(
    '/auth/token',
    {
      preHandler: [...limits.hooks],
      schema: {
        tags: ['auth'],
        summary: 'A token for a user name and a password',
        querystring: noQuery,
        body: jsonSchema(credentials),
        response: answers(200, 'Send it as Authorization: Bearer <access_token>', jsonSchema(token), 401, ...ofBody),
      },
    },
    async (request) => {
      const { username, password } = request.body;
      const user = await users.find(username);
      const matches = await limits.hashing(async () => verifyPassword(password, user?.passwordHash ?? (await nobody)));
      if (user === undefined || !matches) throw new ApiError(401, 'the user name or the password is wrong');
      return {
        access_token: app.issueToken({ name: user.name, role: user.role }),
        token_type: 'Bearer',
        expires_in: tokenTtlSeconds,
      };
    },
  );
  done();
};
