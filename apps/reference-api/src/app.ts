/** The server: infrastructure first, then what the routes work with, then the routes. */
import { fastify, LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { authPlugin } from './http/auth.ts';
import { describeRoutes } from './http/docs.ts';
import { answerError, clientErrorAnswerer, handleErrors } from './http/errors.ts';
import { parseJsonBodies } from './http/json-body.ts';
import { metricsPlugin } from './http/metrics.ts';
import { rateLimitPlugin } from './http/rate-limits.ts';
import { logUnusual } from './http/request-log.ts';
import { requestIdOf, securityPlugin, setSecurityHeaders } from './http/security.ts';
import { setValidation } from './http/validation.ts';
import type { Cache } from './ports/cache.ts';
import type { CriteriaStore } from './ports/criteria-store.ts';
import type { RateLimiter } from './ports/rate-limiter.ts';
import { MemoryRateLimiter } from './rate-limit/memory-rate-limiter.ts';
import type { Stores } from './ports/stores.ts';
import type { ServerOptions } from 'socket.io';
import { authRoutes } from './routes/auth-routes.ts';
import { criteriaRoutes } from './routes/criteria-routes.ts';
import { dashboardRoutes } from './routes/dashboard-routes.ts';
import { healthRoutes } from './routes/health-routes.ts';
import { sessionRoutes } from './routes/session-routes.ts';
import { CriteriaService } from './services/criteria-service.ts';
import { DashboardService } from './services/dashboard-service.ts';
import { Optimiser } from './services/optimiser.ts';
import { SessionService } from './services/session-service.ts';
import { upgradeOptions } from './sockets/foreign-upgrades.ts';
import { isSocketUpgrade, PlatformSockets } from './sockets/platform-sockets.ts';
import type { Settings } from './settings.ts';

export interface AppParts {
  readonly settings: Pick<
    Settings,
    | 'instance'
    | 'switches'
    | 'optimiserStepMs'
    | 'secret'
    | 'tokenTtlSeconds'
    | 'rateLimits'
    | 'corsOrigins'
    | 'trustedProxies'
  >;
  readonly stores: Stores;
  readonly cache: Cache;
  readonly criteriaStore: CriteriaStore;
  readonly rateLimiter: RateLimiter;
  readonly log: FastifyBaseLogger;
  readonly isStopping?: () => boolean;
  /** Carries events to other instances. */
  readonly socketAdapter?: ServerOptions['adapter'];
}

declare module 'fastify' {
  interface FastifyInstance {
    sockets: PlatformSockets;
  }
}

const mostBodyBytes = 64 * 1024;
const socketsPerUser = 20;

export async function buildApp(parts: AppParts): Promise<FastifyInstance> {
  const { settings, log } = parts;
  const app: FastifyInstance = fastify({
    loggerInstance: log,
    http: upgradeOptions(isSocketUpgrade),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: mostBodyBytes,
    requestTimeout: 30_000,
    keepAliveTimeout: 72_000,
    // What is in flight when it stops is answered, and the connection closed after it.
    return503OnClosing: false,
    requestIdHeader: false,
    trustProxy: [...settings.trustedProxies],
    // A logger for each request would cost more than the few lines that are logged: they name the request themselves.
    childLoggerFactory: (logger) => logger,
    genReqId: (request) => requestIdOf(request.headers['x-request-id']),
    // A URL that cannot be decoded is refused before a route is found, and no hook runs.
    frameworkErrors: (error, request, reply) => {
      setSecurityHeaders(request, reply, settings);
      void answerError(error, request, reply);
    },
    clientErrorHandler: clientErrorAnswerer(settings.instance, log),
    routerOptions: { maxParamLength: 100 },
  });
  setValidation(app);
  parseJsonBodies(app);
  handleErrors(app);
  await app.register(securityPlugin, settings);
  logUnusual(app);
  await app.register(authPlugin, settings);
  await app.register(rateLimitPlugin, {
    enabled: settings.rateLimits,
    limiter: parts.rateLimiter,
    ownLimiter: new MemoryRateLimiter(),
  });
  await describeRoutes(app);
  app.decorate('sockets', openSockets(app, parts));
  await app.register(metricsPlugin, { ...parts, sockets: app.sockets });
  await addRoutes(app, parts);
  return app;
}

function openSockets(app: FastifyInstance, { settings, log, socketAdapter }: AppParts): PlatformSockets {
  const sockets = new PlatformSockets({
    server: app.server,
    instance: settings.instance,
    rooms: settings.switches.rooms,
    callerOf: (token) => app.callerOfToken(token),
    connectionsPerUser: settings.rateLimits ? socketsPerUser : undefined,
    corsOrigins: settings.corsOrigins,
    adapter: socketAdapter,
    log,
  });
  app.addHook('onClose', () => sockets.stop());
  return sockets;
}

async function addRoutes(app: FastifyInstance, parts: AppParts): Promise<void> {
  const { settings, stores, cache, criteriaStore, log, isStopping = () => false } = parts;
  const { switches } = settings;
  const optimiser = new Optimiser(stores.sessions, {
    stepMs: settings.optimiserStepMs,
    log,
    // Progress shows when a page is next computed; what changes a status shows at once.
    onEvent: async (event) => {
      const { name } = event;
      if (name === 'session_completed' || name === 'session_failed') await cache.invalidate('sessions');
      // Whoever hears of it and asks at once is to see it.
      app.sockets.publish(event);
    },
  });
  app.addHook('onClose', () => optimiser.stop());
  const dashboard = new DashboardService(stores, cache, switches);
  await app.register(healthRoutes, { stores, cache, isStopping });
  await app.register(authRoutes, { users: stores.users, tokenTtlSeconds: settings.tokenTtlSeconds });
  await app.register(dashboardRoutes, { dashboard });
  await app.register(sessionRoutes, { sessions: new SessionService(stores, cache, switches, optimiser) });
  await app.register(criteriaRoutes, { criteria: new CriteriaService(criteriaStore, cache, switches) });
  app.addHook('onReady', () => dashboard.warm(log));
}
