/** Verdicts and the exit code: of several that hold, the one that says most about whether the rest can be believed. */
import { exitCodes, type ExitCode } from '../kernel/errors.ts';
import type { Verdict } from '../model/result.ts';

/** Most important first. */
const order: readonly Verdict[] = ['interrupted', 'broken', 'unreachable', 'invalid', 'failed', 'partial', 'passed'];

/** The verdict of a run from those of its parts; a run without a part has not passed anything, but nothing failed. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  return order.find((verdict) => verdicts.includes(verdict)) ?? 'passed';
}

export function exitCodeOf(verdict: Verdict): ExitCode {
  switch (verdict) {
    case 'interrupted':
      return exitCodes.interrupted;
    case 'broken':
    case 'partial':
      return exitCodes.broken;
    case 'unreachable':
      return exitCodes.unreachable;
    case 'invalid':
      return exitCodes.invalid;
    case 'failed':
      return exitCodes.failed;
    case 'passed':
      return exitCodes.passed;
  }
}
