/** Declares a fan-out: what a user writes → a plan, and the roles that go with it. */
import { atItsPlace, PlimsollError, TestFileError } from '../kernel/errors.ts';
import { shown } from '../kernel/shown.ts';
import { parseDurationMs } from '../kernel/units.ts';
import type { AnyConnection, Backoff, FanOutOptions, FanOutRoles, Storm } from '../model/fan-out.ts';
import {
  assertStorm,
  defaultSentinels,
  type BackoffPlan,
  type FanOutPlan,
  type StormPlan,
} from '../model/fan-out-plan.ts';
import { constantArrivalRate } from '../model/load-model.ts';
import type { CommonOptions } from '../model/suite.ts';
import { assertJoins, assertRoles, checkedJoins, checkedRoles } from './fan-out-roles.ts';
import { assertKnownOptions, assertSwitch } from './known-options.ts';
import { declareTest } from './registry.ts';
import { backOffOf } from './back-off.ts';

/**
 * Declares a test in which publishers publish and subscribers in rooms listen, and every delivery is in the books: owed,
 * delivered, lost, duplicated, out of order, late, leaked.
 */
export function fanOut<Connection extends AnyConnection, Data = undefined>(
  name: string,
  options: FanOutOptions<Data>,
  roles: FanOutRoles<NoInfer<Data>, Connection>,
): void {
  const declared = new Error();
  assertKnownOptions(`fan-out '${name}'`, 'fanOut', options);
  assertRoles(`fan-out '${name}'`, roles);
  const plan = withName(name, () => fanOutPlan(options, roles));
  const joins = checkedJoins(declared, `fan-out '${name}'`, options.joins ?? defaultJoins);
  assertJoins(joins, plan);
  declareTest({
    name,
    options: { ...options, connections: 'lazy' },
    scenarios: {},
    fanOut: { plan, roles: checkedRoles(declared, `fan-out '${name}'`, roles), joins },
  });
}

function defaultJoins(subscriber: number, rooms: number): readonly number[] {
  return [subscriber % rooms];
}

type AnyRoles = Partial<Record<'publish' | 'connectPublisher', unknown>>;
type Given = Omit<FanOutOptions<unknown>, keyof CommonOptions<unknown, undefined>>;

function fanOutPlan(options: Given, roles: AnyRoles): FanOutPlan {
  const subscribers = whole('subscribers', options.subscribers, 1);
  const publishers = whole('publishers', options.publishers ?? 1, 1);
  const sentinels = whole('sentinels', options.sentinels ?? defaultSentinels(subscribers), 0);
  const guardMs = parseDurationMs(options.guard ?? 500);
  const drainMs = parseDurationMs(options.drain ?? 5000);
  const durationMs = parseDurationMs(required('duration', options.duration));
  if (sentinels > subscribers)
    throw new TestFileError(`there are ${sentinels} sentinels of ${subscribers} subscribers`);
  if (drainMs <= guardMs) {
    throw new TestFileError(`the drain of ${drainMs} ms is not longer than the guard of ${guardMs} ms`, {
      hint: 'a message near the end could neither arrive nor be lost',
    });
  }
  if ((options.rate === undefined) !== (roles.publish === undefined)) {
    throw new TestFileError(
      roles.publish === undefined ? 'it has a rate, and nobody publishes' : 'it has publishers, and no rate',
      { hint: 'give both `rate` and the role `publish`, or neither' },
    );
  }
  assertSwitch('reconnect', 'backOff', options.reconnect);
  const plan = {
    subscribers,
    sentinels,
    ...(options.sentinels !== undefined && { sentinelsGiven: true }),
    publishers,
    rooms: whole('rooms', options.rooms ?? 1, 1),
    load: loadOf(options, publishers),
    durationMs,
    connectOverMs: parseDurationMs(options.connectOver ?? subscribers),
    settleMs: parseDurationMs(options.settle ?? Math.max(1000, 2 * guardMs)),
    guardMs,
    drainMs,
    publishersConnect: roles.connectPublisher !== undefined,
    reconnect: backoffPlan(options.reconnect ?? options.storm !== undefined),
    storm: options.storm === undefined ? undefined : stormPlan(options.storm),
  };
  assertStorm(plan);
  return plan;
}

function loadOf({ rate, duration, spacing }: Given, publishers: number): FanOutPlan['load'] {
  if (rate === undefined) return undefined;
  const common = { rate, duration, vus: publishers, maxVus: publishers };
  return constantArrivalRate(spacing === undefined ? common : { ...common, spacing });
}

function backoffPlan(given: boolean | Backoff): BackoffPlan | undefined {
  const backOff = backOffOf(given);
  if (backOff === undefined) return undefined;
  const { delayMs, maxDelayMs, factor, jitter } = backOff;
  return { delayMs, maxDelayMs, factor, jitter };
}

const storms: readonly string[] = ['reset', 'close', 'silence'] satisfies StormPlan['how'][];

function stormPlan(storm: Storm): StormPlan {
  assertKnownOptions('the storm', 'storm', storm);
  const { at, cut, how = 'reset' } = storm;
  if (!storms.includes(how)) throw new TestFileError(`storm.how is ${shown(how)}, expected ${storms.join(', ')}`);
  return {
    atMs: parseDurationMs(required('storm.at', at)),
    share: share('storm.cut', shareOf(required('storm.cut', cut))),
    how,
  };
}

/** '30%' → 0.3; NaN: neither a share nor per cent. */
function shareOf(cut: Storm['cut']): number {
  if (typeof cut === 'number') return cut;
  const percent = /^\s*(\d+\.?\d*|\.\d+)\s*%\s*$/.exec(cut)?.[1];
  return percent === undefined ? NaN : Number(percent) / 100;
}

function required<T>(what: string, value: T | undefined): T {
  if (value !== undefined) return value;
  throw new TestFileError(`it has no ${what}`);
}

function share(what: string, value: number): number {
  if (value >= 0 && value <= 1) return value;
  throw new TestFileError(`${what} is ${value}, expected a share from 0 to 1`);
}

function whole(what: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new TestFileError(`${what} is ${String(value)}, expected a whole number from ${least}`);
}

function withName<T>(name: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof PlimsollError)) throw error;
    throw atItsPlace(`fan-out '${name}'`, error);
  }
}
