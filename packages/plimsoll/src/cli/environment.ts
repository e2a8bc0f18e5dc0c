/** The machine and the settings of a run, as they are stored with its result. */
import { availableParallelism, cpus, release, totalmem, type as osType } from 'node:os';
import type { RunPlan } from '../model/plan.ts';
import type { RunEnvironment } from '../model/result.ts';

export function describeEnvironment(plan: RunPlan, fileLimit: number | null): RunEnvironment {
  return {
    node: process.version,
    cpu: cpus()[0]?.model.trim() ?? process.arch,
    cores: availableParallelism(),
    os: `${osType()} ${release()}`,
    memoryBytes: totalmem(),
    seed: plan.seed,
    workers: plan.workers,
    spin: plan.spin,
    // JSON knows no infinity.
    fileLimit: fileLimit !== null && Number.isFinite(fileLimit) ? fileLimit : null,
  };
}
