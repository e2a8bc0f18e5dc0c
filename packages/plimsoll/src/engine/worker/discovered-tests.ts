/** From what `loadTest` registered to plain plans: defaults filled in, functions left behind. */
import { atItsPlace, TestFileError } from '../../kernel/errors.ts';
import { shown } from '../../kernel/shown.ts';
import { parseDurationMs } from '../../kernel/units.ts';
import { asPlanned, defaultHttp } from '../../model/default-http.ts';
import { fanOutScenarios } from '../../model/fan-out-scenarios.ts';
import type { HttpPlan, ScenarioPlan, ThresholdPlan } from '../../model/plan.ts';
import type { RegisteredTest } from '../../model/registered-test.ts';
import type { HttpDefaults, ThresholdInput } from '../../model/suite.ts';
import { thresholdPlan } from '../../model/threshold-plan.ts';
import type { DiscoveredTest } from '../channel.ts';
import { assertKnownOptions, assertSwitch } from '../known-options.ts';

const defaultGracefulStopMs = 30_000;

/**
 * @param beneath the project's own HTTP defaults, laid beneath what each test says
 * @param ownMetrics the names of all that the files declare
 *
 * Errors: TestFileError, UnitSyntaxError: with the test's name in front.
 */
export function discoveredTests(
  tests: readonly RegisteredTest[],
  beneath: Partial<HttpPlan> = {},
  ownMetrics: readonly string[] = [],
): DiscoveredTest[] {
  return tests.map((test) => {
    try {
      return { ...discovered(test, beneath), ...(ownMetrics.length > 0 && { ownMetrics }) };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      throw atItsPlace(`${test.file}:${test.line} '${test.name}'`, error);
    }
  });
}

function discovered(
  { file, line, group, name, options, scenarios, fanOut }: RegisteredTest,
  beneath: Partial<HttpPlan>,
): DiscoveredTest {
  return {
    file,
    line,
    group,
    name,
    scenarios: fanOut === undefined ? scenarioPlans(scenarios) : fanOutScenarios(fanOut.plan),
    ...(fanOut !== undefined && { fanOut: fanOut.plan }),
    thresholds: thresholdPlans(options.thresholds ?? []),
    warmUpMs: parseDurationMs(options.warmUp ?? 0),
    gracefulStopMs: parseDurationMs(options.gracefulStop ?? defaultGracefulStopMs),
    connections: options.connections ?? 'before',
    http: httpPlan(options.http ?? {}, beneath),
    tags: options.tags ?? {},
    hasSetup: options.setup !== undefined,
    hasTeardown: options.teardown !== undefined,
  };
}

function thresholdPlans(given: NonNullable<RegisteredTest['options']['thresholds']>): ThresholdPlan[] {
  if (!Array.isArray(given)) {
    throw new TestFileError(`thresholds are ${shown(given)}, expected a list`, { hint: "write ['success >= 99%']" });
  }
  return given.map((each: ThresholdInput) => {
    if (Array.isArray(each) && each.length > 1) assertKnownOptions('a threshold', 'threshold', each[1]);
    return thresholdPlan(each);
  });
}

function scenarioPlans(scenarios: RegisteredTest['scenarios']): ScenarioPlan[] {
  return Object.entries(scenarios).map(([name, { load, startAfter }]) => ({
    name,
    load,
    startAfterMs: parseDurationMs(startAfter ?? 0),
  }));
}

/** Errors: TestFileError. */
function httpPlan(given: HttpDefaults, beneath: Partial<HttpPlan>): HttpPlan {
  assertKnownOptions('http', 'http', given);
  if (given.basic !== undefined) assertKnownOptions('http.basic', 'basic', given.basic);
  if (given.tls !== undefined) assertKnownOptions('http.tls', 'tls', given.tls);
  assertTrace(given.trace);
  const own = asPlanned(given);
  return { ...defaultHttp, ...beneath, ...own, headers: { ...beneath.headers, ...own.headers } };
}

/** Errors: TestFileError. */
function assertTrace(trace: HttpDefaults['trace']): void {
  assertSwitch('http.trace', 'trace', trace);
  if (typeof trace !== 'object' || trace.sampled === undefined) return;
  // Test files are not always checked by a compiler.
  const sampled: unknown = trace.sampled;
  if (typeof sampled === 'number' && sampled >= 0 && sampled <= 1) return;
  throw new TestFileError(`http.trace.sampled is ${shown(sampled)}, expected a share from 0 to 1`);
}
