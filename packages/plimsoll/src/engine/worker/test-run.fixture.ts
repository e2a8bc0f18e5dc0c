/** Runs a test function in a worker's program of this thread, against a server of the test, as the host would. */
import { systemClock, type Clock } from '../../kernel/clock.ts';
import { VirtualClock } from '../../kernel/virtual-clock.ts';
import { defaultHttp } from '../../model/default-http.ts';
import type { LoadModel } from '../../model/load-model.ts';
import type { HttpPlan, QuickRequest, RunPlan, ScenarioPlan, TestPlan } from '../../model/plan.ts';
import type { CommonOptions, TestFunction } from '../../model/suite.ts';
import type { Snapshot } from '../../stats/snapshot.ts';
import { TestTotals } from '../../stats/totals.ts';
import type { WorkerMessage } from '../channel.ts';
import { registry } from '../registry.ts';
import { WorkerProgram } from './worker-program.ts';
// Loaded beforehand: reading files takes real time, for which a virtual clock does not wait.
import './scripted-parts.ts';

export function testPlanOf(part: Partial<TestPlan> = {}): TestPlan {
  return {
    id: 0,
    file: 'a.load.ts',
    line: 1,
    group: '',
    name: 'test',
    scenarios: [],
    thresholds: [],
    warmUpMs: 0,
    gracefulStopMs: 1000,
    connections: 'before',
    http: defaultHttp,
    tags: {},
    hasSetup: false,
    hasTeardown: false,
    ...part,
  };
}

export function runPlanOf(part: Partial<RunPlan> = {}): RunPlan {
  return {
    target: '',
    guard: { allow: [] },
    seed: 1,
    workers: 1,
    spin: false,
    debug: false,
    root: '/',
    bundlePath: '',
    tests: [],
    ...part,
  };
}

export interface Scenario {
  readonly load: LoadModel;
  readonly run: TestFunction;
  readonly startAfterMs?: number;
}

export interface RunOptions {
  readonly target?: string;
  readonly scenarios?: Readonly<Record<string, Scenario>>;
  readonly quick?: QuickRequest & { readonly load: LoadModel };
  readonly http?: Partial<HttpPlan>;
  readonly test?: Partial<TestPlan>;
  readonly plan?: Partial<RunPlan>;
  readonly options?: CommonOptions<unknown, unknown>;
  readonly workers?: number;
  readonly clock?: Clock;
  /** Called with each message as it is sent, and what the host may answer with. */
  readonly onMessage?: (message: WorkerMessage, host: { stop(gracefulStopMs: number): void }) => void;
  readonly onStarted?: (host: { stop(gracefulStopMs: number): void }) => void;
}

export interface RunOutcome {
  readonly messages: readonly WorkerMessage[];
  readonly snapshots: readonly Snapshot[];
  readonly totals: TestTotals;
  readonly test: TestPlan;
  /** From the start of the load to its last word. */
  readonly durationMs: number;
  /** What stands in place of a run where preparing it failed. */
  readonly failure: WorkerMessage | undefined;
}

/** One test, in as many programs as workers, all in this thread. */
export async function runHere(options: RunOptions): Promise<RunOutcome> {
  const { workers = 1, clock = systemClock, quick } = options;
  const scenarios = quick ? { default: { load: quick.load, run: () => undefined } } : (options.scenarios ?? {});
  const plans = Object.entries(scenarios).map(([name, each]: [string, Scenario]): ScenarioPlan => {
    return { name, load: each.load, startAfterMs: each.startAfterMs ?? 0 };
  });
  const test = testPlanOf({ scenarios: plans, http: { ...defaultHttp, ...options.http }, ...options.test });
  const plan = runPlanOf({ target: options.target ?? '', tests: [test], ...(quick && { quick }), ...options.plan });
  const { file, line, group, name } = test;
  registry().tests.length = 0;
  registry().tests.push({ file, line, group, name, options: options.options ?? {}, scenarios });
  const messages: WorkerMessage[] = [];
  const waiting = new Map<string, () => void>();
  const programs = Array.from({ length: workers }, (_, worker) => {
    const send = (message: WorkerMessage): void => {
      messages.push(message);
      options.onMessage?.(message, host);
      waiting.get(`${worker} ${message.type}`)?.();
      if (message.type === 'failed') waiting.get(`${worker} prepared`)?.();
    };
    return new WorkerProgram({ send }, clock);
  });
  const host = {
    stop: (gracefulStopMs: number): void => {
      for (const program of programs) void program.handle({ type: 'stop', gracefulStopMs });
    },
  };
  const answers = (type: string) =>
    Promise.all(programs.map((_, worker) => new Promise<void>((done) => waiting.set(`${worker} ${type}`, done))));
  for (const [worker, program] of programs.entries()) {
    await program.handle({ type: 'load', plan, worker, hostNowMs: clock.now() });
  }
  const prepared = answers('prepared');
  for (const [worker, program] of programs.entries()) {
    void program.handle({ type: 'prepare', test, data: undefined, worker, workers });
  }
  await prepared;
  const failure = messages.find((message) => message.type === 'failed');
  const startMs = clock.now() + 5;
  let endMs = startMs;
  if (failure === undefined) {
    const finished = answers('finished');
    for (const program of programs) void program.handle({ type: 'start', atMs: startMs });
    options.onStarted?.(host);
    await finished;
    endMs = clock.now();
  }
  const snapshots = messages.flatMap((message) => (message.type === 'snapshot' ? [message.snapshot] : []));
  const totals = new TestTotals();
  for (const snapshot of snapshots) totals.add(snapshot.second, [snapshot], false);
  return { messages, snapshots, totals, test, durationMs: endMs - startMs, failure };
}

/** The same in virtual time, which passes by itself. */
export async function runVirtually(
  options: Omit<RunOptions, 'clock'>,
  clock = new VirtualClock(),
): Promise<RunOutcome> {
  let outcome: RunOutcome | undefined;
  const running = runHere({ ...options, clock }).then((result) => (outcome = result));
  // Rejections are the caller's to see.
  running.catch(() => undefined);
  for (let n = 0; n < 2000 && outcome === undefined; n++) await clock.pass(100);
  return running;
}
