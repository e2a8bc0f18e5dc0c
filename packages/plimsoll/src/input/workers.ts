/** How many threads a run needs, and whether they may spin. */
import type { TestPlan } from '../model/plan.ts';
import { initialVus } from '../model/load-model.ts';
import { peakRate } from './overrides.ts';

/** What one worker carries with room to spare. A second one costs about 8 % more CPU per request, so it is not given away. */
const ratePerWorker = 20_000;
const vusPerWorker = 5000;

export interface Staffing {
  readonly workers: number;
  /** A worker may spin for the last 1.5 ms before an arrival: only where a core is left for others. */
  readonly spin: boolean;
}

export function staffFor(
  tests: readonly Pick<TestPlan, 'scenarios'>[],
  cores: number,
  wanted: number | undefined,
): Staffing {
  const workers = wanted ?? Math.min(Math.max(1, cores - 1), Math.max(1, ...tests.map(workersNeeded)));
  return { workers, spin: cores > workers };
}

/** Sentinels have a worker beside these. */
function workersNeeded({ scenarios: all }: Pick<TestPlan, 'scenarios'>): number {
  const scenarios = all.filter((scenario) => scenario.ownWorker !== true);
  const rate = scenarios.reduce((sum, { load }) => sum + peakRate(load), 0);
  const vus = scenarios.reduce((sum, { load }) => sum + initialVus(load), 0);
  return Math.ceil(Math.max(rate / ratePerWorker, vus / vusPerWorker));
}
