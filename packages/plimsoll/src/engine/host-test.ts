/** One test as the host runs it: set-up, preparation, load, tear-down, over all workers. */
import type { Clock, TimerHandle } from '../kernel/clock.ts';
import { plannedDurationMs } from '../model/load-model.ts';
import type { RunPlan, TestPlan } from '../model/plan.ts';
import { plannedArrivals } from '../pacing/arrivals.ts';
import { scenarioSeed } from '../pacing/scenario-seed.ts';
import type { ReportedError, WorkerMessage } from './channel.ts';
import type { IsDebugged } from './debugger.ts';
import { HostLedger } from './host-ledger.ts';
import { MachineWatch } from './machine-watch.ts';
import { SecondMerger } from './second-merger.ts';
import type { LostWorker, TestEnd, TestHooks } from './session.ts';
import { WorkerLost, type WorkerSeat } from './worker-seat.ts';

/**
 * From "all are ready" to the start: time for the message to reach every worker. A single one without a schedule that the
 * message could be late for needs next to none.
 */
const startDelayMs = { one: 5, several: 20 };
/** What set-up and tear-down may each take, and what may pass without another VU being set up. */
const phaseLimitMs = 120_000;
/** Beyond the plan and its grace: then a worker that has not ended never will. */
const endLimitMs = 10_000;
const lastWordMs = 5000;

export interface HostTestOptions {
  readonly test: TestPlan;
  readonly plan: RunPlan;
  readonly seats: readonly WorkerSeat[];
  readonly hooks: TestHooks;
  readonly clock: Clock;
  readonly isDebugged: IsDebugged;
}

type Failure = NonNullable<TestEnd['failure']>;

export class HostTest {
  readonly #options: HostTestOptions;
  readonly #merger: SecondMerger;
  readonly #machine: MachineWatch;
  readonly #ledger: HostLedger | undefined;
  readonly #finished = new Map<number, number>();
  readonly #lost: LostWorker[] = [];
  #startMs = 0;
  #started = false;
  #isSetUp = false;
  #stopped = '';
  #failure: Failure | undefined;
  #allOver: (() => void) | undefined;
  /** Settles once a stop before the start has waited long enough for whatever is being waited for. */
  readonly #waitedEnough: Promise<undefined>;
  #waitNoLonger: () => void = () => undefined;
  #waiting: TimerHandle | undefined;
  #endLimit: TimerHandle | undefined;
  /** When the phase that is waited for began, or last got on. */
  #gotOnMs = 0;

