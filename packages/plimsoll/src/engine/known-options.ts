/** The options a test file may give. One that nobody reads is a typing error, and better told than ignored. */
import { TestFileError } from '../kernel/errors.ts';
import { nearest } from '../kernel/nearest.ts';
import type { FanOutOptions } from '../model/fan-out.ts';
import type { CommonOptions, ScenarioOptions, ScenariosOptions, SingleOptions } from '../model/suite.ts';

/** Every key of the type, checked by the compiler. */
type Keys<Options> = Readonly<Record<keyof Options, true>>;

const common: Keys<CommonOptions<unknown, unknown>> = {
  thresholds: true,
  warmUp: true,
  gracefulStop: true,
  connections: true,
  http: true,
  tags: true,
  setup: true,
  setupVu: true,
  teardown: true,
};
const single: Keys<SingleOptions<unknown, unknown>> = { ...common, load: true };
const several: Keys<ScenariosOptions<unknown, unknown>> = { ...common, scenarios: true };
const scenario: Keys<ScenarioOptions<unknown, unknown>> = { load: true, startAfter: true, run: true };
const fanOut: Keys<FanOutOptions<unknown>> = {
  thresholds: true,
  gracefulStop: true,
  http: true,
  tags: true,
  setup: true,
  teardown: true,
  subscribers: true,
  publishers: true,
  rooms: true,
  joins: true,
  rate: true,
  duration: true,
  spacing: true,
  sentinels: true,
  connectOver: true,
  settle: true,
  guard: true,
  drain: true,
  reconnect: true,
  storm: true,
};
const known = { single, several, scenario, fanOut } as const;

/**
 * @param of 'test 'browse'': what the options were given to
 * @throws TestFileError
 */
export function assertKnownOptions(of: string, kind: keyof typeof known, options: object): void {
  const names = Object.keys(known[kind]);
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const meant = nearest(unknown, names);
  throw new TestFileError(`${of} has no option '${unknown}'`, {
    hint: meant === undefined ? `there are ${names.join(', ')}` : `did you mean '${meant}'?`,
  });
}
