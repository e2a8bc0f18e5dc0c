/**
 * Runs a plan: engine, judge, store and reporters wired together. The flow is one way: the engine's seconds go to the
 * test's totals, from there to the partial result on disk and to whoever shows it.
 */
import type { Session } from '../engine/session.ts';
import { worstValidity } from '../judge/validity.ts';
import { worstVerdict } from '../judge/verdict.ts';
import { systemClock, type Clock } from '../kernel/clock.ts';
import { TargetUnreachableError } from '../kernel/errors.ts';
import type { RunPlan, TestPlan } from '../model/plan.ts';
import type { RunEnvironment, RunResult, TestResult, Verdict } from '../model/result.ts';
import { progressOf } from '../report/progress.ts';
import type { Reporter } from '../report/reporter.ts';
import { redactResult } from '../store/redact.ts';
import { createRunFolder, type RunFolder } from '../store/run-folder.ts';
import { crowdedPorts } from './crowded-ports.ts';
import { describeFailure } from './failure.ts';
import type { Interruption } from './interrupt.ts';
import { missingConnections } from './missing-connections.ts';
import { assertReachable } from './reachable.ts';
import type { RunLog } from './run-log.ts';
import { TestWatch } from './test-watch.ts';

export interface RunRequest {
  readonly plan: RunPlan;
  readonly session: Session;
  /** 'plimsoll x.y.z' */
  readonly tool: string;
  /** Of the run folder. */
  readonly name: string;
  /** As a person would type it again, without secrets. */
  readonly command: string;
  readonly environment: RunEnvironment;
  /** Absolute; undefined: nothing is stored. */
  readonly store: string | undefined;
  /** The first test that does not pass is the last one. */
  readonly bail: boolean;
  /** From the final result to file name → content. */
  readonly reports: (result: RunResult) => Readonly<Record<string, string>>;
  readonly reporter: Reporter;
  readonly interruption: Interruption;
  readonly log: RunLog;
  readonly clock?: Clock;
}

export interface RunOutcome {
  readonly result: RunResult;
  /** Where it is stored; undefined where it is not. */
  readonly folder: string | undefined;
}

/** An interrupted iteration gets this long to end. */
const interruptGraceMs = 2000;

export async function runSession(request: RunRequest): Promise<RunOutcome> {
  return new RunInProgress(request).run();
}

class RunInProgress {
  private readonly request: RunRequest;
  private readonly clock: Clock;
  private readonly startedAt: string;
  private readonly finished: TestResult[] = [];
  private readonly problems: string[] = [];
  private folder: RunFolder | undefined;
  private current: TestWatch | undefined;

  constructor(request: RunRequest) {
    this.request = request;
    this.clock = request.clock ?? systemClock;
    this.startedAt = this.isoTime();
  }

  async run(): Promise<RunOutcome> {
    const { plan, session, store, name, reporter, interruption } = this.request;
    const onProblem = (problem: string): void => reporter.onProblem?.(problem);
    if (store !== undefined) this.folder = await createRunFolder(store, name, this.startedAt, { onProblem });
    this.listenToLog();
    interruption.onInterrupt(() => session.stop('interrupted', interruptGraceMs));
    reporter.onRunStart?.(plan);
    this.storePartial();
    const verdict = await this.runTests();
    const closed = session.close();
    const [outcome] = await Promise.all([this.finish(verdict, closed), closed]);
    return outcome;
  }

  /** @returns what the run as a whole has to say beyond its tests */
  private async runTests(): Promise<Verdict> {
    try {
      // A server that is not there is told apart from one that fails.
      await assertReachable(this.request.plan);
      for (const test of this.request.plan.tests) {
        if (this.request.interruption.interrupted) break;
        const result = await this.runTest(test);
        if (this.request.bail && result.verdict !== 'passed') break;
      }
      return this.request.interruption.interrupted ? 'interrupted' : 'passed';
    } catch (error) {
      return this.giveUp(error);
    }
  }

