/** From a threshold as it is written, alone or with options, to the plain data of a plan. */
import { TestFileError } from '../kernel/errors.ts';
import { shown } from '../kernel/shown.ts';
import { parseDurationMs } from '../kernel/units.ts';
import type { ThresholdPlan } from './plan.ts';
import type { ThresholdInput } from './suite.ts';

const defaultAbortAfterMs = 10_000;

/** Errors: TestFileError, UnitSyntaxError. */
export function thresholdPlan(input: ThresholdInput): ThresholdPlan {
  if (typeof input === 'string') return { expression: input };
  const [expression, options = {}] = Array.isArray(input) ? (input as readonly [string, object?]) : [undefined];
  if (typeof expression !== 'string') {
    throw new TestFileError(`a threshold is ${shown(input)}, expected a text, or a list of a text and options`, {
      hint: "write 'latency.p95 < 2s', or ['latency.p95 < 2s', { window: '10s' }]",
    });
  }
  const { window, abort, abortAfter } = options as Exclude<ThresholdInput, string>[1];
  return {
    expression,
    ...(window !== undefined && { windowMs: parseDurationMs(window) }),
    ...(abort !== undefined && { abort, abortAfterMs: parseDurationMs(abortAfter ?? defaultAbortAfterMs) }),
  };
}
