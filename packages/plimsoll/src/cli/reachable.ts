/** Whether the target can be connected to, asked before the first request: once for each way that the tests would take. */
import { systemClock } from '../kernel/clock.ts';
import { TargetUnreachableError } from '../kernel/errors.ts';
import { assertAllowed } from '../kernel/guard.ts';
import type { HttpPlan, RunPlan } from '../model/plan.ts';
import { parseBase } from '../protocol/http1/target-url.ts';
import { dial, type ConnectionTarget } from '../protocol/net/dial.ts';
import { DnsCache } from '../protocol/net/dns-cache.ts';
import { bypassesProxy, parseProxy } from '../protocol/net/proxy.ts';

/** @throws TargetNotAllowedError before any look-up */
export function assertTargetAllowed(url: string, http: HttpPlan, allow: readonly string[]): void {
  const { origin } = parseBase(url);
  if ((http.socketPath ?? origin.socketPath) === undefined) assertAllowed(origin.host, origin.port, allow);
}

/** @throws TargetUnreachableError when no connection (TLS included) is made in the way of one of the tests */
export async function assertReachable({ quick, target, tests }: RunPlan): Promise<void> {
  const url = quick?.url ?? target;
  if (url === '') return;
  const asked = new Set<string>();
  for (const { name, http } of tests) {
    const way = wayOf(http);
    if (asked.has(way)) continue;
    const problem = await problemOf(url, http);
    if (problem !== undefined) {
      // The first way is most likely that of all.
      const as = asked.size === 0 ? '' : ` as '${name}' asks for`;
      const message = `cannot reach ${parseBase(url).origin.href}${as}: ${problem}`;
      throw new TargetUnreachableError(message, { hint: hintFor(problem, quick !== undefined) });
    }
    asked.add(way);
  }
}

/** What of the settings decides on a connection. */
function wayOf({ connectTimeoutMs, tls, proxy, noProxy, socketPath, sourceAddresses }: HttpPlan): string {
  return JSON.stringify([connectTimeoutMs, tls, proxy, noProxy, socketPath, sourceAddresses]);
}

async function problemOf(url: string, http: HttpPlan): Promise<string | undefined> {
  const { origin } = parseBase(url);
  const socketPath = http.socketPath ?? origin.socketPath;
  const isProxied = http.proxy !== undefined && !bypassesProxy(origin.host, origin.port, http.noProxy ?? []);
  const target: ConnectionTarget = {
    protocol: origin.protocol,
    host: origin.host,
    port: origin.port,
    connectTimeoutMs: http.connectTimeoutMs,
    tls: http.tls,
    ...(isProxied && { proxy: parseProxy(http.proxy ?? '') }),
    ...(socketPath !== undefined && { socketPath }),
    ...(http.sourceAddresses?.[0] !== undefined && { sourceAddress: http.sourceAddresses[0] }),
  };
  return connectOnce(target);
}

/** @param isQuick whether the URL itself was given, and no target that has a name */
function hintFor(problem: string, isQuick: boolean): string {
  if (problem.includes('the source address')) return 'give --source-address one that this machine has';
  // A server that answers, but not as wanted, is not one to be started.
  const what = /certificate|TLS|proxy/.test(problem) ? 'mend that' : 'start the server';
  return isQuick ? `${what}, or give another URL` : `${what}, or choose another with --target`;
}

function connectOnce(target: ConnectionTarget): Promise<string | undefined> {
  const onread = { buffer: new Uint8Array(1024), callback: () => true };
  const thread = { dns: new DnsCache(systemClock), clock: systemClock };
  return new Promise((done) => {
    dial(target, { onread }, thread, (result) => {
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
