/** Poisson arrivals: whether exactly the plan was issued, and how late. */
import { constantArrivalRate } from '../../../packages/plimsoll/src/model/load-model.ts';
import { plannedArrivals } from '../../../packages/plimsoll/src/pacing/arrivals.ts';
import { scenarioSeed } from '../../../packages/plimsoll/src/pacing/scenario-seed.ts';
import { onlyTest, plimsoll, resultOf } from '../contenders/plimsoll.ts';
import { run } from '../processes.ts';
import { spread } from '../statistics.ts';
import type { HttpMeasure } from './measure.ts';

const rate = 2000;
const seed = 1;

export const arrivals: HttpMeasure = {
  name: 'arrivals',
  rows: [
    {
      measure: 'Poisson arrivals at 2,000/s for 30 s: issued, and not planned or the reverse',
      goal: { must: 0 },
      unit: 'arrivals',
    },
    { measure: 'Poisson arrivals at 2,000/s for 30 s: lag p99', goal: { must: 2, aim: 0.5 }, unit: 'ms' },
  ],
  async measure({ target, scratch, seconds, repeats }) {
    const duration = 3 * seconds;
    const options = ['-r', `${rate}/s`, '-d', `${duration}s`, '--seed', `${seed}`, '--json'];
    const command = plimsoll(['quick', ...options, target.fileUrl], scratch.folder('arrivals'));
    // Counted from the plan alone, without the engine.
    const planned = plannedArrivals(constantArrivalRate({ rate, duration: duration * 1000 }), scenarioSeed(seed, 0, 0));
    const off: number[] = [];
    const lags: number[] = [];
    let issued = 0;
    for (let round = 0; round < Math.min(3, repeats); round++) {
      const before = await target.status();
      const test = onlyTest(resultOf(await run(command, (duration + 60) * 1000)));
      const served = (await target.status()).requests - before.requests - 1;
      issued = test.requests;
      if (served !== test.expected) throw new Error(`${test.expected} answers, and the target counts ${served}`);
      off.push(Math.abs(issued - planned));
      lags.push(test.lag.p99 ?? Number.NaN);
    }
    const lag = spread(lags);
    return [
      { value: Math.max(...off), note: `${planned} planned, ${issued} issued and counted by the target` },
      {
        value: lag.median,
        note: `median of ${lags.length} runs; ${lag.min.toFixed(2)} to ${lag.max.toFixed(2)}`,
      },
    ];
  },
};
