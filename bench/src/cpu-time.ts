/**
 * CPU time of a whole process: user + system, all threads, from its start to its end.
 *
 * bash's `time` asks the kernel with getrusage(RUSAGE_CHILDREN) once the program has been waited for, so nothing of the
 * end is missed, as it would be by reading /proc before; and what the program itself waited for is in it. Resolution 1 ms.
 * `proveCpuTime` holds it against a program that knows how much it burned.
 */
import { fileURLToPath } from 'node:url';
import { ended, start, type Command, type Finished } from './processes.ts';

export interface TimedRun extends Finished {
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
}

/** bash's own messages and times go to file descriptor 3, the program keeps its own output. */
const script = 'exec 4>&2 2>&3; TIMEFORMAT="cpu %3U %3S %3R"; time "$@" 2>&4 3>&- 4>&-';

/** Errors: as `ended`, and when the program is not there. */
export async function timed(command: Command, limitMs: number): Promise<TimedRun> {
  const { program, args } = command;
  const shell = { ...command, program: 'bash', args: ['-c', script, 'bash', program, ...args] };
  const child = start(shell, ['ignore', 'pipe', 'pipe', 'pipe']);
  let times = '';
  child.stdio[3]?.on('data', (part: Buffer) => (times += part.toString()));
  const finished = await ended(child, limitMs);
  return { ...finished, ...parseTimes(times) };
}

/** 'cpu 1.234 0.567 10.012' → seconds. A decimal comma is one too. */
export function parseTimes(text: string): { cpuSeconds: number; wallSeconds: number } {
  const match = /^cpu (\S+) (\S+) (\S+)$/m.exec(text.replaceAll(',', '.'));
  if (!match) throw new Error(`no times from bash, only: ${text.trim()}`);
  const [user, system, wall] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return { cpuSeconds: user + system, wallSeconds: wall };
}

/**
 * Burns a known amount of CPU time on two threads and compares.
 *
 * @returns seconds as measured from outside and as the program itself counted just before its end
 * @throws Error when they differ by more than 30 ms and 3 %: then no figure of this bench can be trusted
 */
export async function proveCpuTime(): Promise<{ measured: number; known: number }> {
  const program = fileURLToPath(new URL('programs/cpu-burner.js', import.meta.url));
  const run = await timed({ program: process.execPath, args: [program, '0.5'] }, 30_000);
  const [measured, known] = [run.cpuSeconds, Number(run.stdout)];
  const off = Math.abs(measured - known);
  if (!(off <= 0.03 + known * 0.03)) {
    throw new Error(`CPU time cannot be measured here: ${measured} s, and the program burned ${known} s`);
  }
  return { measured, known };
}
