/**
 * Stops without losing a request. Closing idle connections at once would cut off the request that is already on its way
 * over one of them; so each is answered once more with `connection: close`, and only what stays silent is closed.
 */
import { Server as NetServer } from 'node:net';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';

export interface Stopper {
  readonly isStopping: () => boolean;
  /** Resolves when everything is over, at the latest after the time-out. */
  stop(): Promise<void>;
}

export interface StopperOptions {
  /** From the first word to the end. */
  readonly timeoutMs: number;
  /** Idle connections may speak once more for so long. */
  readonly idleMs?: number;
  /** Ends what is no request, before the connections are waited for. */
  readonly onStop?: () => Promise<void>;
}

const lookEveryMs = 25;
const mostKnockingMs = 1000;

export function stopper(app: FastifyInstance, { timeoutMs, idleMs = 2000, onStop }: StopperOptions): Stopper {
  let stopping = false;
  let inFlight = 0;
  const { server } = app;
  const over = (): void => {
    inFlight--;
  };
  server.prependListener('request', (_request, response) => {
    inFlight++;
    if (stopping) response.shouldKeepAlive = false;
    response.on('close', over);
  });
  let accepted = 0;
  server.prependListener('connection', () => accepted++);
  const connections = (): Promise<number> =>
    new Promise((resolve) => {
      server.getConnections((error, count) => {
        resolve(error === null ? count : 0);
      });
    });

  return {
    isStopping: () => stopping,
    async stop() {
      stopping = true;
      const beganMs = performance.now();
      await takeInWhoKnocks(() => accepted);
      await onStop?.();
      // Not the HTTP server's own close, which ends idle connections at once.
      NetServer.prototype.close.call(server);
      let idleSinceMs = beganMs;
      while ((await connections()) > 0) {
        const nowMs = performance.now();
        if (inFlight > 0) idleSinceMs = nowMs;
        if (nowMs - beganMs > timeoutMs || nowMs - idleSinceMs > idleMs) break;
        await pause(lookEveryMs);
      }
      server.closeAllConnections();
      await app.close();
    },
  };
}

/**
 * The system resets connections that it has taken and we have not. Each turn of the loop takes one or more, so turns
 * that take none say that nobody waits. Those who come without end are for the listener that follows.
 */
async function takeInWhoKnocks(accepted: () => number): Promise<void> {
  const untilMs = performance.now() + mostKnockingMs;
  let before: number;
  do {
    before = accepted();
    for (let turn = 0; turn < 3; turn++) await nextTurn();
  } while (accepted() > before && performance.now() < untilMs);
}
