/** Whether the target can be connected to, asked once before the first request. */
import { systemClock } from '../kernel/clock.ts';
import { TargetUnreachableError } from '../kernel/errors.ts';
import { assertAllowed } from '../kernel/guard.ts';
import type { HttpPlan } from '../model/plan.ts';
import { parseBase } from '../protocol/http1/target-url.ts';
import { dial, type DialOptions } from '../protocol/net/dial.ts';
import { DnsCache } from '../protocol/net/dns-cache.ts';
import { bypassesProxy, parseProxy } from '../protocol/net/proxy.ts';

/** @throws TargetNotAllowedError before any look-up */
export function assertTargetAllowed(url: string, http: HttpPlan, allow: readonly string[]): void {
  const { origin } = parseBase(url);
  if ((http.socketPath ?? origin.socketPath) === undefined) assertAllowed(origin.host, origin.port, allow);
}

/**
 * @param url base URL or the URL of a request
 * @param isQuick whether the URL itself was given, and no target that has a name
 * @throws TargetUnreachableError when no connection (TLS included) is made
 */
export async function assertReachable(url: string, http: HttpPlan, isQuick: boolean): Promise<void> {
  const { origin } = parseBase(url);
  const socketPath = http.socketPath ?? origin.socketPath;
  const isProxied = http.proxy !== undefined && !bypassesProxy(origin.host, origin.port, http.noProxy ?? []);
  const options: DialOptions = {
    protocol: origin.protocol,
    host: origin.host,
    port: origin.port,
    connectTimeoutMs: http.connectTimeoutMs,
    tls: http.tls,
    ...(isProxied && { proxy: parseProxy(http.proxy ?? '') }),
    ...(socketPath !== undefined && { socketPath }),
    ...(http.sourceAddresses?.[0] !== undefined && { sourceAddress: http.sourceAddresses[0] }),
    onread: { buffer: new Uint8Array(1024), callback: () => true },
  };
  const problem = await connectOnce(options);
  if (problem === undefined) return;
  throw new TargetUnreachableError(`cannot reach ${origin.href}: ${problem}`, {
    hint: hintFor(problem, isQuick),
  });
}

function hintFor(problem: string, isQuick: boolean): string {
  if (problem.includes('the source address')) return 'give --source-address one that this machine has';
  // A server that answers, but not as wanted, is not one to be started.
  const what = /certificate|TLS|proxy/.test(problem) ? 'mend that' : 'start the server';
  return isQuick ? `${what}, or give another URL` : `${what}, or choose another with --target`;
}

function connectOnce(options: DialOptions): Promise<string | undefined> {
  return new Promise((done) => {
    dial(options, new DnsCache(systemClock), systemClock, (result) => {
      if (!result.ok) {
        done(result.error.message);
        return;
      }
      // A server may reset a connection that brings no request; that is no longer of interest.
      result.socket.on('error', () => undefined);
      result.socket.destroy();
      done(undefined);
    });
  });
}
