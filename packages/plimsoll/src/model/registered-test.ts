/** A test as its file declared it. */
import type { FanOutPlan } from './fan-out-plan.ts';
import type { AnyConnection, FanOutRoles } from './fan-out.ts';
import type { CommonOptions, ScenarioOptions } from './suite.ts';

/** What `loadTest` or `fanOut` registered; functions and all, so it never leaves its thread. */
export interface RegisteredTest {
  readonly file: string;
  readonly line: number;
  readonly group: string;
  readonly name: string;
  readonly options: CommonOptions<unknown, unknown>;
  readonly scenarios: Readonly<Record<string, ScenarioOptions<unknown, unknown>>>;
  /** Where `fanOut` declared it: its scenarios follow from this. */
  readonly fanOut?: RegisteredFanOut;
}

export interface RegisteredFanOut {
  readonly plan: FanOutPlan;
  readonly roles: FanOutRoles<unknown, AnyConnection>;
  readonly joins: (subscriber: number, rooms: number) => readonly number[];
}
