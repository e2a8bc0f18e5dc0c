/** A fan-out as plain data. */
import { TestFileError } from '../kernel/errors.ts';
import type { ArrivalRate } from './load-model.ts';

/** How long to wait before trying again: `delay`, growing by `factor` and spread by ± `jitter`, and never longer than `maxDelay`. */
export interface BackoffPlan {
  readonly delayMs: number;
  readonly maxDelayMs: number;
  readonly factor: number;
  /** Share of the delay, from 0 to 1. */
  readonly jitter: number;
}

export interface StormPlan {
  /** After the first message is due. */
  readonly atMs: number;
  /** Of the subscribers, from 0 to 1. */
  readonly share: number;
  readonly how: 'reset' | 'close' | 'silence';
}

export interface FanOutPlan {
  readonly subscribers: number;
  /** Of them, those in a worker of their own: the first ones. */
  readonly sentinels: number;
  /** The test says itself how many. */
  readonly sentinelsGiven?: boolean;
  readonly publishers: number;
  readonly rooms: number;
  /** Messages as arrivals; undefined: nobody publishes. */
  readonly load: ArrivalRate | undefined;
  /** How long messages are published, or connections held where nobody publishes. */
  readonly durationMs: number;
  /** The subscribers begin to connect evenly over this time. */
  readonly connectOverMs: number;
  /** From there to the first message. */
  readonly settleMs: number;
  readonly guardMs: number;
  readonly drainMs: number;
  readonly publishersConnect: boolean;
  /** undefined: a connection that is gone stays gone. */
  readonly reconnect: BackoffPlan | undefined;
  readonly storm: StormPlan | undefined;
}

const sentinelsFrom = 1000;
const sentinelsByDefault = 8;

/** Where a test does not say how many. */
export function defaultSentinels(subscribers: number): number {
  return subscribers >= sentinelsFrom ? sentinelsByDefault : 0;
}

/** Errors: TestFileError, where the storm would come after the end or take nobody. */
export function assertStorm({ storm, subscribers, durationMs }: FanOutPlan): void {
  if (storm === undefined) return;
  if (storm.atMs >= durationMs) {
    throw new TestFileError(`the storm comes after ${storm.atMs} ms, and the test is over after ${durationMs} ms`);
  }
  if (Math.round(subscribers * storm.share) === 0) {
    const share = `${Number((storm.share * 100).toPrecision(6))}%`;
    throw new TestFileError(`the storm takes nobody: storm.cut is ${share} of ${subscribers} subscribers`);
  }
}

/** From the start of the test to the first message. */
export function publishingStartMs({ connectOverMs, settleMs }: FanOutPlan): number {
  return connectOverMs + settleMs;
}

/** From the start of the test to when the subscribers leave. */
export function fanOutEndMs(plan: FanOutPlan): number {
  return publishingStartMs(plan) + plan.durationMs + plan.drainMs;
}
