/** A fan-out as plain data. */
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

/** From the start of the test to the first message. */
export function publishingStartMs({ connectOverMs, settleMs }: FanOutPlan): number {
  return connectOverMs + settleMs;
}

/** From the start of the test to when the subscribers leave. */
export function fanOutEndMs(plan: FanOutPlan): number {
  return publishingStartMs(plan) + plan.durationMs + plan.drainMs;
}
