/** Redis: the same promises as the cache in memory, over two instances, and what happens when it goes away. */
import { Server } from 'socket.io';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { describeCache } from '../../src/cache/cache.contract.ts';
import { RedisCache } from '../../src/cache/redis-cache.ts';
import { connectRedis, type RedisConnection } from '../../src/cache/redis-connection.ts';
import { defaultCriteria } from '../../src/domain/criteria.ts';
import { RedisRateLimiter } from '../../src/rate-limit/redis-rate-limiter.ts';
import { shareEvents } from '../../src/sockets/redis-adapter.ts';
import { redisBinary, startRedis, type PrivateRedis } from '../support/private-redis.ts';
import { isMissing } from '../support/private-server.ts';
import { rememberingLog } from '../support/quiet-log.ts';
import { startApi } from '../support/running-api.ts';

const constant = (value: string) => (): Promise<string> => Promise.resolve(value);

describe.skipIf(isMissing('redis-server', redisBinary))('Redis', () => {
  let redis: PrivateRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.remove());
  beforeEach(async () => {
    const connection = await connect();
    await connection.ask((client) => client.flushall());
  });

  async function connect(log = rememberingLog()): Promise<RedisConnection> {
    const connection = await connectRedis(redis.url, log);
    onTestFinished(() => connection.close());
    return connection;
  }

  describeCache((instances) =>
    Promise.all(Array.from({ length: instances }, async () => new RedisCache(await connect()))),
  );

  test('many who ask two instances at once wait for one computation', async () => {
    const caches = [new RedisCache(await connect()), new RedisCache(await connect())];
    let computed = 0;
    const compute = async (): Promise<string> => {
      await new Promise((done) => setTimeout(done, 100));
      return String(++computed);
    };
    const asked = Array.from({ length: 20 }, (_, at) => caches[at % 2]!.through('sessions', 'a', 60_000, compute));
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['1']));
    expect(computed).toBe(1);
  });

  test('whoever dies while computing holds nobody up for longer than its lock', { timeout: 20_000 }, async () => {
    const dying = await connect();
    void new RedisCache(dying).through('sessions', 'a', 60_000, () => new Promise(() => undefined));
    await expect.poll(async () => (await dying.ask((client) => client.keys('*:lock'))).length).toBe(1);
    const other = new RedisCache(await connect());
    const beganMs = performance.now();
    expect(await other.through('sessions', 'a', 60_000, constant('mine'))).toBe('mine');
    expect(performance.now() - beganMs).toBeLessThan(8000);
  });

  test(
    'away, every answer is computed; a change made meanwhile counts when it is back',
    { timeout: 30_000 },
    async () => {
      const log = rememberingLog();
      const own = await startRedis();
      onTestFinished(() => own.remove());
      const connection = await connectRedis(own.url, log);
      onTestFinished(() => connection.close());
      const cache = new RedisCache(connection);
      await cache.through('criteria', 'a', 60_000, constant('old'));
      // Frozen, not gone: what it held is still there when it wakes up.
      own.server.signal('SIGSTOP');
      expect(await cache.through('criteria', 'a', 60_000, constant('computed'))).toBe('computed');
      await cache.invalidate('criteria');
      expect(cache.isHealthy()).toBe(false);
      own.server.signal('SIGCONT');
      await expect.poll(() => cache.isHealthy(), { timeout: 10_000 }).toBe(true);
      expect(await cache.through('criteria', 'a', 60_000, constant('new'))).toBe('new');
      expect(await cache.through('criteria', 'a', 60_000, constant('newer'))).toBe('new');

      await own.server.stop();
      await expect.poll(() => cache.isHealthy()).toBe(false);
      expect(await cache.through('criteria', 'a', 60_000, constant('computed'))).toBe('computed');
      await own.server.start();
      await expect.poll(() => cache.isHealthy(), { timeout: 10_000 }).toBe(true);
      expect(log.lines.filter((line) => line.startsWith('warn: Redis is away'))).toHaveLength(2);
      expect(log.lines.at(-1)).toBe('info: Redis answers');
    },
  );

  test('a change that could not be told is told as soon as it can be, though nobody reads', async () => {
    const own = await startRedis();
    onTestFinished(() => own.remove());
    const open = async (): Promise<RedisCache> => {
      const cache = new RedisCache(await connectRedis(own.url, rememberingLog()));
      onTestFinished(() => cache.close());
      return cache;
    };
    const [here, there] = [await open(), await open()];
    await there.through('sessions', 'a', 60_000, constant('old'));
    own.server.signal('SIGSTOP');
    await here.invalidate('sessions');
    own.server.signal('SIGCONT');
    await expect.poll(() => there.through('sessions', 'a', 60_000, constant('new')), { timeout: 10_000 }).toBe('new');
  });

  /** Two instances at a Redis of their own; `isBack` once the first has found it again. */
  async function twoInstances() {
    const own = await startRedis();
    onTestFinished(() => own.remove());
    const log = rememberingLog();
    const connections = [await connectRedis(own.url, log), await connectRedis(own.url, rememberingLog())] as const;
    onTestFinished(() => void connections.map((connection) => connection.close()));
    const [here, there] = [new RedisCache(connections[0]), new RedisCache(connections[1])];
    const isBack = () => log.lines.filter((line) => line === 'info: Redis answers').length >= 2;
    return { server: own.server, connection: connections[1], here, there, isBack };
  }

  test('without its memory it brings nothing back: not what was seen of it, nor what began before a write', async () => {
    const { server, here, there, isBack } = await twoInstances();
    await here.through('sessions', 'seen', 60_000, constant('old'));
    let finish: (value: string) => void = () => undefined;
    const begun = here.through('sessions', 'begun', 60_000, () => new Promise((done) => (finish = done)));
    await expect.poll(() => here.counts().sessions.misses).toBe(2);
    await there.invalidate('sessions');
    await server.stop();
    await server.start();
    await expect.poll(isBack, { timeout: 10_000 }).toBe(true);
    expect(await here.through('sessions', 'seen', 60_000, constant('new'))).toBe('new');
    expect(await here.through('sessions', 'begun', 60_000, constant('new'))).toBe('new');
    finish('old');
    expect(await begun).toBe('old');
    for (const cache of [here, there]) {
      await expect.poll(() => cache.isHealthy(), { timeout: 10_000 }).toBe(true);
      expect(await cache.through('sessions', 'begun', 60_000, constant('newer'))).not.toBe('old');
    }
  });

  test('with an older memory, the last write forgotten, it shows nothing from before', async () => {
    const { connection, here, there, isBack } = await twoInstances();
    await here.through('sessions', 'a', 60_000, constant('old'));
    const remembered = await connection.ask(async (client) => {
      const names = (await client.keys('*')).filter((name) => name.includes('sessions'));
      return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await client.get(name)] as const)));
    });
    expect(Object.values(remembered)).toContain('old');
    await there.invalidate('sessions');
    expect(await here.through('sessions', 'a', 60_000, constant('new'))).toBe('new');
    // As it is after a failover: the older memory, and everybody's connection gone.
    const cut = ['KILL', 'TYPE', 'normal', 'SKIPME', 'yes'];
    await connection.ask((client) =>
      client
        .multi()
        .flushall()
        .mset(remembered)
        .call('CLIENT', ...cut)
        .exec(),
    );
    await expect.poll(isBack, { timeout: 10_000 }).toBe(true);
    expect(await here.through('sessions', 'a', 60_000, constant('newest'))).toBe('newest');
  });

  test('emptied without a cut it begins a generation of its own', async () => {
    const connection = await connect();
    const cache = new RedisCache(connection);
    await connection.ask((client) => client.flushall());
    await cache.through('sessions', 'a', 60_000, constant('old'));
    await cache.invalidate('sessions');
    await connection.ask((client) => client.flushall());
    expect(await cache.through('sessions', 'a', 60_000, constant('new'))).toBe('new');
    expect(await cache.through('sessions', 'a', 60_000, constant('newer'))).toBe('new');
  });

  test('frozen, it is away after a few commands: said in /ready and the metrics, and nobody waits for it', async () => {
    const own = await startRedis();
    onTestFinished(() => own.remove());
    const log = rememberingLog();
    const connection = await connectRedis(own.url, log);
    onTestFinished(() => connection.close());
    const api = await startApi({ env: { REDIS_URL: own.url, LOG_LEVEL: 'silent' }, later: onTestFinished });
    const token = await api.token('viewer');
    own.server.signal('SIGSTOP');
    for (let at = 0; at < 3; at++) await connection.ask((client) => client.get('a')).catch(() => undefined);
    expect(connection.isHealthy()).toBe(false);
    let asked = 0;
    const refused = connection.ask(() => Promise.resolve(++asked));
    await expect(refused).rejects.toThrow('Redis is away');
    expect(asked).toBe(0);
    for (let at = 0; at < 4; at++) expect((await api.ask('/dashboard/stats', { token })).status).toBe(200);
    expect((await api.ask('/ready')).body).toMatchObject({ status: 'degraded', checks: { cache: 'down' } });
    expect((await api.ask<string>('/metrics')).body).toContain('dependency_up{dependency="cache"} 0');
    own.server.signal('SIGCONT');
    await expect.poll(() => connection.isHealthy(), { timeout: 10_000 }).toBe(true);
    await expect.poll(async () => (await api.ask('/ready')).body['status'], { timeout: 10_000 }).toBe('ready');
    expect(log.lines.slice(-2)).toEqual([
      'warn: Redis is away: answers are computed each time until it is back',
      'info: Redis answers',
    ]);
  });

  test('the events of every instance are subscribed to, at whatever moment of the connection that was asked for', async () => {
    const connection = await connect();
    const instances = 60;
    for (let at = 0; at < instances; at++) {
      const events = shareEvents(redis.url);
      // Turns of the event loop: connecting takes some, what a connection begins with takes some.
      for (let turn = 0; turn < at; turn++) await new Promise((done) => setImmediate(done));
      new Server({ adapter: events.adapter });
      onTestFinished(() => {
        events.close();
      });
    }
    const subscribed = async (): Promise<number> => {
      const clients = (await connection.ask((client) => client.client('LIST'))) as string;
      return clients.split('\n').filter((each) => each.includes(' sub=3 psub=1 ')).length;
    };
    await expect.poll(subscribed, { timeout: 5000 }).toBe(instances);
  });

  test('a limit counts over two instances', async () => {
    const limiters = [new RedisRateLimiter(await connect()), new RedisRateLimiter(await connect())];
    const decisions = [];
    for (let at = 0; at < 5; at++) decisions.push(await limiters[at % 2]!.take('dashboard:ada', 4, 60));
    expect(decisions.map(({ allowed, remaining }) => [allowed, remaining])).toEqual([
      [true, 3],
      [true, 2],
      [true, 1],
      [true, 0],
      [false, 0],
    ]);
    expect(decisions.every(({ resetSeconds }) => resetSeconds === 60 || resetSeconds === 59)).toBe(true);
  });

  test('the limits of two instances are one, in every class; the eleventh writing is refused, wherever it comes', async () => {
    const start = () => startApi({ env: { REDIS_URL: redis.url }, later: onTestFinished });
    const [one, other] = await Promise.all([start(), start()]);
    const criteriaPath = '/config/optimization-criteria';
    const classes = [
      ['/dashboard/stats', 'dashboard', 60],
      ['/optimization/sessions', 'sessions', 120],
      [criteriaPath, 'config_read', 120],
    ] as const;
    for (const [path, name, limit] of classes) {
      for (const [used, api] of [one, other].entries()) {
        const { status, headers } = await api.as('admin', path);
        expect([status, headers.get('ratelimit-policy')]).toEqual([200, `"${name}";q=${limit};w=60`]);
        expect(headers.get('ratelimit')).toMatch(new RegExp(`^"${name}";r=${limit - used - 1};t=\\d+$`));
      }
    }
    const writings = [];
    for (const api of [...Array<typeof one>(6).fill(one), ...Array<typeof one>(5).fill(other)]) {
      writings.push(await api.as('admin', criteriaPath, { method: 'PUT', json: defaultCriteria }));
    }
    expect(writings.map(({ status }) => status)).toEqual([...Array<number>(10).fill(200), 429]);
    const policies = writings.map(({ headers }) => headers.get('ratelimit-policy'));
    expect(new Set(policies)).toEqual(new Set(['"config_write";q=10;w=60']));
    const retryAfterSeconds = Number(writings.at(-1)!.headers.get('retry-after'));
    expect(retryAfterSeconds).toBeGreaterThan(0);
    expect(retryAfterSeconds).toBeLessThanOrEqual(60);
  });

  test('the service without its Redis goes on, and says so', { timeout: 30_000 }, async () => {
    const own = await startRedis();
    onTestFinished(() => own.remove());
    const env = { REDIS_URL: own.url, LOG_LEVEL: 'silent' };
    const api = await startApi({ env, later: onTestFinished });
    expect((await api.ask('/ready')).body).toMatchObject({ status: 'ready', checks: { cache: 'up' } });
    await own.server.stop();
    await expect
      .poll(async () => (await api.ask('/ready')).body)
      .toMatchObject({ status: 'degraded', checks: { database: 'up', cache: 'down' } });
    for (const path of ['/dashboard/stats', '/optimization/sessions', '/config/optimization-criteria']) {
      expect((await api.as('viewer', path)).status, path).toBe(200);
    }
    expect((await api.ask<string>('/metrics')).body).toContain('dependency_up{dependency="cache"} 0');
    await own.server.start();
    await expect.poll(async () => (await api.ask('/ready')).body['status'], { timeout: 10_000 }).toBe('ready');
  });
});
