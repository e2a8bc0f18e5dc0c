/** Workers that do what a test tells them, on a virtual clock, behind a real session. */
import { VirtualClock } from '../kernel/virtual-clock.ts';
import { constantVus } from '../model/load-model.ts';
import type { RunPlan, TestPlan } from '../model/plan.ts';
import type { Snapshot } from '../stats/snapshot.ts';
import { snapshotOf } from '../stats/snapshot.fixture.ts';
import type { HostMessage, ReportedError, WorkerMessage } from './channel.ts';
import { createLocalSession } from './local-session.ts';
import type { LogLine, MergedSecond, Session, TestEnd } from './session.ts';
import type { SpawnWorker, WorkerEvents } from './worker-thread.ts';
import { runPlanOf, testPlanOf } from './worker/test-run.fixture.ts';

export type Script = (message: HostMessage, worker: FakeWorker) => void;

export class FakeWorker {
  readonly events: WorkerEvents;
  /** Everything but pings. */
  readonly received: HostMessage[] = [];
  pings = 0;
  terminated = false;
  /** false: in an endless loop. */
  alive = true;

  constructor(events: WorkerEvents) {
    this.events = events;
  }

  says(message: WorkerMessage): void {
    this.events.message(message);
  }

  second(second: number, part: Partial<Omit<Snapshot, 'generator'>> = {}): void {
    const { worker } = this;
    this.says({ type: 'snapshot', snapshot: snapshotOf({ worker, second, ...part }) });
  }

  finishes(second: number, loadEndMs: number): void {
    this.second(second, { last: true });
    this.says({ type: 'finished', loadEndMs });
  }

  /** Its number, as the host gave it. */
  get worker(): number {
    const load = this.received.find((message) => message.type === 'load');
    return load?.worker ?? -1;
  }

  types(): string[] {
    return this.received.map((message) => message.type);
  }

  last<Type extends HostMessage['type']>(type: Type): HostMessage & { type: Type } {
    const found = this.received.findLast((message) => message.type === type);
    if (found === undefined) throw new Error(`${type} was never sent`);
    return found as HostMessage & { type: Type };
  }
}

export const reported = (message: string): ReportedError => {
  return { name: 'Error', message, code: '', hint: '', stack: '', place: '' };
};

/** Answers at once whatever asks for an answer. */
export const obliging: Script = (message, worker) => {
  switch (message.type) {
    case 'load':
      worker.says({ type: 'loaded', tests: [], clockErrorMs: 0 });
      return;
    case 'setUp':
      worker.says({ type: 'setUp', data: { token: 't' } });
      return;
    case 'prepare':
      worker.says({ type: 'prepared', vus: 2, connections: 1, connectionErrors: { refused: 1 } });
      return;
    case 'tearDown':
      worker.says({ type: 'tornDown' });
      return;
    default:
      return;
  }
};

export interface SessionBench {
  readonly session: Session;
  readonly clock: VirtualClock;
  readonly spawned: FakeWorker[];
  readonly logged: LogLine[];
  readonly problems: string[];
  readonly seconds: MergedSecond[];
  readonly prepared: unknown[];
  readonly hooks: { onPrepared(info: unknown): void; onStart(): void; onSecond(second: MergedSecond): void };
  startedMs: number;
}

/** @param script what workers do with a message; by default they oblige */
export function sessionBench(
  plan: Partial<RunPlan> = {},
  script: Script = obliging,
  isDebugged: () => boolean = () => false,
): SessionBench {
  const clock = new VirtualClock();
  const spawned: FakeWorker[] = [];
  const spawn: SpawnWorker = (events) => {
    const worker = new FakeWorker(events);
    spawned.push(worker);
    return {
      send: (message) => {
        if (!worker.alive) return;
        if (message.type === 'ping') {
          worker.pings++;
          worker.says({ type: 'pong' });
        } else {
          worker.received.push(message);
          script(message, worker);
        }
      },
      terminate: () => {
        worker.terminated = true;
        return Promise.resolve();
      },
    };
  };
  const logged: LogLine[] = [];
  const problems: string[] = [];
  const events = { onLog: (line: LogLine) => logged.push(line), onProblem: (text: string) => problems.push(text) };
  const session = createLocalSession(runPlanOf(plan), events, spawn, clock, isDebugged);
  const seconds: MergedSecond[] = [];
  const prepared: unknown[] = [];
  const bench: SessionBench = {
    session,
    clock,
    spawned,
    logged,
    problems,
    seconds,
    prepared,
    hooks: {
      onPrepared: (info) => prepared.push(info),
      onStart: () => (bench.startedMs = clock.now()),
      onSecond: (second) => seconds.push(second),
    },
    startedMs: 0,
  };
  return bench;
}

export interface RunningTest {
  end: TestEnd | undefined;
}

const vus = { name: 'default', load: constantVus({ vus: 4, duration: '10s' }), startAfterMs: 0 };
export const whole = testPlanOf({ scenarios: [vus], hasSetup: true, hasTeardown: true });

/** Everything that is due now has happened, promises included. */
export const settle = (bench: SessionBench): Promise<void> => bench.clock.pass(0);

/** Begins to run a test; `end` is there once it is over. */
export async function begin(bench: SessionBench, plan: TestPlan = whole): Promise<RunningTest> {
  const running: RunningTest = { end: undefined };
  void bench.session.runTest(plan, bench.hooks).then((end) => (running.end = end));
  await settle(bench);
  return running;
}
