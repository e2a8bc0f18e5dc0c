/** The generator watches itself: how busy its event loop is, its CPU, its garbage collector's pauses, its memory. */
import { performance, PerformanceObserver, type EventLoopUtilization } from 'node:perf_hooks';
import type { Scheduler } from './scheduler.ts';

export interface GeneratorFigures {
  readonly busyShare: number;
  readonly cpuUs: number;
  readonly gcMaxPauseUs: number;
  readonly heapBytes: number;
  readonly rssBytes: number;
}

type Memory = Pick<GeneratorFigures, 'heapBytes' | 'rssBytes'>;

export class GeneratorWatch {
  readonly #scheduler: Scheduler;
  readonly #observer: PerformanceObserver;
  #utilization: EventLoopUtilization = performance.eventLoopUtilization();
  #cpu = process.cpuUsage();
  #spunMs = 0;
  #gcMaxPauseMs = 0;
  #memory: Memory = { heapBytes: 0, rssBytes: 0 };

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
    this.#observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) this.#gcMaxPauseMs = Math.max(this.#gcMaxPauseMs, entry.duration);
    });
    this.#observer.observe({ entryTypes: ['gc'] });
  }

  /** Forgets what went before: called when the clock of a test starts. */
  reset(): void {
    this.take(1);
  }

  /** `cpuUs` is the whole process's: the threads of one host share it. */
  take(spanMs: number): GeneratorFigures {
    const utilization = performance.eventLoopUtilization();
    const spunMs = this.#scheduler.spunMs;
    const activeMs = utilization.active - this.#utilization.active - (spunMs - this.#spunMs);
    this.#utilization = utilization;
    this.#spunMs = spunMs;
    const cpu = process.cpuUsage();
    const cpuUs = cpu.user - this.#cpu.user + cpu.system - this.#cpu.system;
    this.#cpu = cpu;
    const gcMaxPauseUs = this.#gcMaxPauseMs * 1000;
    this.#gcMaxPauseMs = 0;
    this.#memory = readMemory() ?? this.#memory;
    const { heapBytes, rssBytes } = this.#memory;
    const busyShare = spanMs > 0 ? Math.min(1, Math.max(0, activeMs / spanMs)) : 0;
    return { busyShare, cpuUs, gcMaxPauseUs, heapBytes, rssBytes };
  }

  close(): void {
    this.#observer.disconnect();
  }
}

/** Asking opens a file, so it fails where the file limit is reached: just then the snapshots must not stop. */
function readMemory(): Memory | undefined {
  try {
    const { heapUsed, rss } = process.memoryUsage();
    return { heapBytes: heapUsed, rssBytes: rss };
  } catch {
    return undefined;
  }
}
