/** The engine on this machine: threads as workers, one test at a time. */
import { systemClock, type Clock, type TimerHandle } from '../kernel/clock.ts';
import { BrokenError, TestFileError } from '../kernel/errors.ts';
import type { RunPlan, TestPlan } from '../model/plan.ts';
import type { DiscoveredTest, ReportedError, WorkerMessage } from './channel.ts';
import { isDebugged, type IsDebugged } from './debugger.ts';
import { HostTest } from './host-test.ts';
import type { LogLine, Session, TestEnd, TestHooks } from './session.ts';
import { WorkerLost, WorkerSeat } from './worker-seat.ts';
import { spawnThread, type SpawnWorker } from './worker-thread.ts';

/** After so many seconds without a word a worker is in an endless loop. */
const stuckAfterTicks = 10;

export interface SessionEvents {
  onLog(line: LogLine): void;
  onProblem(message: string): void;
}

export function createLocalSession(
  plan: RunPlan,
  events: SessionEvents,
  spawn: SpawnWorker = spawnThread,
  clock: Clock = systemClock,
  debugged: IsDebugged = isDebugged,
): Session {
  return new LocalSession(plan, events, spawn, clock, debugged);
}

class LocalSession implements Session {
  #plan: RunPlan;
  readonly #events: SessionEvents;
  readonly #spawn: SpawnWorker;
  readonly #clock: Clock;
  readonly #isDebugged: IsDebugged;
  #seats: WorkerSeat[] = [];
  /** The first worker's answer. */
  #loading: Promise<WorkerMessage & { type: 'loaded' }> | undefined;
  #ticker: TimerHandle | undefined;
  #test: HostTest | undefined;
  /** A stop that came before there was a test: while its workers were being started. */
  #stopEarly: { readonly reason: string; readonly gracefulStopMs: number } | undefined;
  #closed = false;

  constructor(plan: RunPlan, events: SessionEvents, spawn: SpawnWorker, clock: Clock, debugged: IsDebugged) {
    this.#plan = plan;
    this.#events = events;
    this.#spawn = spawn;
    this.#clock = clock;
    this.#isDebugged = debugged;
    this.#tick();
  }

  async load(): Promise<readonly DiscoveredTest[]> {
    this.#loading = this.#loadSeat(this.#seat(0));
    const answer = await this.#loading;
    return answer.tests;
  }

  usePlan(plan: RunPlan): void {
    this.#plan = plan;
    for (const seat of this.#seats) seat.send({ type: 'plan', plan });
  }

  async runTest(test: TestPlan, hooks: TestHooks): Promise<TestEnd> {
    // Whoever knows the tests beforehand need not have waited for it.
    await this.#loading;
    const own = test.scenarios.some((scenario) => scenario.ownWorker === true) ? 1 : 0;
    const workers = Math.max(1, this.#plan.workers) + own;
    await this.#staff(workers);
    const host = new HostTest({
      test,
      plan: this.#plan,
      seats: this.#seats.slice(0, workers),
      hooks,
      clock: this.#clock,
      isDebugged: this.#isDebugged,
    });
    this.#test = host;
    if (this.#stopEarly) this.stop(this.#stopEarly.reason, this.#stopEarly.gracefulStopMs);
    try {
      return await host.run();
    } finally {
      this.#test = undefined;
      this.#stopEarly = undefined;
    }
  }

  stop(reason: string, gracefulStopMs: number): void {
    if (this.#test) this.#test.stop(reason, gracefulStopMs);
    else this.#stopEarly ??= { reason, gracefulStopMs };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#ticker?.cancel();
    await Promise.all(this.#seats.map((seat) => seat.close()));
    this.#seats = [];
  }

  /** Workers that were lost are replaced, so that a test's endless loop costs that test only. */
  async #staff(workers: number): Promise<void> {
    const fresh: WorkerSeat[] = [];
    for (let index = 0; index < workers; index++) {
      if (this.#seats[index]?.state === 'alive') continue;
      fresh.push(this.#seat(index));
    }
    await Promise.all(fresh.map((seat) => this.#loadSeat(seat)));
  }

  #seat(index: number): WorkerSeat {
    const seat = new WorkerSeat(
      index,
      this.#spawn,
      (from, message) => {
        this.#receive(from, message);
      },
      (lost) => {
        this.#test?.lost(lost);
      },
    );
    this.#seats[index] = seat;
    return seat;
  }

  async #loadSeat(seat: WorkerSeat): Promise<WorkerMessage & { type: 'loaded' }> {
    const message = { type: 'load', plan: this.#plan, worker: seat.index, hostNowMs: this.#clock.now() } as const;
    let answer: WorkerMessage & { type: 'loaded' | 'failed' };
    try {
      answer = await seat.ask(message, 'loaded');
    } catch (error) {
      if (error instanceof WorkerLost) throw lostWhileLoading(error);
      throw error;
    }
    if (answer.type === 'failed') throw bundleError(answer.error);
    // Threads read one clock; a millisecond is far more than the cost of reading it.
    if (answer.clockErrorMs > 1) {
      throw new BrokenError(
        `the clock of worker ${seat.index} is ${answer.clockErrorMs.toFixed(1)} ms behind the host's`,
      );
    }
    return answer;
  }

  #receive(seat: WorkerSeat, message: WorkerMessage): void {
    if (message.type === 'log') {
      const { level, text, vu } = message;
      this.#events.onLog({ level, text, vu, worker: seat.index });
    } else if (message.type === 'problem') {
      this.#events.onProblem(message.message);
    } else {
      this.#test?.receive(seat, message);
    }
  }

  /** Each second asks every worker for a sign of life. A debugger's pause is not an endless loop. */
  #tick(): void {
    this.#ticker = this.#clock.after(1000, () => {
      if (this.#closed) return;
      for (const seat of this.#seats) {
        if (seat.state !== 'alive') continue;
        if (++seat.silentTicks > stuckAfterTicks && !this.#isDebugged()) {
          void seat.giveUp(`it has not answered for ${stuckAfterTicks} s: the test's code is in an endless loop`);
        } else {
          seat.send({ type: 'ping' });
        }
      }
      this.#tick();
    });
  }
}

function bundleError(error: ReportedError): Error {
  const place = error.place === '' || error.message.includes(error.place) ? '' : `${error.place} `;
  const hint = error.hint === '' ? {} : { hint: error.hint };
  return new TestFileError(`${place}${error.message}`, { ...hint, cause: error.stack });
}

function lostWhileLoading(error: WorkerLost): Error {
  return new TestFileError(`loading the test files ended the worker: ${error.message}`, {
    hint: 'look for process.exit() or an endless loop at the top of a test file',
  });
}
