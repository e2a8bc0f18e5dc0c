/** GET /metrics for Prometheus. Hot path: one look-up and one observation for each answer. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { FastifyRequest, onRequestHookHandler } from 'fastify';
import fp from 'fastify-plugin';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { Cache } from '../ports/cache.ts';
import type { SocketState } from '../ports/sockets.ts';
import type { Stores } from '../ports/stores.ts';
import { failures } from './answers.ts';
import { databaseAnswers, replicaAnswers } from './database-answers.ts';
import { noQuery } from './validation.ts';

interface Duration {
  observe(seconds: number): void;
}
/** Of one route, by status. */
type Durations = Map<number, Duration>;

declare module 'fastify' {
  interface FastifyRequest {
    /** null where no route was found. */
    durations: Durations | null;
  }
}

export interface MetricsOptions {
  readonly stores: Stores;
  readonly cache: Cache;
  readonly sockets: SocketState;
}

/** What comes from a cache takes tenths of a millisecond. */
const bucketsSeconds = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];
/** Whatever nobody has made a route of is one route here, or anybody could make us remember any number of them. */
const noRoute = 'unmatched';

export const metricsPlugin = fp<MetricsOptions>(
  (app, { stores, cache, sockets }, done) => {
    const registry = new Registry();
    collectDefaultMetrics({ register: registry });
    const duration = new Histogram({
      name: 'http_request_duration_seconds',
      help: 'From the first byte of the request to the end of the answer',
      labelNames: ['method', 'route', 'status'] as const,
      buckets: bucketsSeconds,
      registers: [registry],
    });
    app.decorateRequest('durations', null);
    // `request.routeOptions` would make an object of all that is known of the route, for each request.
    app.addHook('onRoute', (route) => {
      const durations: Durations = new Map();
      const mark: onRequestHookHandler = (request, _reply, next) => {
        request.durations = durations;
        next();
      };
      route.onRequest = [mark, ...[route.onRequest ?? []].flat()];
    });
    const childOf = ({ method, routeOptions }: FastifyRequest, status: number): Duration =>
      duration.labels({ method, route: routeOptions.url ?? noRoute, status: String(status) });
    app.addHook('onResponse', (request, reply, next) => {
      const { statusCode } = reply;
      let child = request.durations?.get(statusCode);
      if (child === undefined) {
        child = childOf(request, statusCode);
        request.durations?.set(statusCode, child);
      }
      child.observe(reply.elapsedTime / 1000);
      next();
    });
    watchCache(registry, cache);
    watchPool(registry, stores);
    watchEventLoop(registry);
    watchState(registry, stores, cache);
    watchRateLimits(registry, () => app.rateLimited);
    watchSockets(registry, sockets);
    const text = { description: 'In its text format', content: { 'text/plain': { schema: { type: 'string' } } } };
    const response = { 200: text, ...failures() };
    app.get(
      '/metrics',
      { schema: { tags: ['operation'], summary: 'For Prometheus', querystring: noQuery, response } },
      async (_request, reply) => reply.header('content-type', registry.contentType).send(await registry.metrics()),
    );
    done();
  },
  { name: 'metrics' },
);

function watchCache(registry: Registry, cache: Cache): void {
  for (const [name, of] of [
    ['cache_hits_total', 'hits'],
    ['cache_misses_total', 'misses'],
  ] as const) {
    new Counter({
      name,
      help: `Cache ${of} by topic`,
      labelNames: ['topic'] as const,
      registers: [registry],
      collect() {
        this.reset();
        for (const [topic, counts] of Object.entries(cache.counts())) this.inc({ topic }, counts[of]);
      },
    });
  }
}

function watchPool(registry: Registry, stores: Stores): void {
  new Gauge({
    name: 'database_pool_connections',
    help: 'Connections to a database by state; waiting: requests that wait for one',
    labelNames: ['database', 'state'] as const,
    registers: [registry],
    collect() {
      for (const [database, pool] of Object.entries(stores.pools())) {
        this.set({ database, state: 'in_use' }, pool.inUse);
        this.set({ database, state: 'idle' }, pool.idle);
        this.set({ database, state: 'waiting' }, pool.waiting);
      }
    },
  });
}

function watchEventLoop(registry: Registry): void {
  const resolutionMs = 10;
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  new Gauge({
    name: 'event_loop_delay_seconds',
    help: 'Since the last reading',
    labelNames: ['quantile'] as const,
    registers: [registry],
    collect() {
      for (const [quantile, percentile] of [
        ['0.5', 50],
        ['0.99', 99],
        ['1', 100],
      ] as const) {
        // It measures from one of its timers to the next: the delay is what goes beyond their distance.
        const lateNs = delay.count === 0 ? 0 : delay.percentile(percentile) - resolutionMs * 1e6;
        this.set({ quantile }, Math.max(0, lateNs / 1e9));
      }
      delay.reset();
    },
  });
}

function watchState(registry: Registry, stores: Stores, cache: Cache): void {
  new Gauge({
    name: 'dependency_up',
    help: '1 while it answers',
    labelNames: ['dependency'] as const,
    registers: [registry],
    async collect() {
      const [database, replica] = await Promise.all([databaseAnswers(stores), replicaAnswers(stores)]);
      this.set({ dependency: 'database' }, database ? 1 : 0);
      this.set({ dependency: 'cache' }, cache.isHealthy() ? 1 : 0);
      if (replica !== undefined) this.set({ dependency: 'replica' }, replica ? 1 : 0);
    },
  });
}

function watchRateLimits(registry: Registry, refused: () => Readonly<Record<string, number>>): void {
  new Counter({
    name: 'rate_limited_total',
    help: 'Requests refused with 429, by limit',
    labelNames: ['limit'] as const,
    registers: [registry],
    collect() {
      this.reset();
      for (const [limit, count] of Object.entries(refused())) this.inc({ limit }, count);
    },
  });
}

function watchSockets(registry: Registry, sockets: SocketState): void {
  new Gauge({
    name: 'sockets_open',
    help: 'Socket.IO clients connected to this instance',
    registers: [registry],
    collect() {
      this.set(sockets.open);
    },
  });
  const counters = [
    ['socket_events_published_total', 'Events published here, by name', 'event', 'published'],
    ['sockets_refused_total', 'Attempts to connect that were refused, by reason', 'reason', 'refused'],
  ] as const;
  for (const [name, help, label, of] of counters) {
    new Counter({
      name,
      help,
      labelNames: [label],
      registers: [registry],
      collect() {
        this.reset();
        for (const [key, count] of Object.entries(sockets.counts[of])) this.inc({ [label]: key }, count);
      },
    });
  }
  new Counter({
    name: 'sockets_cut_total',
    help: 'Clients cut because they did not read',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(sockets.counts.cut);
    },
  });
}
