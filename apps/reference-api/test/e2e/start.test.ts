/** Starts of the built server: those that cannot be, and what the others tell and have done. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findBinary, isMissing, temporaryFolder } from '../support/private-server.ts';
import { startApi, type RunningApi } from '../support/running-api.ts';

const program = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

describe('what keeps it from starting is one sentence', () => {
  /** Permissions hold for root, too, without the capability to pass them by. */
  const asOrdinary = process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-dac_override'] : [];

  function run(
    args: readonly string[],
    env: Record<string, string> = {},
    folder = temporaryFolder('start'),
    before: readonly string[] = [],
  ) {
    onTestFinished(() => folder.remove());
    const options = { cwd: folder.path, env: { PATH: process.env['PATH'], ...env }, encoding: 'utf8' as const };
    const [command, ...words] = [...before, process.execPath, program, ...args] as [string, ...string[]];
    const { status, stderr } = spawnSync(command, words, { ...options, timeout: 20_000 });
    expect(stderr.trim().split('\n')).toHaveLength(1);
    return { status, stderr };
  }

  test('a port in use, before anything is opened', async () => {
    const api = await startApi({ later: onTestFinished });
    const { port } = new URL(api.url);
    const folder = temporaryFolder('port');
    expect(run(['--port', port], { LOG_LEVEL: 'error', SEED_SESSIONS: '1' }, folder)).toEqual({
      status: 1,
      stderr: `reference-api: port ${port} of 127.0.0.1 is in use — stop what listens there, or choose another by --port\n`,
    });
    expect(existsSync(join(folder.path, '.reference-api'))).toBe(false);
  });

  test('a bad value', () => {
    const { status, stderr } = run([], { PORT: 'eighty' });
    expect(status).toBe(2);
    expect(stderr).toBe("reference-api: PORT is 'eighty', and must be a whole number from 0 to 65535\n");
  });

  test('a proxy that is no address', () => {
    const folder = temporaryFolder('proxies');
    expect(run([], { TRUSTED_PROXIES: '10.0.0.0/8,nginx' }, folder)).toEqual({
      status: 2,
      stderr:
        "reference-api: TRUSTED_PROXIES holds 'nginx', and each must be an address, a network such as 10.0.0.0/8, or one of: loopback, linklocal, uniquelocal\n",
    });
    expect(existsSync(join(folder.path, '.reference-api'))).toBe(false);
  });

  test('damaged criteria', () => {
    const folder = temporaryFolder('criteria');
    mkdirSync(join(folder.path, '.reference-api'));
    writeFileSync(join(folder.path, '.reference-api/optimization-criteria.json'), '{"name":');
    const env = { LOG_LEVEL: 'error', SEED_SESSIONS: '1', SEED_PASSWORD: 'of my own' };
    const { status, stderr } = run(['--port', '0'], env, folder);
    expect(status).toBe(1);
    expect(stderr).toMatch(/the criteria file .* cannot be used: it is no JSON — mend it/);
  });

  test('a damaged database', () => {
    const folder = temporaryFolder('database');
    mkdirSync(join(folder.path, '.reference-api'));
    writeFileSync(
      join(folder.path, '.reference-api/data.sqlite'),
      'no database at all, whatever its name says'.repeat(99),
    );
    const { status, stderr } = run([], { LOG_LEVEL: 'error' }, folder);
    expect(status).toBe(1);
    expect(stderr).toMatch(/the database .* cannot be used: it is damaged/);
  });

  test.skipIf(asOrdinary.length > 0 && isMissing('setpriv', findBinary('setpriv')))(
    'a database that may only be read',
    () => {
      const folder = temporaryFolder('read-only');
      const place = join(folder.path, 'data');
      const file = join(place, 'data.sqlite');
      mkdirSync(place);
      writeFileSync(file, '');
      chmodSync(file, 0o444);
      chmodSync(place, 0o555);
      try {
        expect(run(['--port', '0'], { LOG_LEVEL: 'error', DATABASE_FILE: file }, folder, asOrdinary)).toEqual({
          status: 1,
          stderr: `reference-api: the database ${file} cannot be used: it is not writable for this user — change its owner or set DATABASE_FILE\n`,
        });
      } finally {
        // Or else its folder could not be removed.
        chmodSync(place, 0o755);
      }
    },
  );

  test('criteria that could only be read', () => {
    const folder = temporaryFolder('read-only');
    const place = join(folder.path, 'criteria');
    mkdirSync(place);
    chmodSync(place, 0o555);
    const env = { LOG_LEVEL: 'error', SEED_SESSIONS: '1', SEED_PASSWORD: 'x', CRITERIA_FILE: join(place, 'c.json') };
    try {
      const { status, stderr } = run(['--port', '0'], env, folder, asOrdinary);
      expect(status).toBe(1);
      expect(stderr).toMatch(
        /^reference-api: the folder .*criteria cannot be written to: EACCES.* — set CRITERIA_FILE$/m,
      );
    } finally {
      chmodSync(place, 0o755);
    }
  });

  test('PostgreSQL that is not there', () => {
    const { status, stderr } = run([], { DATABASE_URL: 'postgres://u:geheim@127.0.0.1:1/d', LOG_LEVEL: 'error' });
    expect(status).toBe(1);
    expect(stderr).toMatch(/the database at 127\.0\.0\.1:1 cannot be used: .*ECONNREFUSED.* — check DATABASE_URL/);
    expect(stderr).not.toContain('geheim');
  });
});