  constructor(options: HostTestOptions) {
    this.#options = options;
    this.#machine = new MachineWatch(options.clock);
    this.#waitedEnough = new Promise((resolve) => {
      this.#waitNoLonger = () => {
        resolve(undefined);
      };
    });
    const { fanOut } = options.test;
    this.#ledger = fanOut === undefined ? undefined : new HostLedger(fanOut);
    const workers = options.seats.map((seat) => seat.index);
    this.#merger = new SecondMerger(workers, (second, snapshots) => {
      const delivery = this.#ledger?.second(second);
      options.hooks.onSecond({ second, snapshots, ...this.#machine.take(), ...(delivery && { delivery }) });
    });
  }

  async run(): Promise<TestEnd> {
    const { test, hooks } = this.#options;
    if (this.#stopped !== '') return this.#end();
    const data = await this.#setUp();
    const ready = this.#isGoing() && (await this.#prepare(data));
    if (ready && this.#isGoing()) {
      this.#start();
      hooks.onStart?.();
      await new Promise<void>((resolve) => {
        this.#allOver = resolve;
        this.#checkOver();
      });
    }
    if (test.hasTeardown && this.#isSetUp) await this.#tearDown(data);
    return this.#end();
  }

  #isGoing(): boolean {
    return this.#stopped === '' && this.#failure === undefined;
  }

  stop(reason: string, gracefulStopMs: number): void {
    if (this.#stopped === '') this.#stopped = reason;
    if (this.#started) {
      for (const seat of this.#options.seats) seat.send({ type: 'stop', gracefulStopMs });
    } else {
      this.#waiting ??= this.#options.clock.after(gracefulStopMs, this.#waitNoLonger);
    }
  }

  receive(seat: WorkerSeat, message: WorkerMessage): void {
    switch (message.type) {
      case 'snapshot':
        if (message.snapshot.test === this.#options.test.id) this.#merger.add(message.snapshot);
        return;
      case 'preparing':
        this.#gotOnMs = this.#options.clock.now();
        return;
      case 'deliveries':
        this.#ledger?.add(message.batch);
        return;
      case 'finished':
        this.#finished.set(seat.index, message.loadEndMs);
        this.#checkOver();
        return;
      case 'abort':
        this.stop(message.reason, 0);
        return;
      case 'failed':
        this.#failure ??= { during: message.during === 'load' ? 'run' : message.during, error: message.error };
        return;
      default:
        return;
    }
  }

  lost(seat: WorkerSeat): void {
    if (!this.#options.seats.includes(seat) || this.#finished.has(seat.index)) return;
    const { clock, seats } = this.#options;
    this.#lost.push({
      worker: seat.index,
      how: seat.state === 'stuck' ? 'stuck' : 'died',
      message: seat.lostBecause,
      share: 1 / seats.length,
      atSeconds: this.#started ? (clock.now() - this.#startMs) / 1000 : 0,
    });
    this.#ledger?.lose(seat.index);
    this.#merger.drop(seat.index);
    this.#checkOver();
  }

  async #setUp(): Promise<unknown> {
    const { test, seats } = this.#options;
    if (!test.hasSetup) {
      this.#isSetUp = true;
      return undefined;
    }
    const answer = await this.#ask('setUp', () => seats[0]!.ask({ type: 'setUp', test }, 'setUp'));
    this.#isSetUp = answer?.type === 'setUp';
    return answer?.type === 'setUp' ? answer.data : undefined;
  }

  /** Whether any worker is ready. */
  async #prepare(data: unknown): Promise<boolean> {
    const { test, seats, hooks } = this.#options;
    const answers = await Promise.all(
      seats.map((seat) => {
        const message = { type: 'prepare', test, data, worker: seat.index, workers: seats.length } as const;
        return this.#ask('prepare', () => seat.ask(message, 'prepared'));
      }),
    );
    const ready = answers.filter((answer) => answer?.type === 'prepared');
    const connectionErrors: Record<string, number> = {};
    for (const { connectionErrors: errors } of ready) {
      for (const [kind, count] of Object.entries(errors))
        connectionErrors[kind] = (connectionErrors[kind] ?? 0) + count;
    }
    const sum = (of: 'vus' | 'connections'): number => ready.reduce((total, answer) => total + answer[of], 0);
    hooks.onPrepared?.({ vus: sum('vus'), connections: sum('connections'), connectionErrors });
    return this.#failure === undefined && ready.length > 0;
  }

  #start(): void {
    this.#machine.take();
    const { seats, test } = this.#options;
    const hasSchedule = test.scenarios.some(({ load }) => load.kind === 'arrival-rate');
    const delayMs = seats.length === 1 && !hasSchedule ? startDelayMs.one : startDelayMs.several;
    this.#startMs = this.#options.clock.now() + delayMs;
    this.#started = true;
    this.#ledger?.start(this.#startMs, this.#options.test.id);
    for (const seat of this.#options.seats) seat.send({ type: 'start', atMs: this.#startMs });
    const limitMs = this.#plannedMs() + this.#options.test.gracefulStopMs + endLimitMs;
    this.#limitEnd(limitMs, () => {
      // If it was the host that slept, what the workers have said since then is read first.
      this.#limitEnd(lastWordMs, () => {
        for (const seat of this.#options.seats) {
          if (!this.#finished.has(seat.index)) void seat.giveUp('it did not come to an end');
        }
      });
    });
  }

  #limitEnd(afterMs: number, over: () => void): void {
    const { clock, isDebugged } = this.#options;
    this.#endLimit = clock.after(afterMs, () => {
      if (isDebugged()) this.#limitEnd(afterMs, over);
      else over();
    });
  }

  #plannedMs(): number {
    const { scenarios } = this.#options.test;
    return Math.max(...scenarios.map((each) => each.startAfterMs + plannedDurationMs(each.load)));
  }

  async #tearDown(data: unknown): Promise<void> {
    const { test, seats } = this.#options;
    const seat = seats.find((each) => each.state === 'alive');
    if (seat === undefined) return;
    await this.#ask('tearDown', () => seat.ask({ type: 'tearDown', test, data }, 'tornDown'));
  }

  /** A failure or a lost worker is kept as the test's, and the answer is undefined, as it is after a stop that waited enough. */
  async #ask<Message extends WorkerMessage>(
    during: Failure['during'],
    ask: () => Promise<Message | (WorkerMessage & { type: 'failed' })>,
  ): Promise<Message | undefined> {
    try {
      // A tear-down is waited for even then: it is what a stop is for.
      const answer = await this.#withinLimit(during, ask());
      if (answer === undefined || !isFailure(answer)) return answer;
      this.#failure ??= { during, error: answer.error };
    } catch (error) {
      if (!(error instanceof WorkerLost)) throw error;
      this.#failure ??= { during, error: lostError(error) };
    }
    return undefined;
  }

  /** The user's code may wait for what never comes; undefined after a stop that waited enough. Errors: WorkerLost. */
  async #withinLimit<Answer>(during: Failure['during'], asked: Promise<Answer>): Promise<Answer | undefined> {
    const { clock, isDebugged } = this.#options;
    let timer: TimerHandle | undefined;
    this.#gotOnMs = clock.now();
    const tooLong = new Promise<never>((_, reject) => {
      const wait = (ms: number): void => {
        timer = clock.after(ms, () => {
          const leftMs = isDebugged() ? phaseLimitMs : this.#gotOnMs + phaseLimitMs - clock.now();
          if (leftMs > 0) wait(leftMs);
          else reject(new WorkerLost('stuck', tooLongFor(during)));
        });
      };
      wait(phaseLimitMs);
    });
    try {
      return await Promise.race(during === 'tearDown' ? [asked, tooLong] : [asked, tooLong, this.#waitedEnough]);
    } finally {
      timer?.cancel();
      // What loses the race may still fail, and nobody listens.
      asked.catch(() => undefined);
    }
  }

  #checkOver(): void {
    if (!this.#started) return;
    const waiting = this.#options.seats.some((seat) => seat.state === 'alive' && !this.#finished.has(seat.index));
    if (!waiting) this.#allOver?.();
  }

  #end(): TestEnd {
    this.#waiting?.cancel();
    this.#endLimit?.cancel();
    const ends = [...this.#finished.values()];
    const lostEnds = this.#lost.map((lost) => this.#startMs + lost.atSeconds * 1000);
    const endMs = Math.max(this.#startMs, ...(ends.length > 0 ? ends : lostEnds));
    return {
      durationMs: this.#started ? Math.min(endMs - this.#startMs, this.#plannedMs()) : 0,
      stopped: this.#stopped,
      plannedArrivals: this.#plannedArrivals(),
      lostWorkers: this.#lost,
      ...this.#settled(),
      ...(this.#failure && { failure: this.#failure }),
    };
  }

  #settled(): Pick<TestEnd, 'delivery'> {
    const delivery = this.#ledger?.finish();
    return delivery === undefined ? {} : { delivery };
  }

  #plannedArrivals(): number | null {
    const { test, plan } = this.#options;
    let total = 0;
    for (const [index, { load }] of test.scenarios.entries()) {
      if (load.kind !== 'arrival-rate') return null;
      total += plannedArrivals(load, scenarioSeed(plan.seed, test.id, index));
    }
    return total;
  }
}

function isFailure(message: WorkerMessage): message is WorkerMessage & { type: 'failed' } {
  return message.type === 'failed';
}

function tooLongFor(during: Failure['during']): string {
  const seconds = phaseLimitMs / 1000;
  return during === 'prepare' ? `it set up no VU for ${seconds} s` : `it did not end within ${seconds} s`;
}

function lostError(error: WorkerLost): ReportedError {
  return {
    name: 'WorkerLost',
    message: `the worker was lost: ${error.message}`,
    code: 'WORKER_LOST',
    hint: '',
    stack: '',
    place: '',
  };
}
