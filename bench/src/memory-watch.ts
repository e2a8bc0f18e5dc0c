/** Resident memory and CPU time of a process while it runs, from /proc. */
import { readFileSync } from 'node:fs';
import { ended, start, type Command, type Finished } from './processes.ts';

export interface MemorySample {
  /** Seconds since the process was started. */
  readonly atSeconds: number;
  readonly residentMb: number;
  /** Greatest so far, as the kernel keeps it: nothing between two samples is missed. */
  readonly peakMb: number;
  /** User and system so far, of all threads; to 10 ms. Programs that it started are not in it. */
  readonly cpuSeconds: number;
}

export interface WatchedRun extends Finished {
  readonly samples: readonly MemorySample[];
}

/**
 * Runs a program and looks at its memory. The program is started without a shell in between: its id is the child's.
 * `onSample` may look at something else at the same moment.
 */
export async function watched(
  command: Command,
  options: { everyMs: number; limitMs: number; onSample?: (sample: MemorySample) => void },
): Promise<WatchedRun> {
  const began = performance.now();
  const child = start(command, ['ignore', 'pipe', 'pipe']);
  const samples: MemorySample[] = [];
  const timer = setInterval(() => {
    const memory = child.pid === undefined ? undefined : readMemory(child.pid);
    if (memory === undefined) return;
    const sample = { atSeconds: (performance.now() - began) / 1000, ...memory };
    samples.push(sample);
    options.onSample?.(sample);
  }, options.everyMs);
  try {
    return { ...(await ended(child, options.limitMs)), samples };
  } finally {
    clearInterval(timer);
  }
}

/** Undefined when the process has ended. */
function readMemory(pid: number): Omit<MemorySample, 'atSeconds'> | undefined {
  try {
    const memory = memoryIn(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return memory && { ...memory, cpuSeconds: cpuSecondsIn(readFileSync(`/proc/${pid}/stat`, 'utf8')) };
  } catch {
    return undefined;
  }
}

/** `VmHWM:	   52000 kB` and `VmRSS:	   51000 kB`; 1 MB is 10⁶ bytes. Undefined for a process that has just ended. */
export function memoryIn(status: string): { residentMb: number; peakMb: number } | undefined {
  const resident = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  if (resident === undefined || peak === undefined) return undefined;
  return { residentMb: (Number(resident) * 1024) / 1e6, peakMb: (Number(peak) * 1024) / 1e6 };
}

/** Linux counts in hundredths of a second, whatever its own clock. */
const ticksPerSecond = 100;

/** `4242 (node) S …`: user and system time are the 14th and 15th field; the name may hold spaces and brackets. */
export function cpuSecondsIn(stat: string): number {
  const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(afterName[11]) + Number(afterName[12])) / ticksPerSecond;
}
