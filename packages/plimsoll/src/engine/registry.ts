/**
 * Where test files put what they declare. It hangs on the global object, so that a second copy of this module (another
 * install, another bundle) still fills the same registry. One per thread.
 */
import { TestFileError } from '../kernel/errors.ts';
import { isLoadModel } from '../model/load-model.ts';
import type { RegisteredTest } from '../model/registered-test.ts';
import type { CommonOptions, ScenarioOptions, ScenariosOptions, SingleOptions, TestFunction } from '../model/suite.ts';
import { assertKnownOptions } from './known-options.ts';

interface Registry {
  file: string;
  groups: string[];
  readonly tests: RegisteredTest[];
  readonly metrics: Map<string, OwnMetricRecord>;
  abort: ((reason: string) => void) | undefined;
  /** The test files have been loaded: nothing more can be declared. */
  isSealed: boolean;
}

/** What a test recorded of its own since the last snapshot. */
export interface OwnMetricRecord {
  readonly name: string;
  readonly kind: 'trend' | 'counter' | 'rate';
  readonly unit: string;
  /** Set while a test runs in this thread. */
  record: ((value: number) => void) | undefined;
}

const key = Symbol.for('plimsoll.registry');

export function registry(): Registry {
  const globals = globalThis as unknown as Record<symbol, Registry | undefined>;
  globals[key] ??= { file: '', groups: [], tests: [], metrics: new Map(), abort: undefined, isSealed: false };
  return globals[key];
}

/** Names the tests declared inside; groups nest as 'outer > inner'. */
export function group(name: string, declare: () => void): void {
  const { groups } = registry();
  groups.push(name);
  try {
    declare();
  } finally {
    groups.pop();
  }
}

/** Declares a test with one load model. */
export function loadTest<Data = undefined, State = undefined>(
  name: string,
  options: SingleOptions<Data, State>,
  run: TestFunction<NoInfer<Data>, NoInfer<State>>,
): void;
/** Declares a test whose scenarios run together under one set-up and one set of thresholds. */
export function loadTest<Data = undefined, State = undefined>(
  name: string,
  options: ScenariosOptions<Data, State>,
): void;
export function loadTest<Data, State>(
  name: string,
  options: SingleOptions<Data, State> | ScenariosOptions<Data, State>,
  run?: TestFunction<Data, State>,
): void {
  declareTest({ name, options, scenarios: scenariosOf(name, options, run) });
}

interface Declaration<Data, State> {
  readonly name: string;
  readonly options: CommonOptions<Data, State>;
  readonly scenarios: Readonly<Record<string, ScenarioOptions<Data, State>>>;
  readonly fanOut?: RegisteredTest['fanOut'] | object;
}

/** Enters a test of the file that is being loaded. */
export function declareTest<Data, State>(declaration: Declaration<Data, State>): void {
  const { file, groups, tests } = registry();
  // The registry holds tests of every data type; each function only ever meets its own test's data.
  const test = declaration as unknown as Pick<RegisteredTest, 'name' | 'options' | 'scenarios' | 'fanOut'>;
  tests.push({ file, line: callerLine(), group: groups.join(' > '), ...test });
}

function scenariosOf<Data, State>(
  name: string,
  options: SingleOptions<Data, State> | ScenariosOptions<Data, State>,
  run: TestFunction<Data, State> | undefined,
): Readonly<Record<string, ScenarioOptions<Data, State>>> {
  if ('scenarios' in options) {
    assertKnownOptions(`test '${name}'`, 'several', options);
    const scenarios = Object.entries(options.scenarios);
    for (const [scenario, given] of scenarios) {
      assertKnownOptions(`scenario '${scenario}' of test '${name}'`, 'scenario', given);
      if (isLoadModel(given.load) && typeof given.run === 'function') continue;
      throw new TestFileError(`scenario '${scenario}' of test '${name}' needs a load model and a function`, {
        hint: 'write { load: constantVus({ … }), run: async ({ http }) => { … } }',
      });
    }
    if (scenarios.length > 0) return options.scenarios;
    throw new TestFileError(`test '${name}' has no scenario`, { hint: 'give it a load and a function, or scenarios' });
  }
  assertKnownOptions(`test '${name}'`, 'single', options);
  const { load } = options;
  if (!isLoadModel(load) || typeof run !== 'function') {
    throw new TestFileError(`test '${name}' needs a load model and a function`, {
      hint: "write loadTest('name', { load: constantVus({ vus: 1, duration: '10s' }) }, async ({ http }) => { … })",
    });
  }
  return { default: { load, run } };
}

/** The line in the test file that called `loadTest`, from the (source-mapped) stack. */
function callerLine(): number {
  const stack = new Error().stack?.split('\n') ?? [];
  const frame = stack.find((line) => /\.load\.[cm]?[jt]sx?:\d+:\d+/.test(line));
  return Number(/:(\d+):\d+\)?$/.exec(frame ?? '')?.[1] ?? 0);
}

/** Ends the running test now; what was measured is kept and judged, and the test fails with this reason. */
export function abortTest(reason: string): void {
  registry().abort?.(reason);
}

/** Values with percentiles. */
export interface Trend {
  record(value: number): void;
}
/** A sum. */
export interface Counter {
  add(amount?: number): void;
}
/** A share of hits. */
export interface Rate {
  record(hit: boolean): void;
}

/** A test's own metrics: declare at the top of the file, record inside a test. The unit is shown, not converted. */
export const metric = {
  trend(name: string, unit = ''): Trend {
    const record = ownMetric(name, 'trend', unit);
    return { record: (value) => record.record?.(value) };
  },
  counter(name: string, unit = ''): Counter {
    const record = ownMetric(name, 'counter', unit);
    return { add: (amount = 1) => record.record?.(amount) };
  },
  rate(name: string): Rate {
    const record = ownMetric(name, 'rate', '');
    return { record: (hit) => record.record?.(hit ? 1 : 0) };
  },
};

function ownMetric(name: string, kind: OwnMetricRecord['kind'], unit: string): OwnMetricRecord {
  const { metrics, isSealed } = registry();
  const known = metrics.get(name);
  if (known && known.kind !== kind) {
    throw new TestFileError(`metric '${name}' is both a ${known.kind} and a ${kind}`, {
      hint: 'give one another name',
    });
  }
  if (!known && isSealed) {
    throw new TestFileError(`metric '${name}' is declared while a test runs`, {
      hint: 'declare it at the top of the file',
    });
  }
  const record = known ?? { name, kind, unit, record: undefined };
  metrics.set(name, record);
  return record;
}
