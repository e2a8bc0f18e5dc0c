/** What went wrong, told to a person in one sentence and to a machine by a code. */

/** The exit codes of the command line: a public contract (docs/reference/commands.md). */
export const exitCodes = {
  passed: 0,
  failed: 1,
  usage: 2,
  invalid: 3,
  unreachable: 4,
  broken: 5,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export interface ErrorDetails {
  /** What to do about it: half a sentence that starts with a verb. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** Every error meant for the user. Anything else that reaches the top is a bug in plimsoll and says so. */
export abstract class PlimsollError extends Error {
  abstract readonly code: string;
  abstract readonly exitCode: ExitCode;
  readonly hint: string | undefined;

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.hint = details.hint;
  }
}

/** The command line was wrong: an unknown flag, a bad value. */
export class UsageError extends PlimsollError {
  readonly code = 'USAGE';
  readonly exitCode = exitCodes.usage;
}

/** A duration, rate, size or count that does not parse. */
export class UnitSyntaxError extends PlimsollError {
  readonly code = 'UNIT_SYNTAX';
  readonly exitCode = exitCodes.usage;
}

/** A test file, a data file or the configuration says something impossible. */
export class TestFileError extends PlimsollError {
  readonly code = 'TEST_FILE';
  readonly exitCode = exitCodes.usage;
}

/** The same error with its place in front; its hint stays, and it is the cause. */
export function atItsPlace(place: string, error: Error): TestFileError {
  const hint = error instanceof PlimsollError && error.hint !== undefined ? { hint: error.hint } : {};
  return new TestFileError(`${place}: ${error.message}`, { ...hint, cause: error });
}

/** `plimsoll.config.ts` is not valid. */
export class ConfigurationError extends PlimsollError {
  readonly code = 'CONFIGURATION';
  readonly exitCode = exitCodes.usage;
}

/** A host that is neither loop-back nor allowed. */
export class TargetNotAllowedError extends PlimsollError {
  readonly code = 'TARGET_NOT_ALLOWED';
  readonly exitCode = exitCodes.usage;
}

/** This machine cannot carry what was asked for: file limit, ports, memory. */
export class CapacityError extends PlimsollError {
  readonly code = 'MACHINE_LIMIT';
  readonly exitCode = exitCodes.usage;
}

/** The target did not answer before the first request. */
export class TargetUnreachableError extends PlimsollError {
  readonly code = 'TARGET_UNREACHABLE';
  readonly exitCode = exitCodes.unreachable;
}

/** A part of the tool failed: a worker died at start, the disk is full, the books do not balance by a bug. */
export class BrokenError extends PlimsollError {
  readonly code = 'BROKEN';
  readonly exitCode = exitCodes.broken;
}
