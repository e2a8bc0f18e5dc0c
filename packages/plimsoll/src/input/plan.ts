/** Tests as discovered, the configuration and the command line → what will be run. Pure. */
import { atItsPlace, TestFileError, UsageError } from '../kernel/errors.ts';
import { formatDuration } from '../kernel/units.ts';
import type { Config } from '../model/config.ts';
import { plannedDurationMs } from '../model/load-model.ts';
import { asPlanned } from '../model/default-http.ts';
import type { HttpPlan, RunPlan, TestPlan } from '../model/plan.ts';
import { assertThresholds } from './check-thresholds.ts';
import { withDefaultThresholds } from './default-thresholds.ts';
import { overrideFanOut } from './fan-out-overrides.ts';
import { withinLimits } from './limits.ts';
import { overrideLoad, type LoadOverrides } from './overrides.ts';
import { assertDistinct, selectTests, suiteFilters } from './select-tests.ts';
import type { Target } from './target.ts';
import { staffFor } from './workers.ts';

/** A test as the engine found it in a file. */
export type FoundTest = Omit<TestPlan, 'id'>;

export interface RunWishes extends LoadOverrides {
  readonly filters: readonly string[];
  readonly suite?: string | undefined;
  readonly allow: readonly string[];
  readonly seed?: number | undefined;
  readonly workers?: number | undefined;
  readonly sourceAddresses: readonly string[];
  readonly debug: boolean;
}

export interface PlanBasis {
  readonly config: Config;
  readonly target: Target;
  readonly wishes: RunWishes;
  readonly root: string;
  /** file: URL of the bundle. */
  readonly bundleUrl: string;
  readonly cores: number;
}

/** The plan as far as it is known before the test files have been loaded: without tests. */
export function planBeforeDiscovery({ config, target, wishes, root, bundleUrl, cores }: PlanBasis): RunPlan {
  return {
    target: target.url,
    guard: { allow: [...(config.allow ?? []), ...wishes.allow] },
    seed: wishes.seed ?? 1,
    ...staffFor([], cores, wishes.workers),
    debug: wishes.debug,
    root,
    bundlePath: bundleUrl,
    httpDefaults: httpBeneath(config, target),
    tests: [],
  };
}

function httpBeneath(config: Config, target: Target): Partial<HttpPlan> {
  const http = asPlanned(config.http ?? {});
  return { ...http, headers: { ...http.headers, ...target.headers } };
}

/** @throws TestFileError, UsageError: doubled names, nothing selected, an override that means nothing, a ceiling */
export function planRun(found: readonly FoundTest[], basis: PlanBasis): RunPlan {
  const { config, wishes, cores } = basis;
  assertDistinct(found);
  const suite = wishes.suite === undefined ? [] : suiteFilters(config, wishes.suite);
  const selected = selectTests(found, wishes.filters, suite);
  const tests = withOverrides(selected, wishes).map((test, id): TestPlan => {
    const sourceAddresses = wishes.sourceAddresses.length > 0 ? { sourceAddresses: wishes.sourceAddresses } : {};
    const limited = withinLimits(test, config.limits ?? {});
    assertSomethingIsJudged(test);
    assertThresholds(test);
    return {
      ...limited,
      id,
      thresholds: withDefaultThresholds(test.thresholds, config.thresholds ?? []),
      http: { ...test.http, ...sourceAddresses },
    };
  });
  return { ...planBeforeDiscovery(basis), ...staffFor(tests, cores, wishes.workers), tests };
}

/** Errors: TestFileError with the test's place and name in front. */
function named<T>({ file, line, name }: FoundTest, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof TestFileError)) throw error;
    throw atItsPlace(`${file}:${line} '${name}' as the command line changes it`, error);
  }
}

/** Judged is what comes after the warm-up, in whole seconds: with nothing left, every threshold would miss its samples. */
function assertSomethingIsJudged({ name, scenarios, warmUpMs }: FoundTest): void {
  const loadMs = Math.max(0, ...scenarios.map((each) => each.startAfterMs + plannedDurationMs(each.load)));
  const leftOutMs = Math.ceil(warmUpMs / 1000) * 1000;
  if (warmUpMs === 0 || leftOutMs < loadMs) return;
  throw new TestFileError(
    `the warm-up of '${name}' leaves nothing of its load: ${formatDuration(leftOutMs)} of ${formatDuration(loadMs)}`,
    { hint: 'shorten the warm-up, or lengthen the load' },
  );
}

const flagOf = { vus: '--vus', rate: '--rate', durationMs: '--duration', iterations: '--iterations' } as const;

function withOverrides(tests: readonly FoundTest[], wishes: RunWishes): FoundTest[] {
  const used = new Set<keyof LoadOverrides>();
  const note = (names: readonly (keyof LoadOverrides)[]): void => {
    for (const name of names) used.add(name);
  };
  const overridden = tests.map((test): FoundTest => {
    if (test.fanOut !== undefined) {
      const { test: changed, used: usedHere } = named(test, () => overrideFanOut(test.fanOut!, wishes));
      note(usedHere);
      return { ...test, ...changed };
    }
    const scenarios = test.scenarios.map((scenario) => {
      const { load, used: usedHere } = overrideLoad(scenario.load, wishes);
      note(usedHere);
      return { ...scenario, load };
    });
    return { ...test, scenarios };
  });
  for (const [name, flag] of Object.entries(flagOf) as [keyof LoadOverrides, string][]) {
    if (wishes[name] === undefined || used.has(name)) continue;
    throw new UsageError(`${flag} means nothing to the chosen tests: none has a load model it could change`, {
      hint: 'a rate belongs to constantArrivalRate and rampingArrivalRate',
    });
  }
  return overridden;
}
