/** How load is put on: plain values that can be spread, compared, sent to a worker and stored. */
import { parseDurationMs, parseRatePerSecond } from '../kernel/units.ts';
import { TestFileError } from '../kernel/errors.ts';

/** Milliseconds, or text such as '500ms', '2s', '1m30s'. */
export type Duration = number | string;
/** Arrivals per second, or text such as '50/s', '300/m', '1000/h'. */
export type Rate = number | string;

export interface SharedIterations {
  readonly kind: 'shared-iterations';
  readonly vus: number;
  readonly iterations: number;
  readonly maxDurationMs: number;
}
export interface PerVuIterations {
  readonly kind: 'per-vu-iterations';
  readonly vus: number;
  readonly iterations: number;
  readonly maxDurationMs: number;
}
export interface ConstantVus {
  readonly kind: 'constant-vus';
  readonly vus: number;
  readonly durationMs: number;
}
/** VUs follow straight lines from `startVus` through the stages. */
export interface RampingVus {
  readonly kind: 'ramping-vus';
  readonly startVus: number;
  readonly stages: readonly Stage[];
}
/** Arrivals per second follow straight lines from `startRate` through the stages. A constant rate is one stage. */
export interface ArrivalRate {
  readonly kind: 'arrival-rate';
  readonly startRate: number;
  readonly stages: readonly Stage[];
  readonly vus: number;
  readonly maxVus: number;
  readonly spacing: Spacing;
}
export interface Stage {
  readonly durationMs: number;
  /** VUs or arrivals per second at the end of the stage. */
  readonly target: number;
}
/** 'poisson': arrivals as of many users who know nothing of each other. 'constant': evenly apart. */
export type Spacing = 'poisson' | 'constant';
export type LoadModel = SharedIterations | PerVuIterations | ConstantVus | RampingVus | ArrivalRate;

/** What a user writes as a stage. */
export interface StageInput<Target> {
  readonly duration: Duration;
  readonly target: Target;
}

const tenMinutesMs = 600_000;

/**
 * So many iterations in all; each VU takes the next one as soon as it is free. Closed model.
 *
 * `maxDuration` is 10 minutes unless given.
 */
export function sharedIterations(options: {
  vus: number;
  iterations: number;
  maxDuration?: Duration;
}): SharedIterations {
  return {
    kind: 'shared-iterations',
    vus: positiveInteger('sharedIterations', 'vus', options.vus),
    iterations: positiveInteger('sharedIterations', 'iterations', options.iterations),
    maxDurationMs: parseDurationMs(options.maxDuration ?? tenMinutesMs),
  };
}

/** So many iterations for each VU. Closed model. `maxDuration` is 10 minutes unless given. */
export function perVuIterations(options: { vus: number; iterations: number; maxDuration?: Duration }): PerVuIterations {
  return {
    kind: 'per-vu-iterations',
    vus: positiveInteger('perVuIterations', 'vus', options.vus),
    iterations: positiveInteger('perVuIterations', 'iterations', options.iterations),
    maxDurationMs: parseDurationMs(options.maxDuration ?? tenMinutesMs),
  };
}

/** So many VUs, each starting an iteration as soon as the last one is over. Closed model. */
export function constantVus(options: { vus: number; duration: Duration }): ConstantVus {
  return {
    kind: 'constant-vus',
    vus: positiveInteger('constantVus', 'vus', options.vus),
    durationMs: positiveDurationMs('constantVus', options.duration),
  };
}

/** A number of VUs that follows straight lines from `startVus` (0) through the stages. Closed model. */
export function rampingVus(options: { startVus?: number; stages: readonly StageInput<number>[] }): RampingVus {
  if (options.stages.length === 0) throw new TestFileError('rampingVus needs at least one stage');
  return {
    kind: 'ramping-vus',
    startVus: nonNegativeInteger('rampingVus', 'startVus', options.startVus ?? 0),
    stages: options.stages.map((stage) => ({
      durationMs: parseDurationMs(stage.duration),
      target: nonNegativeInteger('rampingVus', 'target', stage.target),
    })),
  };
}

export interface ArrivalOptions {
  /** VUs made before the clock starts. */
  readonly vus?: number;
  /** VUs made at most, the first ones included; an arrival beyond that waits. */
  readonly maxVus?: number;
  /** Default 'poisson'. */
  readonly spacing?: Spacing;
}

