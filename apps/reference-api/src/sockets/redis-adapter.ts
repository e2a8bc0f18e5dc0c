/** Carries events to the other instances by Redis. While it is away each instance's own clients still hear its events. */
import { createAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';
import type { ServerOptions } from 'socket.io';

export interface SharedEvents {
  readonly adapter: ServerOptions['adapter'];
  close(): void;
}

const mostBackOffMs = 2000;
/** The adapter does not wait for them, so nobody would hear of a failure but the process. */
const unheard = new Set<string | symbol>(['publish', 'subscribe', 'psubscribe', 'unsubscribe', 'punsubscribe']);

export function shareEvents(redisUrl: string): SharedEvents {
  // What cannot be published now would come too late; subscriptions must come through, however long it takes.
  const [publisher, subscriber] = [open(redisUrl, false), open(redisUrl, true)];
  return {
    adapter: createAdapter(forgiving(publisher), forgiving(subscriber)) as ServerOptions['adapter'],
    close: () => {
      publisher.disconnect();
      subscriber.disconnect();
    },
  };
}

function open(redisUrl: string, enableOfflineQueue: boolean): Redis {
  const redis = new Redis(redisUrl, {
    enableOfflineQueue,
    // ioredis asks for INFO when the connection stands. A subscription that was sent just before turns that into an error,
    // from which it recovers without the subscription: the instance would never hear of the others' events again.
    enableReadyCheck: false,
    disableClientInfo: true,
    maxRetriesPerRequest: null,
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 10), mostBackOffMs),
  });
  // That Redis is away is told by the cache's connection.
  redis.on('error', () => undefined);
  return redis;
}

function forgiving(redis: Redis): Redis {
  return new Proxy(redis, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      const method = value as (...given: unknown[]) => unknown;
      if (!unheard.has(name)) return method.bind(target);
      return (...given: unknown[]) => Promise.resolve(method.apply(target, given)).catch(() => undefined);
    },
  });
}
