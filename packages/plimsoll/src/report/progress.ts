/** How far a test is and how it goes right now: what a live line shows, from what was added up so far. */
import { fanOutEndMs } from '../model/fan-out-plan.ts';
import { maximumVus, plannedDurationMs, type LoadModel } from '../model/load-model.ts';
import type { ScenarioPlan, TestPlan } from '../model/plan.ts';
import { summarise } from '../stats/summary.ts';
import type { TestTotals } from '../stats/totals.ts';

export interface Progress {
  readonly group: string;
  readonly name: string;
  readonly elapsedSeconds: number;
  /** From 0 to 1; by iterations where the plan counts those, else by time. */
  readonly fraction: number;
  /** 'finishing': past the load window, iterations get time to end. */
  readonly phase: 'warm-up' | 'load' | 'finishing';
  readonly activeVus: number;
  readonly vus: number;
  /** Answers per second, in the last second; of a fan-out, deliveries. */
  readonly rate: number;
  /** Of a fan-out: how many of its subscribers are in their rooms. */
  readonly subscribers?: { readonly joined: number; readonly all: number };
  /** Of the last second, in ms, and of a fan-out's deliveries so far; the maximum where there were too few samples for a p95. */
  readonly p95: number | null;
  readonly max: number | null;
  /** So far, the warm-up included. */
  readonly failed: number;
  readonly limited: number;
  readonly exceptions: number;
  /** 'late': arrivals are issued after they were due; 'busy': its event loop is full. */
  readonly generator: 'ok' | 'late' | 'busy';
}

/** @param second the one that was added last */
export function progressOf(test: TestPlan, totals: TestTotals, second: number): Progress {
  const point = totals.timeline.latest;
  const elapsedSeconds = second + Math.min(1, (point?.spanMs ?? 1000) / 1000);
  const elapsedMs = elapsedSeconds * 1000;
  const fractions = test.scenarios.map((scenario) => fractionOf(scenario, totals, elapsedMs));
  const windowMs = Math.max(
    0,
    ...test.scenarios.map(({ load, startAfterMs }) => startAfterMs + plannedDurationMs(load)),
  );
  return {
    group: test.group,
    name: test.name,
    elapsedSeconds,
    fraction: Math.min(1, ...(test.fanOut === undefined ? fractions : [elapsedMs / fanOutEndMs(test.fanOut)])),
    phase: elapsedMs >= windowMs + 1000 ? 'finishing' : point?.warmUp === true ? 'warm-up' : 'load',
    activeVus: point?.activeVus ?? 0,
    vus: test.scenarios.reduce((sum, { load }) => sum + maximumVus(load), 0),
    ...rateNow(test, point, totals),
    ...latencyNow(point, totals),
    failed: totals.books.failed,
    limited: totals.books.limited,
    exceptions: [...totals.exceptions.values()].reduce((sum, { count }) => sum + count, 0),
    generator: generatorHealth(point),
  };
}

function rateNow(
  { fanOut }: TestPlan,
  point: TestTotals['timeline']['latest'],
  { delivery }: TestTotals,
): Pick<Progress, 'rate' | 'subscribers'> {
  if (fanOut === undefined) return { rate: point?.rate ?? 0 };
  const spanSeconds = (point?.spanMs ?? 1000) / 1000;
  return {
    rate: spanSeconds > 0 ? (delivery?.latestHeard ?? 0) / spanSeconds : 0,
    subscribers: { joined: delivery?.detail.present ?? 0, all: fanOut.subscribers },
  };
}

/** In a fan-out, of the deliveries so far: they are settled a drain behind the second that they came in. */
function latencyNow(point: TestTotals['timeline']['latest'], { delivery }: TestTotals): Pick<Progress, 'p95' | 'max'> {
  if (delivery === undefined) return { p95: point?.p95 ?? null, max: point?.max ?? null };
  const { p95, max } = summarise(delivery.times.latency);
  return { p95, max };
}

function fractionOf({ name, load, startAfterMs }: ScenarioPlan, totals: TestTotals, elapsedMs: number): number {
  const planned = plannedIterations(load);
  if (planned === undefined) return (elapsedMs - startAfterMs) / Math.max(1, plannedDurationMs(load));
  const scenario = totals.scenarios.get(name);
  const ended = scenario === undefined ? 0 : scenario.completed + scenario.failed + scenario.interrupted;
  return ended / planned;
}

function plannedIterations(load: LoadModel): number | undefined {
  if (load.kind === 'shared-iterations') return load.iterations;
  return load.kind === 'per-vu-iterations' ? load.iterations * load.vus : undefined;
}

/** This second by the bounds that make a measurement invalid (lag) or degraded (a full event loop). */
function generatorHealth(point: TestTotals['timeline']['latest']): Progress['generator'] {
  if (point === undefined) return 'ok';
  if ((point.lagP99 ?? 0) > Math.max(5, (point.p50 ?? 0) / 10)) return 'late';
  return point.busyShare > 0.8 ? 'busy' : 'ok';
}
