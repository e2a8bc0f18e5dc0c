/** What the user reads when a command cannot do what it was asked to: one sentence, never a stack. */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../kernel/clock.ts';
import { exitCodes, PlimsollError, type ExitCode } from '../kernel/errors.ts';
import { redactText } from '../store/redact.ts';
import type { Output } from './output.ts';

/** @returns the exit code */
export function reportFailure(error: unknown, output: Output): ExitCode {
  const text = describeFailure(error);
  // Where a caret stands under a line, nothing may stand before it.
  output.write(`${text.includes('\n') ? '' : 'plimsoll: '}${text}\n`);
  return error instanceof PlimsollError ? error.exitCode : exitCodes.broken;
}

/** What is not meant for the user is a bug of ours: its stack is kept in a file, whose name is told. */
export function describeFailure(error: unknown): string {
  if (error instanceof PlimsollError) return `${redactText(error.message)}${error.hint ? hintText(error) : ''}`;
  const message = error instanceof Error ? error.message : String(error);
  const place = keepReport(error);
  return `a bug in plimsoll: ${redactText(message)}${place ? ` (details in ${place})` : ''}`;
}

/** After a dash on the same line; below a message of several lines, on a line of its own. */
function hintText({ message, hint = '' }: PlimsollError): string {
  return message.includes('\n') ? `\n\n  ${hint}` : ` — ${hint}`;
}

/** The stack goes to a file, for whoever is to mend it. */
function keepReport(error: unknown): string | undefined {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const name = `plimsoll-bug-${systemClock.wallMs().toFixed(0)}.log`;
  for (const folder of [join(process.cwd(), '.plimsoll'), tmpdir()]) {
    const path = join(folder, name);
    try {
      writeFileSync(path, `node ${process.version}, ${process.platform}\n${redactText(text)}\n`);
      return path;
    } catch {
      // Not a project, or not writable: the next one is.
    }
  }
  return undefined;
}