describe('a password that everybody knows', () => {
  /** How often the log says it, once the service has had the time to. */
  async function warnings(host: string, env: Record<string, string> = {}): Promise<number> {
    const api = await startApi({ args: ['--host', host], env, later: onTestFinished });
    await pause(1000);
    expect(await api.stop()).toBe(0);
    return api.said.split('\n').filter((line) => line.includes("the password 'plimsoll', which everybody knows"))
      .length;
  }

  test('is warned of, once, where others reach the service', async () => {
    expect(await warnings('0.0.0.0')).toBe(1);
  });

  test('is no matter on loop-back, nor is another password anywhere', async () => {
    expect(await warnings('127.0.0.1')).toBe(0);
    expect(await warnings('0.0.0.0', { SEED_PASSWORD: 'of my own' })).toBe(0);
  });
});

describe('a generated secret', () => {
  const warning = 'AUTH_SECRET is not set: tokens end with this process';

  test('is warned of', async () => {
    const api = await startApi({ later: onTestFinished });
    await expect.poll(() => api.said).toContain(warning);
  });

  test('is not, where one was given', async () => {
    const api = await startApi({ env: { AUTH_SECRET: 's'.repeat(32), LOG_LEVEL: 'info' }, later: onTestFinished });
    // Said after the warning would have been.
    await expect.poll(() => api.said).toContain('"msg":"listening"');
    expect(api.said).not.toContain(warning);
  });
});

test.each(['silent', 'error', 'info'])('made-up passwords are told once, though the level is %s', async (level) => {
  const folder = temporaryFolder('passwords');
  onTestFinished(() => folder.remove());
  const env = { SEED_PASSWORD: '', SEED_SESSIONS: '1', LOG_LEVEL: level };
  const start = (): Promise<RunningApi> => startApi({ env, folder: folder.path, later: onTestFinished });
  const api = await start();
  const line =
    /^reference-api: passwords were made up .* — viewer ([\w-]{16}), operator [\w-]{16}, admin ([\w-]{16})$/m;
  await expect.poll(() => api.said).toMatch(line);
  const [, viewer = '', admin = ''] = line.exec(api.said)!;
  for (const [username, password] of Object.entries({ viewer, admin })) {
    expect((await api.ask('/auth/token', { json: { username, password } })).status).toBe(200);
    expect(api.said.split(password)).toHaveLength(2);
  }
  expect(await api.stop()).toBe(0);
  const again = await start();
  expect(await again.stop()).toBe(0);
  expect(again.said).not.toContain('passwords were made up');
});

test('the dashboard is warm: the first who asks finds it in the cache', async () => {
  const api = await startApi({ later: onTestFinished });
  expect(await counts(api)).toEqual({ hits: 0, misses: 1 });
  expect((await api.as('viewer', '/dashboard/stats')).status).toBe(200);
  expect(await counts(api)).toEqual({ hits: 1, misses: 1 });
});

/** Of the statistics and lists, by the cache. */
async function counts(api: RunningApi): Promise<{ hits: number; misses: number }> {
  const { body } = await api.ask<string>('/metrics');
  const count = (of: string): number =>
    Number(new RegExp(String.raw`^cache_${of}_total\{topic="sessions"\} (\d+)$`, 'm').exec(body)?.[1]);
  return { hits: count('hits'), misses: count('misses') };
}
