/** From a threshold as it is written, alone or with options, to the plain data of a plan. */
import { parseDurationMs } from '../kernel/units.ts';
import type { ThresholdPlan } from './plan.ts';
import type { ThresholdInput } from './suite.ts';

const defaultAbortAfterMs = 10_000;

export function thresholdPlan(input: ThresholdInput): ThresholdPlan {
  if (typeof input === 'string') return { expression: input };
  const [expression, { window, abort, abortAfter }] = input;
  return {
    expression,
    ...(window !== undefined && { windowMs: parseDurationMs(window) }),
    ...(abort !== undefined && { abort, abortAfterMs: parseDurationMs(abortAfter ?? defaultAbortAfterMs) }),
  };
}
