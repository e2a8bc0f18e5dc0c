/** What is wrong with a threshold and can be known before anything is sent. */
import { nearest } from '../kernel/nearest.ts';
import { parseThreshold, ThresholdSyntaxError } from '../model/parse-threshold.ts';
import type { TestPlan } from '../model/plan.ts';
import { iterationMetrics, ownMetrics as metricsOfTheirOwn, windowlessMetrics } from '../model/threshold-words.ts';

type Checked = Pick<TestPlan, 'file' | 'line' | 'scenarios' | 'thresholds' | 'ownMetrics'>;

/**
 * Names of metrics and scenarios are known; those of series, steps and checks are not.
 *
 * Errors: ThresholdSyntaxError.
 */
export function assertThresholds({ file, line, scenarios, thresholds, ownMetrics = [] }: Checked): void {
  const place = `${file}:${line}`;
  const isOneOf = (list: readonly string[], word: string): boolean => list.includes(word);
  const scenarioNames = scenarios.map(({ name }) => name);
  for (const { expression, windowMs } of thresholds) {
    const { scope, metric } = parseThreshold(expression, place);
    const assertOneOf = (what: string, names: readonly string[]): void => {
      if (scope === undefined || names.includes(scope)) return;
      const meant = nearest(scope, names);
      const hint = meant === undefined ? hintOf(what, names) : `did you mean '${meant}'?`;
      throw new ThresholdSyntaxError(expression, 0, `the name of ${what}`, hint, place);
    };
    if (windowMs !== undefined && isOneOf(windowlessMetrics, metric)) {
      const expected = `no window: ${metric} is measured of the whole test`;
      throw new ThresholdSyntaxError(expression, 0, expected, 'leave the window out', place);
    }
    if (isOneOf(metricsOfTheirOwn, metric)) assertOneOf('a metric of your own', ownMetrics);
    else if (isOneOf(iterationMetrics, metric)) assertOneOf('a scenario', scenarioNames);
  }
}

function hintOf(what: string, names: readonly string[]): string {
  return names.length === 0 ? `${what} is declared nowhere` : `there are ${names.join(', ')}`;
}
