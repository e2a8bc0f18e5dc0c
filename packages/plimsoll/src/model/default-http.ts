/** How requests are made where neither the test nor the configuration says otherwise. */
import { parseDurationMs } from '../kernel/units.ts';
import type { HttpPlan, TracePlan } from './plan.ts';
import type { HttpDefaults } from './suite.ts';

export const defaultHttp: HttpPlan = {
  headers: {},
  timeoutMs: 30_000,
  connectTimeoutMs: 10_000,
  maxRedirects: 5,
  connectionsPerHost: 6,
  maxBodyBytes: 16 * 1024 * 1024,
  tls: {},
  decompress: true,
  trace: false,
};

/** What a user wrote about HTTP, in the plan's terms: only what was written. */
export function asPlanned(given: HttpDefaults): Partial<HttpPlan> {
  const { timeout, connectTimeout, redirects, trace, ...rest } = given;
  return {
    ...rest,
    ...(timeout !== undefined && { timeoutMs: parseDurationMs(timeout) }),
    ...(connectTimeout !== undefined && { connectTimeoutMs: parseDurationMs(connectTimeout) }),
    ...(redirects !== undefined && { maxRedirects: redirects }),
    ...(trace !== undefined && { trace: plannedTrace(trace) }),
  };
}

function plannedTrace(trace: NonNullable<HttpDefaults['trace']>): false | TracePlan {
  if (trace === false) return false;
  return { sampled: trace === true ? 1 : (trace.sampled ?? 1) };
}
