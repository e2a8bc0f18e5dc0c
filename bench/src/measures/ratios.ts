/** The lines of the table that compare the CPU time of two contenders. */
import type { Alternation } from '../alternation.ts';
import type { ContenderName } from '../contenders/contender.ts';
import { ratioOf } from '../statistics.ts';
import type { Goal, Row } from '../goal.ts';

export interface RatioMeasure {
  /** As `--only` calls it. */
  readonly name: string;
  readonly measure: string;
  readonly ours: ContenderName;
  readonly against: ContenderName;
  readonly goal: Goal;
}

export const ratioMeasures: readonly RatioMeasure[] = [
  {
    name: 'quick',
    measure: '`plimsoll quick`, CPU per request against `wrk -t1`',
    ours: 'quick',
    against: 'wrk',
    goal: { must: 1.2, aim: 1 },
  },
  {
    name: 'scripted',
    measure: 'a scripted test (async function, one GET, one check) against wrk',
    ours: 'scripted',
    against: 'wrk',
    goal: { must: 1.35, aim: 1.1 },
  },
  {
    name: 'autocannon',
    measure: 'scripted test against autocannon',
    ours: 'scripted',
    against: 'autocannon',
    goal: { must: 0.6, aim: 0.5 },
  },
  {
    name: 'artillery',
    measure: 'scripted test against artillery',
    ours: 'scripted',
    against: 'artillery',
    goal: { must: 0.04, aim: 0.025 },
  },
  {
    name: 'post',
    measure: 'POST of 1 KB JSON built per iteration and the answer parsed, against undici `request`',
    ours: 'scripted-post',
    against: 'undici-post',
    goal: { must: 0.5, aim: 0.4 },
  },
  {
    name: 'workers',
    measure: 'a second worker, `quick`: CPU per request against one',
    ours: 'quick-2-workers',
    against: 'quick',
    goal: { must: 1.12 },
  },
  {
    name: 'workers',
    measure: 'a second worker, scripted test: CPU per request against one',
    ours: 'scripted-2-workers',
    against: 'scripted',
    goal: { must: 1.12 },
  },
];

/** Listed beside the others, without a goal of their own: `--only peers`. */
export const listedPeers: readonly ContenderName[] = ['ab', 'h2load', 'hey', 'undici-dispatch'];

export function ratioRow({ measure, ours, against, goal }: RatioMeasure, { results, absent }: Alternation): Row {
  const head = { measure, goal, unit: 'times' } as const;
  const [a, b] = [results.get(ours), results.get(against)];
  if (a === undefined || b === undefined) {
    const gone = absent.get(a === undefined ? ours : against);
    return { ...head, missing: gone ? `${gone.contender.title}: ${gone.reason}` : 'not asked for' };
  }
  const perRequest = (result: typeof a): number[] => result.samples.map((sample) => sample.cpuUsPerRequest);
  const { median, min, max } = ratioOf(perRequest(a), perRequest(b));
  const note =
    `${a.cpuUs.median.toFixed(2)} µs against ${b.cpuUs.median.toFixed(2)} µs; ` +
    `${min.toFixed(3)} to ${max.toFixed(3)} within a round`;
  return { ...head, value: median, note };
}
