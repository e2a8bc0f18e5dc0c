import type { BackoffPlan } from '../../../model/fan-out-plan.ts';

/**
 * How long to wait before attempt `n`, from 0, in ms: delay · factorⁿ up to the limit, spread evenly by ± jitter.
 *
 * @param uniform from 0 to 1
 */
export function backoffMs({ delayMs, maxDelayMs, factor, jitter }: BackoffPlan, n: number, uniform: number): number {
  const waitMs = Math.min(maxDelayMs, delayMs * factor ** n);
  return waitMs * (1 + jitter * (2 * uniform - 1));
}