  private async runTest(test: TestPlan): Promise<TestResult> {
    const { session, reporter } = this.request;
    const watch = new TestWatch(test, this.isoTime());
    let saidCrowded = false;
    this.current = watch;
    reporter.onTestStart?.(test);
    const end = await session.runTest(test, {
      onPrepared: (prepared) => {
        const missing = missingConnections(prepared);
        if (missing !== undefined) this.addProblem(missing);
      },
      onSecond: (merged) => {
        const broken = watch.add(merged);
        const { second, snapshots } = merged;
        this.folder?.appendSecond({ test: test.name, group: test.group, second, snapshots });
        reporter.onSecond?.(progressOf(test, watch.totals, second));
        const crowded = saidCrowded ? undefined : crowdedPorts(snapshots, test.http);
        if (crowded !== undefined) {
          saidCrowded = true;
          this.addProblem(crowded);
        }
        this.storePartial();
        if (broken !== undefined) session.stop(`threshold not held: ${broken}`, 0);
      },
    });
    const result = watch.result(end);
    this.current = undefined;
    this.finished.push(result);
    reporter.onTestEnd?.(result);
    return result;
  }

  /** What was measured until then is kept, judged and written. */
  private giveUp(error: unknown): Verdict {
    const problem = describeFailure(error);
    this.problems.push(problem);
    this.request.reporter.onProblem?.(problem);
    // Of a run that was being stopped, what fails on the way out is no news.
    if (this.request.interruption.interrupted) return 'interrupted';
    return error instanceof TargetUnreachableError ? 'unreachable' : 'broken';
  }

  private listenToLog(): void {
    const { log, reporter } = this.request;
    log.listen({
      line: (line) => {
        const { level, text, worker, vu } = line;
        // They were asked for to be seen, and hold whole bodies.
        const isKept = level !== 'debug';
        const test = this.current === undefined ? {} : { test: this.current.test.name };
        if (isKept)
          this.folder?.appendLog({ atMs: this.clock.wallMs(), level, source: 'test', text, worker, vu, ...test });
        reporter.onLog?.(line);
      },
      problem: (message) => {
        this.addProblem(message);
      },
      service: (text) => {
        this.folder?.appendLog({ atMs: this.clock.wallMs(), level: 'log', source: 'tool', text: `service: ${text}` });
      },
    });
  }

  private addProblem(message: string): void {
    this.folder?.appendLog({ atMs: this.clock.wallMs(), level: 'warn', source: 'tool', text: message });
    this.problems.push(message);
    this.request.reporter.onProblem?.(message);
  }

  private storePartial(): void {
    this.folder?.replaceResult(this.resultAs('partial'));
  }

  private async finish(beyond: Verdict, closed: Promise<void>): Promise<RunOutcome> {
    const { reports, reporter } = this.request;
    const endedAt = this.isoTime();
    const final = (isStored: boolean): RunResult => ({ ...this.resultAs(this.verdict(beyond, isStored)), endedAt });
    const result = this.folder ? await this.folder.finish(final, reports, closed) : redactResult(final(true));
    const folder = this.folder?.path;
    reporter.onRunEnd?.(result, folder);
    return { result, folder };
  }

  /** Results that could not be stored make a run broken: whoever looks for them later finds nothing. */
  private verdict(beyond: Verdict, isStored: boolean): Verdict {
    return worstVerdict([beyond, isStored ? 'passed' : 'broken', ...this.finished.map((test) => test.verdict)]);
  }

  private resultAs(verdict: Verdict): RunResult {
    const { plan, tool, name, command, environment } = this.request;
    const tests = this.current ? [...this.finished, this.current.resultSoFar()] : [...this.finished];
    return {
      schema: 1,
      tool,
      startedAt: this.startedAt,
      endedAt: null,
      name,
      command,
      target: plan.quick?.url ?? plan.target,
      verdict,
      validity: worstValidity(tests.map((test) => test.validity)),
      environment,
      tests,
      problems: [...this.problems],
    };
  }

  private isoTime(): string {
    return new Date(this.clock.wallMs()).toISOString();
  }
}
