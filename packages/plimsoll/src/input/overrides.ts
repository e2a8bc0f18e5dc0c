/** What the command line changes in a load model: `--vus --rate --duration --iterations`. */
import type { ArrivalRate, LoadModel, RampingVus, Stage } from '../model/load-model.ts';
import { initialVus, plannedDurationMs } from '../model/load-model.ts';

export interface LoadOverrides {
  readonly vus?: number | undefined;
  /** Arrivals per second. */
  readonly rate?: number | undefined;
  readonly durationMs?: number | undefined;
  readonly iterations?: number | undefined;
}

export interface OverriddenLoad {
  readonly load: LoadModel;
  /** The overrides that mean something to this model. */
  readonly used: readonly (keyof LoadOverrides)[];
}

/**
 * Iterations turn any model but `perVuIterations` into that many shared ones; ramps keep their form: their stages are
 * stretched to the duration, and their peak becomes the VUs or the rate asked for.
 */
export function overrideLoad(load: LoadModel, overrides: LoadOverrides): OverriddenLoad {
  const { vus, rate, durationMs, iterations } = overrides;
  const used: (keyof LoadOverrides)[] = [];
  let changed = load;
  if (iterations !== undefined) {
    changed = withIterations(changed, iterations);
    used.push('iterations');
  }
  if (vus !== undefined) {
    changed = withVus(changed, vus);
    used.push('vus');
  }
  if (durationMs !== undefined) {
    changed = withDuration(changed, durationMs);
    used.push('durationMs');
  }
  if (rate !== undefined && changed.kind === 'arrival-rate') {
    changed = withRate(changed, rate);
    used.push('rate');
  }
  return { load: changed, used };
}

/** Arrivals per second at the highest point; 0 in VU models, whose rate is the target's answer. */
export function peakRate(load: LoadModel): number {
  if (load.kind !== 'arrival-rate') return 0;
  return Math.max(load.startRate, ...load.stages.map((stage) => stage.target));
}

function withIterations(load: LoadModel, iterations: number): LoadModel {
  if (load.kind === 'per-vu-iterations') return { ...load, iterations };
  const vus = Math.min(Math.max(1, initialVus(load)), iterations);
  // Ten minutes is what sharedIterations gives itself; a test that was to last longer may.
  const maxDurationMs =
    load.kind === 'shared-iterations' ? load.maxDurationMs : Math.max(600_000, plannedDurationMs(load));
  return { kind: 'shared-iterations', vus, iterations, maxDurationMs };
}

function withVus(load: LoadModel, vus: number): LoadModel {
  switch (load.kind) {
    case 'shared-iterations':
      return { ...load, vus: Math.min(vus, load.iterations) };
    case 'per-vu-iterations':
    case 'constant-vus':
      return { ...load, vus };
    case 'ramping-vus':
      return withPeakVus(load, vus);
    case 'arrival-rate':
      return { ...load, vus, maxVus: vus };
  }
}

function withPeakVus(load: RampingVus, vus: number): RampingVus {
  const factor = vus / Math.max(1, initialVus(load));
  const stages = scaledTargets(load.stages, (target) => Math.round(target * factor));
  return { ...load, startVus: Math.round(load.startVus * factor), stages };
}

function withDuration(load: LoadModel, durationMs: number): LoadModel {
  switch (load.kind) {
    case 'shared-iterations':
    case 'per-vu-iterations':
      return { ...load, maxDurationMs: durationMs };
    case 'constant-vus':
      return { ...load, durationMs };
    case 'ramping-vus':
    case 'arrival-rate': {
      const plannedMs = plannedDurationMs(load);
      const factor = plannedMs > 0 ? durationMs / plannedMs : 1;
      return { ...load, stages: load.stages.map((stage) => ({ ...stage, durationMs: stage.durationMs * factor })) };
    }
  }
}

function withRate(load: ArrivalRate, rate: number): ArrivalRate {
  const peak = peakRate(load);
  if (peak === 0) return load;
  const factor = rate / peak;
  // As many VUs per arrival as before: an answer still has the same time to come.
  const grown = (vus: number): number => Math.max(vus, Math.ceil(vus * factor));
  return {
    ...load,
    startRate: load.startRate * factor,
    stages: scaledTargets(load.stages, (target) => target * factor),
    vus: grown(load.vus),
    maxVus: grown(load.maxVus),
  };
}

function scaledTargets(stages: readonly Stage[], scale: (target: number) => number): Stage[] {
  return stages.map((stage) => ({ ...stage, target: scale(stage.target) }));
}
