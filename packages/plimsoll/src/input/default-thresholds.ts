/** The thresholds of the configuration, which hold for a test as far as it has none of its own on the same thing. */
import type { ThresholdPlan } from '../model/plan.ts';
import type { ThresholdInput } from '../model/suite.ts';
import { thresholdPlan } from '../model/threshold-plan.ts';

export function withDefaultThresholds(
  own: readonly ThresholdPlan[],
  defaults: readonly ThresholdInput[],
): ThresholdPlan[] {
  const judged = new Set(own.map(subjectOf));
  return [...own, ...defaults.map(thresholdPlan).filter((plan) => !judged.has(subjectOf(plan)))];
}

/** What a threshold is about, 'GET /a: latency.p95', without what it demands. */
function subjectOf({ expression }: ThresholdPlan): string {
  return expression
    .replace(/\s*[<>=!]=?[^<>=!]*$/, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
