/** The machine as the page describes it, and whether it was quiet. Linux only. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly os: string;
  readonly kernel: string;
  readonly node: string;
  /** Share of all cores that was busy in the seconds before the bench began. */
  readonly busyBefore: number;
}

export async function lookAtMachine(): Promise<Machine> {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 1e9),
    os: /^PRETTY_NAME="?([^"\n]*)/m.exec(readOr('/etc/os-release', ''))?.[1] ?? process.platform,
    kernel: release(),
    node: process.version,
    busyBefore: await busyShare(2000),
  };
}

/** Share of the cores' time that is neither idle nor waiting for a disk; time stolen by other guests counts as busy. */
export async function busyShare(overMs: number): Promise<number> {
  const before = parseCpuTicks(readFileSync('/proc/stat', 'utf8'));
  await pause(overMs);
  const after = parseCpuTicks(readFileSync('/proc/stat', 'utf8'));
  const total = after.total - before.total;
  return total === 0 ? 0 : 1 - (after.idle - before.idle) / total;
}

/** `cpu  user nice system idle iowait irq softirq steal guest guest_nice`, in ticks; guest is in user already. */
export function parseCpuTicks(stat: string): { idle: number; total: number } {
  const ticks = (/^cpu +(.*)$/m.exec(stat)?.[1] ?? '').split(' ').map(Number).slice(0, 8);
  return { idle: ticks[3]! + ticks[4]!, total: ticks.reduce((sum, value) => sum + value, 0) };
}

/** How many files, connections included, a process may open at most; Node raises itself to that. */
export function hardFileLimit(): number {
  const hard = /^Max open files +\S+ +(\S+)/m.exec(readOr('/proc/self/limits', ''))?.[1];
  return hard === undefined || hard === 'unlimited' ? Infinity : Number(hard);
}

/** Files of a process beside its connections. */
const otherFiles = 200;

/**
 * Sees to it that the programs started from here may hold so many connections: Node raises itself to the hard limit, and
 * where that is too low it is raised, which takes the rights for it.
 *
 * Errors: it is too low, and stays so.
 */
export function allowFiles(connections: number): void {
  const wanted = connections + otherFiles;
  if (hardFileLimit() >= wanted) return;
  try {
    execFileSync('prlimit', ['--pid', `${process.pid}`, `--nofile=${wanted}:${wanted}`], { stdio: 'ignore' });
  } catch {
    // Said below.
  }
  if (hardFileLimit() >= wanted) return;
  throw new Error(
    `${connections} connections need ${wanted} open files, and this shell allows ${hardFileLimit()}: run 'ulimit -Hn ${wanted}' as root`,
  );
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}
