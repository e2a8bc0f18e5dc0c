/** What `run` and `quick` share once there is a plan: checks, the run itself, its end. */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { Session } from '../engine/session.ts';
import { ownPackage } from '../input/own-package.ts';
import { exitCodeOf } from '../judge/verdict.ts';
import type { ExitCode } from '../kernel/errors.ts';
import type { Config, ReporterName } from '../model/config.ts';
import type { RunPlan } from '../model/plan.ts';
import { reportFiles } from '../report/formats.ts';
import { terminalReporter } from '../report/terminal-reporter.ts';
import { redactCommand } from '../store/redact.ts';
import { describeEnvironment } from './environment.ts';
import { assertFilesSuffice, fileLimits } from './file-limit.ts';
import type { Interruption } from './interrupt.ts';
import { jsonReporter } from './json-reporter.ts';
import { standardError, standardOutput } from './output.ts';
import { assertTargetAllowed } from './reachable.ts';
import type { RunLog } from './run-log.ts';
import { runSession } from './run-session.ts';
import { keepHeapSteady } from './steady-heap.ts';
import { TestWatch } from './test-watch.ts';

export interface RunSettings {
  readonly plan: RunPlan;
  readonly session: Session;
  readonly log: RunLog;
  readonly interruption: Interruption;
  /** Of the run folder. */
  readonly name: string;
  /** The command line's words. */
  readonly words: readonly string[];
  readonly config: Config;
  readonly store: boolean;
  readonly bail: boolean;
  readonly json: boolean;
  readonly colour: boolean | undefined;
}

/** Everything that can be known to be wrong before anything is sent. Errors: usage and configuration. */
export function checkPlan(plan: RunPlan): void {
  for (const test of plan.tests) {
    // Thresholds are parsed when a judge is made.
    new TestWatch(test, '');
    const url = plan.quick?.url ?? plan.target;
    if (url !== '') assertTargetAllowed(url, test.http, plan.guard.allow);
  }
  assertFilesSuffice(plan.tests, fileLimits());
}

/** They take turns, and how long one waits for its turn is in what it measures. */
function warnOfWorkers({ plan: { workers }, log }: RunSettings): void {
  const cores = availableParallelism();
  if (workers > cores) {
    log.events.onProblem(
      `${workers} workers take turns on ${cores} ${cores === 1 ? 'core' : 'cores'}: latencies may read too high`,
    );
  }
}

const defaultReporters: readonly ReporterName[] = ['junit', 'markdown'];

export async function performRun(settings: RunSettings): Promise<ExitCode> {
  const { plan, config, json, colour, words, store } = settings;
  const options = { out: standardOutput(), err: standardError(), env: process.env, colour };
  warnOfWorkers(settings);
  keepHeapSteady();
  const { result } = await runSession({
    ...settings,
    tool: `plimsoll ${ownPackage().version}`,
    command: redactCommand(['plimsoll', ...words]),
    environment: describeEnvironment(plan, fileLimits()?.soft ?? null),
    store: store ? resolve(plan.root, config.store ?? '.plimsoll') : undefined,
    reports: (final) => reportFiles(final, config.reporters ?? defaultReporters),
    reporter: json ? jsonReporter(options) : terminalReporter(options),
  });
  return exitCodeOf(result.verdict);
}
