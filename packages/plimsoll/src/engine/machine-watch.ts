/** What the host can see of its machine: time stolen by other guests, and jumps of the clock. */
import { readFileSync } from 'node:fs';
import type { Clock } from '../kernel/clock.ts';

export interface MachineFigures {
  /** Share of the machine's CPU time taken by the hypervisor; null where the platform does not tell. */
  readonly stealShare: number | null;
  /** Wall clock against monotonic clock since the last look, in ms. */
  readonly clockJumpMs: number;
}

export class MachineWatch {
  readonly #clock: Clock;
  #cpu = readCpuTimes();
  #wallMs: number;
  #monotonicMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#wallMs = clock.wallMs();
    this.#monotonicMs = clock.now();
  }

  take(): MachineFigures {
    const wallMs = this.#clock.wallMs();
    const monotonicMs = this.#clock.now();
    const clockJumpMs = wallMs - this.#wallMs - (monotonicMs - this.#monotonicMs);
    this.#wallMs = wallMs;
    this.#monotonicMs = monotonicMs;
    const before = this.#cpu;
    this.#cpu = readCpuTimes();
    const total = before && this.#cpu ? this.#cpu.total - before.total : 0;
    const stealShare = total > 0 ? (this.#cpu!.steal - before!.steal) / total : null;
    return { stealShare, clockJumpMs };
  }
}

/** Ticks since boot from the first line of /proc/stat: user nice system idle iowait irq softirq steal … */
function readCpuTimes(): { readonly steal: number; readonly total: number } | undefined {
  try {
    const line = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]!;
    const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number);
    if (ticks.length < 8) return undefined;
    return { steal: ticks[7]!, total: ticks.reduce((sum, each) => sum + each, 0) };
  } catch {
    // Only Linux has it.
    return undefined;
  }
}
