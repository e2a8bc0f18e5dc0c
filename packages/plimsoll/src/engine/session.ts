/**
 * What the command line sees of the engine: it loads the test files, runs one test at a time and reports each second.
 * It judges nothing, prints nothing and stores nothing.
 */
import type { DiscoveredTest, ReportedError } from './channel.ts';
import type { RunPlan, TestPlan } from '../model/plan.ts';
import type { DeliveryDelta } from '../stats/delivery/delivery-delta.ts';
import type { Snapshot } from '../stats/snapshot.ts';

/** All workers' snapshots of the same second. */
export interface MergedSecond {
  readonly second: number;
  readonly snapshots: readonly Snapshot[];
  /** What the host saw of the machine in this second; null where the platform does not tell. */
  readonly stealShare: number | null;
  /** The wall clock against the monotonic one, in ms: a jump, or a machine that slept. */
  readonly clockJumpMs: number;
  /** Of a fan-out: what was settled in this second, of messages that were published a drain ago. */
  readonly delivery?: DeliveryDelta;
}

export interface LostWorker {
  readonly worker: number;
  /** 'died' or 'stuck' */
  readonly how: 'died' | 'stuck';
  readonly message: string;
  /** Its part of the plan, from 0 to 1. */
  readonly share: number;
  /** When, in seconds from the start of the load. */
  readonly atSeconds: number;
}

export interface TestHooks {
  /** Once VUs and connections exist, before the clock starts. */
  onPrepared?(info: {
    readonly vus: number;
    readonly connections: number;
    readonly connectionErrors: Readonly<Record<string, number>>;
  }): void;
  onStart?(): void;
  onSecond(second: MergedSecond): void;
}

export interface TestEnd {
  /** Length of the load window in ms: up to the last end of an iteration, at most as planned. */
  readonly durationMs: number;
  /** '' as planned; else why it ended early: 'interrupted', 'threshold …', the test's own reason. */
  readonly stopped: string;
  /** Arrivals the plan holds, from the plan and the seed alone; null in VU models. */
  readonly plannedArrivals: number | null;
  readonly lostWorkers: readonly LostWorker[];
  /** Of a fan-out: what was settled with the end. */
  readonly delivery?: DeliveryDelta;
  /** Set-up, per-VU set-up or tear-down failed: nothing or not all was run. */
  readonly failure?: { readonly during: 'setUp' | 'prepare' | 'tearDown' | 'run'; readonly error: ReportedError };
}

export interface LogLine {
  readonly level: 'log' | 'warn' | 'error' | 'debug';
  readonly text: string;
  readonly worker: number;
  readonly vu: number;
}

export interface Session {
  /** Errors: the bundle's own, as `TestFileError` with the place in the user's source. */
  load(): Promise<readonly DiscoveredTest[]>;
  /** The plan once the tests are known: call it between `load` and the first `runTest` (`quick` needs no call). */
  usePlan(plan: RunPlan): void;
  runTest(test: TestPlan, hooks: TestHooks): Promise<TestEnd>;
  /** Ends the running test: its iterations get `gracefulStopMs`, then are cut. Later calls only shorten it. */
  stop(reason: string, gracefulStopMs: number): void;
  close(): Promise<void>;
}
