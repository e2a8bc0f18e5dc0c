import { fastify, type FastifyInstance } from 'fastify';
import { beforeEach, describe, expect, test } from 'vitest';
import type { RateLimiter } from '../ports/rate-limiter.ts';
import { MemoryRateLimiter } from '../rate-limit/memory-rate-limiter.ts';
import { authPlugin } from './auth.ts';
import { handleErrors } from './errors.ts';
import { rateLimitPlugin } from './rate-limits.ts';
import { signInLimits } from './sign-in-limits.ts';

/** Redis, and it is away. */
const away: RateLimiter = { take: () => Promise.reject(new Error('nobody listens')) };

interface Started {
  readonly app: FastifyInstance;
  readonly warnings: readonly string[];
  readonly signIn: (username: string) => Promise<unknown>;
  readonly readDashboard: () => Promise<number>;
}

/** @param hash what a sign-in waits for */
async function start(limiter: RateLimiter, hash: () => Promise<void> = () => Promise.resolve()): Promise<Started> {
  const warnings: string[] = [];
  const write = (line: string): void => void warnings.push((JSON.parse(line) as { msg: string }).msg);
  const app = fastify({ logger: { level: 'warn', stream: { write } } });
  handleErrors(app);
  await app.register(authPlugin, { secret: 's'.repeat(32), tokenTtlSeconds: 60 });
  await app.register(rateLimitPlugin, { enabled: true, limiter, ownLimiter: new MemoryRateLimiter(() => 0) });
  const limits = signInLimits(app);
  app.post('/sign-in', { preHandler: [...limits.hooks] }, async () => {
    await limits.hashing(hash);
    return 'in';
  });
  app.get('/dashboard', { onRequest: [app.requireRole('viewer'), ...app.limitRate('dashboard')] }, () => 'stats');
  const headers = { authorization: `Bearer ${app.issueToken({ name: 'ada', role: 'viewer' })}` };
  return {
    app,
    warnings,
    signIn: async (username) => {
      const answer = await app.inject({ method: 'POST', url: '/sign-in', payload: { username } });
      const { ratelimit, 'ratelimit-policy': policy, 'retry-after': retryAfter } = answer.headers;
      return { status: answer.statusCode, ratelimit, policy, retryAfter };
    },
    readDashboard: async () => (await app.inject({ url: '/dashboard', headers })).statusCode,
  };
}

describe('while the store of the limits is away', () => {
  let started: Started;
  beforeEach(async () => {
    started = await start(away);
  });

  test('attempts to sign in are counted all the same, here', async () => {
    const answers: unknown[] = [];
    for (let attempt = 0; attempt < 11; attempt++) answers.push(await started.signIn('admin'));
    const policy = '"sign_in_name";q=10;w=60';
    const expected = (left: number): object => ({ status: 200, policy, ratelimit: `"sign_in_name";r=${left};t=60` });
    expect(answers.slice(0, 10)).toEqual(Array.from({ length: 10 }, (_, at) => expected(9 - at)));
    expect(answers[10]).toEqual({ ...expected(0), status: 429, retryAfter: '60' });
    expect(await started.signIn('viewer')).toEqual(expected(9));
    expect(started.app.rateLimited).toMatchObject({ sign_in_name: 1, sign_in_address: 0 });
  });

  test('whatever else is limited goes on, and one line says that it is not counted', async () => {
    for (let read = 0; read < 61; read++) expect(await started.readDashboard()).toBe(200);
    await started.signIn('admin');
    expect(started.warnings).toEqual([
      'the store of the rate limits is away: attempts to sign in are counted by this instance alone, other requests not at all',
    ]);
  });
});

test('those who come while four are signing in are refused, and counted', async () => {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  const { app, signIn } = await start(new MemoryRateLimiter(() => 0), () => opened);
  const six = Array.from({ length: 6 }, (_, at) => signIn(`user-${at}`));
  await expect.poll(() => app.rateLimited.sign_in_at_once).toBe(2);
  open();
  const answers = (await Promise.all(six)) as { readonly status: number; readonly retryAfter?: string }[];
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 200, 200, 200, 429, 429]);
  for (const { status, retryAfter } of answers) if (status === 429) expect(retryAfter).toBe('1');
  expect(app.rateLimited).toMatchObject({ sign_in_name: 0, sign_in_address: 0 });
});
