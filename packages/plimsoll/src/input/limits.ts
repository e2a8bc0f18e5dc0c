/** The ceiling that a configuration puts on every test, so that no typing error loads a server tenfold. */
import { UsageError } from '../kernel/errors.ts';
import { parseRatePerSecond } from '../kernel/units.ts';
import type { LimitsConfig } from '../model/config.ts';
import { initialVus } from '../model/load-model.ts';
import type { ScenarioPlan, TestPlan } from '../model/plan.ts';
import { peakRate } from './overrides.ts';

type LimitedTest = Pick<TestPlan, 'name' | 'scenarios'>;

/**
 * The test with the VUs that it may grow to cut to the ceiling.
 *
 * @throws UsageError when what it asks for outright lies above
 */
export function withinLimits<Test extends LimitedTest>(test: Test, limits: LimitsConfig): Test {
  const { maxVus = Number.POSITIVE_INFINITY } = limits;
  const maxRate = limits.maxRate === undefined ? Number.POSITIVE_INFINITY : parseRatePerSecond(limits.maxRate);
  const rate = sumOf(test.scenarios, ({ load }) => peakRate(load));
  const vus = sumOf(test.scenarios, ({ load }) => initialVus(load));
  if (rate > maxRate)
    throw above(test.name, `${format(rate)} arrivals a second`, `${format(maxRate)} (limits.maxRate)`);
  if (vus > maxVus) throw above(test.name, `${format(vus)} VUs`, `${format(maxVus)} (limits.maxVus)`);
  let spare = maxVus - vus;
  const scenarios = test.scenarios.map((scenario): ScenarioPlan => {
    const { load } = scenario;
    if (load.kind !== 'arrival-rate') return scenario;
    const more = Math.min(load.maxVus - load.vus, spare);
    spare -= more;
    return { ...scenario, load: { ...load, maxVus: load.vus + more } };
  });
  return { ...test, scenarios };
}

function above(test: string, asked: string, ceiling: string): UsageError {
  return new UsageError(`'${test}' asks for ${asked}; the ceiling of this project is ${ceiling}`, {
    hint: 'lower the load, or raise the limit in plimsoll.config.ts',
  });
}

function sumOf(scenarios: readonly ScenarioPlan[], value: (scenario: ScenarioPlan) => number): number {
  return scenarios.reduce((sum, scenario) => sum + value(scenario), 0);
}

function format(value: number): string {
  return String(Math.round(value * 100) / 100);
}
