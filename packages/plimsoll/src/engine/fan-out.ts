/** Declares a fan-out: what a user writes → a plan, and the roles that go with it. */
import { PlimsollError, TestFileError } from '../kernel/errors.ts';
import { parseDurationMs } from '../kernel/units.ts';
import type { AnyConnection, Backoff, FanOutOptions, FanOutRoles, Storm } from '../model/fan-out.ts';
import type { BackoffPlan, FanOutPlan, StormPlan } from '../model/fan-out-plan.ts';
import { constantArrivalRate, type Duration } from '../model/load-model.ts';
import type { CommonOptions } from '../model/suite.ts';
import { assertKnownOptions } from './known-options.ts';
import { declareTest } from './registry.ts';
import { backOffOf } from './back-off.ts';

const sentinelsFrom = 1000;
const sentinelsByDefault = 8;

/**
 * Declares a test in which publishers publish and subscribers in rooms listen, and every delivery is in the books: owed,
 * delivered, lost, duplicated, out of order, late, leaked.
 */
export function fanOut<Connection extends AnyConnection, Data = undefined>(
  name: string,
  options: FanOutOptions<Data>,
  roles: FanOutRoles<NoInfer<Data>, Connection>,
): void {
  assertKnownOptions(`fan-out '${name}'`, 'fanOut', options);
  const plan = withName(name, () => fanOutPlan(options, roles));
  const { rooms } = plan;
  const joins = options.joins ?? ((subscriber: number) => [subscriber % rooms]);
  withName(name, () => {
    for (let subscriber = 0; subscriber < plan.subscribers; subscriber++) assertRooms(joins(subscriber, rooms), rooms);
  });
  declareTest({
    name,
    options: { ...options, connections: 'lazy' },
    scenarios: {},
    fanOut: { plan, roles, joins },
  });
}

type AnyRoles = Partial<Record<'publish' | 'connectPublisher', unknown>>;
type Given = Omit<FanOutOptions<unknown>, keyof CommonOptions<unknown, undefined>>;

function fanOutPlan(options: Given, roles: AnyRoles): FanOutPlan {
  const subscribers = whole('subscribers', options.subscribers, 1);
  const publishers = whole('publishers', options.publishers ?? 1, 1);
  const sentinels = whole('sentinels', options.sentinels ?? (subscribers >= sentinelsFrom ? sentinelsByDefault : 0), 0);
  const guardMs = parseDurationMs(options.guard ?? 500);
  const drainMs = parseDurationMs(options.drain ?? 5000);
  const durationMs = parseDurationMs(options.duration);
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
  return {
    subscribers,
    sentinels,
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
    storm: options.storm === undefined ? undefined : stormPlan(options.storm, durationMs),
  };
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

function stormPlan({ at, cut, how = 'reset' }: Storm, durationMs: number): StormPlan {
  const atMs = stormAt(at);
  if (atMs >= durationMs) {
    throw new TestFileError(`the storm comes after ${atMs} ms, and the test is over after ${durationMs} ms`);
  }
  const given = typeof cut === 'string' ? Number(cut.replace(/%$/, '')) / 100 : cut;
  return { atMs, share: share('storm.cut', given), how };
}

function stormAt(at: Duration): number {
  return parseDurationMs(at);
}

function share(what: string, value: number): number {
  if (value >= 0 && value <= 1) return value;
  throw new TestFileError(`${what} is ${value}, expected a share from 0 to 1`);
}

function whole(what: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new TestFileError(`${what} is ${String(value)}, expected a whole number from ${least}`);
}

function assertRooms(joined: readonly number[], rooms: number): void {
  const wrong = joined.find((room) => !(Number.isSafeInteger(room) && room >= 0 && room < rooms));
  if (wrong === undefined) return;
  throw new TestFileError(`joins gives room ${String(wrong)}; the rooms are 0 to ${rooms - 1}`);
}

function withName<T>(name: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof PlimsollError)) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    throw new TestFileError(`fan-out '${name}': ${error.message}`, { ...hint, cause: error });
  }
}
