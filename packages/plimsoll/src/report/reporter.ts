/** Who tells people or programs about a run while it goes by. Every hook is optional; none may throw or wait. */
import type { RunPlan, TestPlan } from '../model/plan.ts';
import type { RunResult, TestResult } from '../model/result.ts';
import type { Progress } from './progress.ts';

export interface Reporter {
  onRunStart?(plan: RunPlan): void;
  onTestStart?(test: TestPlan): void;
  /** Once a second while a test runs. */
  onSecond?(progress: Progress): void;
  /** What the test's own code had to say. */
  onLog?(line: ReportedLine): void;
  /** Trouble of the tool's own, a sentence. */
  onProblem?(message: string): void;
  onTestEnd?(result: TestResult): void;
  /** @param folder where the run is stored; undefined where it is not */
  onRunEnd?(result: RunResult, folder: string | undefined): void;
}

export interface ReportedLine {
  readonly level: 'log' | 'warn' | 'error' | 'debug';
  readonly text: string;
}

/** Where text goes to: standard output or standard error, or a test's own. */
export interface Sink {
  readonly isTerminal: boolean;
  readonly columns: number;
  write(text: string): void;
}
