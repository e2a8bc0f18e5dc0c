import { describe, expect, test } from 'vitest';
import { BadSetting, readSettings } from './read-settings.ts';

const secret = 's'.repeat(32);

test('without anything said it is the embedded, optimised service', () => {
  expect(readSettings([], {})).toMatchObject({
    host: '127.0.0.1',
    port: 4870,
    profile: 'optimised',
    switches: { dashboardCache: true, indexes: true, batchedLookup: true, resultCache: true, configCache: true },
    databaseUrl: undefined,
    redisUrl: undefined,
    poolSize: 10,
    rateLimits: true,
    seedSessions: 20_000,
    secretIsGenerated: true,
    corsOrigins: [],
  });
});

test('a profile sets all switches, and a flag one of them', () => {
  const settings = readSettings(['--profile', 'naive', '--indexes', 'on', '--rate-limits', 'off'], {});
  expect(settings).toMatchObject({
    switches: { dashboardCache: false, indexes: true, batchedLookup: false, resultCache: false, configCache: false },
    rateLimits: false,
  });
});

test('a flag wins over the environment', () => {
  expect(readSettings(['--port', '5000'], { PORT: '6000', HOST: '::1' })).toMatchObject({ port: 5000, host: '::1' });
});

test('a secret is generated once for each start', () => {
  expect(readSettings([], {})?.secret).not.toBe(readSettings([], {})?.secret);
  expect(readSettings([], { AUTH_SECRET: secret })).toMatchObject({ secret, secretIsGenerated: false });
});

test('a seeded user has a password of its own, the common one, or a made-up one; in production none is made up', () => {
  const { given, generated } = readSettings([], {})!.seedPasswords;
  expect(given).toEqual({});
  expect(Object.keys(generated)).toEqual(['viewer', 'operator', 'admin']);
  expect(new Set(Object.values(generated)).size).toBe(3);
  expect(readSettings([], { NODE_ENV: 'production', AUTH_SECRET: secret })?.seedPasswords).toEqual({
    given: {},
    generated: {},
  });
  const both = { SEED_PASSWORD: 'of them all', SEED_PASSWORD_ADMIN: 'of the admin' };
  expect(readSettings([], both)?.seedPasswords).toEqual({
    given: { viewer: 'of them all', operator: 'of them all', admin: 'of the admin' },
    generated: {},
  });
});

test('a password that could never sign in is refused', () => {
  for (const password of ['x'.repeat(201), 'of a file\n']) {
    expect(() => readSettings([], { SEED_PASSWORD: password })).toThrow(
      new BadSetting(
        'SEED_PASSWORD could never sign in: a password has at most 200 characters, and no line break among them',
      ),
    );
  }
});

test('in production an empty database stays as it is, unless it is asked for', () => {
  const production = { NODE_ENV: 'production', AUTH_SECRET: secret };
  expect(readSettings([], {})?.seedSessions).toBe(20_000);
  expect(readSettings([], production)?.seedSessions).toBe(0);
  expect(readSettings([], { ...production, SEED_SESSIONS: '60' })?.seedSessions).toBe(60);
});

test('trusted proxies are addresses and networks, some of them by name', () => {
  expect(readSettings([], {})?.trustedProxies).toEqual(['loopback']);
  const given = '10.0.0.0/8, 192.0.2.1,fd00::/8, ::1, uniquelocal';
  const trusted = ['10.0.0.0/8', '192.0.2.1', 'fd00::/8', '::1', 'uniquelocal'];
  expect(readSettings([], { TRUSTED_PROXIES: given })?.trustedProxies).toEqual(trusted);
});

test('--help is not an error', () => expect(readSettings(['--help'], {})).toBeUndefined());

describe('what cannot be meant is said', () => {
  test.each<[string, readonly string[], Record<string, string>, RegExp]>([
    ['an unknown flag', ['--prot', '1'], {}, /--prot.*--help/],
    ['a word too many', ['start'], {}, /start/],
    ['a port', ['--port', '70000'], {}, /^--port is '70000', and must be a whole number from 0 to 65535$/],
    ['a port of the environment', [], { PORT: '12a' }, /^PORT is '12a'/],
    ['a profile', ['--profile', 'fast'], {}, /^--profile is 'fast', and must be one of: naive, optimised$/],
    ['a switch', ['--indexes', 'yes'], {}, /^--indexes is 'yes', and must be one of: on, off$/],
    ['a pool too small', [], { DATABASE_POOL_SIZE: '9' }, /from 10 to 20/],
    ['a pool too large', [], { DATABASE_POOL_SIZE: '21' }, /from 10 to 20/],
    ['a database of another kind', [], { DATABASE_URL: 'mysql://u:geheim@h/d' }, /^DATABASE_URL is no address/],
    ['a replica of nothing', [], { DATABASE_REPLICA_URL: 'postgres://h/d' }, /set DATABASE_URL/],
    ['a Redis that is none', [], { REDIS_URL: 'localhost' }, /^REDIS_URL is no address/],
    ['a short secret', [], { AUTH_SECRET: 'short' }, /32 characters/],
    ['no secret in production', [], { NODE_ENV: 'production' }, /^AUTH_SECRET is missing/],
    ['an origin with a path', [], { CORS_ORIGINS: 'https://a.example/app' }, /https:\/\/a\.example\/app/],
    ['an address without a host', [], { DATABASE_URL: 'postgres://' }, /^DATABASE_URL is no address/],
    ['an instance of two lines', [], { INSTANCE: 'a\nb' }, /^INSTANCE must be 1 to 100/],
    ['an instance that is no header', ['--instance', 'ü'], {}, /^--instance must be 1 to 100/],
    [
      'a short password in production',
      [],
      { NODE_ENV: 'production', AUTH_SECRET: secret, SEED_PASSWORD: 'plimsoll' },
      /^SEED_PASSWORD is too short for production/,
    ],
    [
      'a proxy by its name',
      [],
      { TRUSTED_PROXIES: 'loopback, proxy.internal' },
      /^TRUSTED_PROXIES holds 'proxy\.internal', and each must be an address, a network such as 10\.0\.0\.0\/8, or one of: loopback, linklocal, uniquelocal$/,
    ],
    ['a network of too many bits', [], { TRUSTED_PROXIES: '10.0.0.0/33' }, /holds '10\.0\.0\.0\/33'/],
    ['a network of no bits, which is everybody', [], { TRUSTED_PROXIES: '0.0.0.0/0' }, /holds '0\.0\.0\.0\/0'/],
    ['half a network', [], { TRUSTED_PROXIES: '10.0.0.0/' }, /holds '10\.0\.0\.0\/'/],
    ['a network twice over', [], { TRUSTED_PROXIES: '10.0.0.0/8/8' }, /holds '10\.0\.0\.0\/8\/8'/],
    ['a comma with nothing behind it', [], { TRUSTED_PROXIES: '10.0.0.1,' }, /holds ''/],
    ['a level', [], { LOG_LEVEL: 'loud' }, /LOG_LEVEL is 'loud'/],
  ])('%s', (_, args, environment, sentence) => {
    expect(() => readSettings(args, environment)).toThrow(BadSetting);
    expect(() => readSettings(args, environment)).toThrow(sentence);
  });

  test('and never with the secret inside', () => {
    expect(() => readSettings([], { DATABASE_URL: 'mysql://u:geheim@h/d' })).not.toThrow(/geheim/);
  });
});
