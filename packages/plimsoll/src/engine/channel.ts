/**
 * The contract between host and worker: the only thing both sides import. A worker may be a thread here or an agent
 * elsewhere, so every message is plain data (a typed array at most) that can be cloned and written as JSON.
 */
import type { RunPlan, TestPlan } from '../model/plan.ts';
import type { DeliveryBatch } from '../stats/delivery/delivery-batch.ts';
import type { Snapshot } from '../stats/snapshot.ts';

export type HostMessage =
  /** Load the bundle and answer `loaded`. `hostNowMs` checks that both sides read the same clock. */
  | { readonly type: 'load'; readonly plan: RunPlan; readonly worker: number; readonly hostNowMs: number }
  /** What was not known at `load`: the tests, and what the command line makes of them. */
  | { readonly type: 'plan'; readonly plan: RunPlan }
  /** Run the test's set-up and answer `setUp`. */
  | { readonly type: 'setUp'; readonly test: TestPlan }
  /** Make this worker's VUs and connections and answer `prepared`. */
  | {
      readonly type: 'prepare';
      readonly test: TestPlan;
      readonly data: unknown;
      readonly worker: number;
      readonly workers: number;
    }
  /** Start at this time of the shared clock. */
  | { readonly type: 'start'; readonly atMs: number }
  /** End the load window now; give iterations `gracefulStopMs`. 0 ends them at once. */
  | { readonly type: 'stop'; readonly gracefulStopMs: number }
  | { readonly type: 'tearDown'; readonly test: TestPlan; readonly data: unknown }
  /** Answered by `pong` as soon as the event loop turns: a worker that does not is stuck. */
  | { readonly type: 'ping' };

export type WorkerMessage =
  | { readonly type: 'loaded'; readonly tests: readonly DiscoveredTest[]; readonly clockErrorMs: number }
  | { readonly type: 'setUp'; readonly data: unknown }
  /** Now and then while VUs are being set up: it gets on. */
  | { readonly type: 'preparing' }
  | {
      readonly type: 'prepared';
      readonly vus: number;
      readonly connections: number;
      readonly connectionErrors: Readonly<Record<string, number>>;
    }
  | { readonly type: 'snapshot'; readonly snapshot: Snapshot }
  /** Of a fan-out, before each snapshot. */
  | { readonly type: 'deliveries'; readonly batch: DeliveryBatch }
  /** After the last snapshot: everything that was to be counted has been. */
  | { readonly type: 'finished'; readonly loadEndMs: number }
  | { readonly type: 'pong' }
  /** Something the user should know once, that stops nothing. */
  | { readonly type: 'problem'; readonly message: string }
  | { readonly type: 'tornDown' }
  | {
      readonly type: 'log';
      readonly level: 'log' | 'warn' | 'error' | 'debug';
      readonly text: string;
      readonly vu: number;
    }
  /** The test's own `abortTest(reason)`. */
  | { readonly type: 'abort'; readonly reason: string }
  /** The user's code or the bundle failed outside of an iteration; `stack` is source-mapped. */
  | {
      readonly type: 'failed';
      readonly during: 'load' | 'setUp' | 'prepare' | 'tearDown' | 'run';
      readonly error: ReportedError;
    };

/** A test as found in a file: a plan without a number. */
export type DiscoveredTest = Omit<TestPlan, 'id'>;

export interface ReportedError {
  readonly name: string;
  readonly message: string;
  readonly code: string;
  readonly hint: string;
  readonly stack: string;
  readonly place: string;
}
