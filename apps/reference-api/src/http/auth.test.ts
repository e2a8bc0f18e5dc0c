import { fastify, type FastifyInstance } from 'fastify';
import { beforeEach, expect, test } from 'vitest';
import { authPlugin } from './auth.ts';
import { handleErrors } from './errors.ts';

const tokenTtlSeconds = 60;
let nowMs: number;
let app: FastifyInstance;

beforeEach(async () => {
  nowMs = Date.now();
  app = fastify();
  handleErrors(app);
  await app.register(authPlugin, { secret: 's'.repeat(32), tokenTtlSeconds, nowMs: () => nowMs });
  app.get('/', { onRequest: app.requireRole('viewer') }, ({ user }) => ({ name: user?.name }));
});

test('a token that is known already ends when it says, and stays ended', async () => {
  const token = app.issueToken({ name: 'ada', role: 'viewer' });
  const headers = { authorization: `Bearer ${token}` };
  const ask = async (): Promise<unknown> => {
    const { statusCode, body } = await app.inject({ url: '/', headers });
    const { name, message } = JSON.parse(body) as { name?: string; message?: string };
    return [statusCode, name ?? message];
  };
  const { exp } = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { exp: number };
  expect(await ask()).toEqual([200, 'ada']);
  nowMs = exp * 1000 - 1;
  expect(await ask()).toEqual([200, 'ada']);
  nowMs = exp * 1000;
  expect(await ask()).toEqual([401, 'the token has expired']);
  expect(await ask()).toEqual([401, 'the token has expired']);
  expect(() => app.callerOfToken(token)).toThrow('the token has expired');
});
