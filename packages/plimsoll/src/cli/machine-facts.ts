/** Looks at this machine: what `plimsoll doctor` judges. Takes about three seconds. */
import { readFileSync } from 'node:fs';
import { availableParallelism, freemem, loadavg } from 'node:os';
import { systemClock } from '../kernel/clock.ts';
import { fileLimits } from './file-limit.ts';
import { measureLoopback } from './loopback.ts';
import type { MachineFacts } from './machine-checks.ts';

export async function lookAtMachine(): Promise<MachineFacts> {
  return {
    node: process.version,
    cores: availableParallelism(),
    loadAverage: process.platform === 'win32' ? null : (loadavg()[0] ?? null),
    fileLimits: fileLimits(),
    ephemeralPorts: ephemeralPorts(),
    clockStepUs: clockStepUs(),
    timerLateP99Ms: await timerLateP99Ms(),
    freeMemoryBytes: freeMemoryBytes(),
    loopback: await measureLoopback(),
  };
}

function ephemeralPorts(): readonly [number, number] | null {
  try {
    const [first, last] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8')
      .trim()
      .split(/\s+/)
      .map(Number);
    return first !== undefined && last !== undefined ? [first, last] : null;
  } catch {
    return null;
  }
}

/** What the kernel could hand out without swapping, within the container's limit. */
function freeMemoryBytes(): number {
  const limit = process.constrainedMemory();
  // 0, or a number beyond any memory, stands for no limit.
  const allowed = limit > 0 && limit < 2 ** 50 ? limit - process.memoryUsage().rss : Number.POSITIVE_INFINITY;
  return Math.min(availableMemoryBytes(), allowed);
}

/** Free memory as Linux counts it includes caches that can be dropped. */
function availableMemoryBytes(): number {
  try {
    const kilobytes = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
    return kilobytes === undefined ? freemem() : Number(kilobytes) * 1024;
  } catch {
    return freemem();
  }
}

/** The smallest of a hundred steps that the clock was seen to make. */
function clockStepUs(): number {
  let smallest = Number.POSITIVE_INFINITY;
  for (let seen = 0; seen < 100; seen++) {
    const from = systemClock.now();
    let to = from;
    while (to === from) to = systemClock.now();
    smallest = Math.min(smallest, to - from);
  }
  return smallest * 1000;
}

async function timerLateP99Ms(): Promise<number> {
  const late: number[] = [];
  for (let n = 0; n < 200; n++) {
    const due = systemClock.now() + 5;
    await new Promise<void>((wake) => systemClock.after(5, wake));
    late.push(systemClock.now() - due);
  }
  return late.sort((left, right) => left - right)[197] ?? 0;
}