/** Iterations begin at this rate, whether answers come or not. Open model. */
export function constantArrivalRate(options: ArrivalOptions & { rate: Rate; duration: Duration }): ArrivalRate {
  const rate = positiveRate('constantArrivalRate', options.rate);
  const durationMs = positiveDurationMs('constantArrivalRate', options.duration);
  return arrivalRate('constantArrivalRate', rate, [{ durationMs, target: rate }], options);
}

/** Iterations begin at a rate that follows straight lines from `startRate` (0) through the stages. Open model. */
export function rampingArrivalRate(
  options: ArrivalOptions & { startRate?: Rate; stages: readonly StageInput<Rate>[] },
): ArrivalRate {
  if (options.stages.length === 0) throw new TestFileError('rampingArrivalRate needs at least one stage');
  const stages = options.stages.map((stage) => ({
    durationMs: parseDurationMs(stage.duration),
    target: parseRatePerSecond(stage.target),
  }));
  return arrivalRate('rampingArrivalRate', parseRatePerSecond(options.startRate ?? 0), stages, options);
}

function arrivalRate(maker: string, startRate: number, stages: readonly Stage[], options: ArrivalOptions): ArrivalRate {
  const peak = Math.max(startRate, ...stages.map((stage) => stage.target));
  const limit = options.maxVus === undefined ? undefined : positiveInteger(maker, 'maxVus', options.maxVus);
  // Enough for answers of 100 ms at the peak, then grown on demand up to 10 s of arrivals.
  const enough = Math.min(1000, Math.max(10, Math.ceil(peak / 10)), limit ?? Infinity);
  const vus = options.vus === undefined ? enough : positiveInteger(maker, 'vus', options.vus);
  const maxVus = limit ?? (options.vus === undefined ? Math.max(vus, Math.min(5000, Math.ceil(peak * 10))) : vus);
  if (maxVus < vus) throw new TestFileError(`${maker}: maxVus is ${maxVus}, below vus, which is ${vus}`);
  const spacing = options.spacing ?? 'poisson';
  return { kind: 'arrival-rate', startRate, stages, vus, maxVus, spacing };
}

function positiveInteger(maker: string, name: string, value: number): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new TestFileError(`${maker}: ${name} is ${String(value)}, expected a whole number from 1`);
}

function nonNegativeInteger(maker: string, name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new TestFileError(`${maker}: ${name} is ${String(value)}, expected a whole number from 0`);
}

function positiveDurationMs(maker: string, value: Duration): number {
  const durationMs = parseDurationMs(value);
  if (durationMs > 0) return durationMs;
  throw new TestFileError(`${maker}: duration is ${String(value)}, expected more than 0`);
}

function positiveRate(maker: string, value: Rate): number {
  const rate = parseRatePerSecond(value);
  if (rate > 0) return rate;
  throw new TestFileError(`${maker}: rate is ${String(value)}, expected more than 0`);
}

const kinds: Readonly<Record<LoadModel['kind'], true>> = {
  'shared-iterations': true,
  'per-vu-iterations': true,
  'constant-vus': true,
  'ramping-vus': true,
  'arrival-rate': true,
};

/** Whether a test file gave what one of the functions above makes; JavaScript may give anything. */
export function isLoadModel(value: unknown): value is LoadModel {
  const kind = typeof value === 'object' && value !== null ? (value as { kind?: unknown }).kind : undefined;
  return typeof kind === 'string' && Object.hasOwn(kinds, kind);
}

/** The load window as planned, in milliseconds: for iteration models the most it may take. */
export function plannedDurationMs(load: LoadModel): number {
  switch (load.kind) {
    case 'shared-iterations':
    case 'per-vu-iterations':
      return load.maxDurationMs;
    case 'constant-vus':
      return load.durationMs;
    case 'ramping-vus':
    case 'arrival-rate':
      return load.stages.reduce((sum, stage) => sum + stage.durationMs, 0);
  }
}

/** VUs made before the clock starts. */
export function initialVus(load: LoadModel): number {
  if (load.kind !== 'ramping-vus') return load.vus;
  return Math.max(load.startVus, ...load.stages.map((stage) => stage.target));
}

/** VUs there may ever be. */
export function maximumVus(load: LoadModel): number {
  return load.kind === 'arrival-rate' ? load.maxVus : initialVus(load);
}
