/** What recording a latency costs, and merging a second of them. */
import { fileURLToPath } from 'node:url';
import { run } from '../processes.ts';
import { spread } from '../statistics.ts';
import type { HttpMeasure } from './measure.ts';

/** What `programs/histogram-cost.ts` prints. */
interface Costs {
  readonly recordNs: number;
  readonly mergeMs: number;
  readonly takeMs: number;
  readonly usualMergeMs: number;
}

export const histogram: HttpMeasure = {
  name: 'histogram',
  rows: [
    { measure: 'one histogram record', goal: { must: 15, aim: 6 }, unit: 'ns' },
    { measure: "one second's merge of 20 latency histograms", goal: { must: 5 }, unit: 'ms' },
  ],
  async measure({ repeats }) {
    const program = fileURLToPath(new URL('programs/histogram-cost.js', import.meta.url));
    const costs: Costs[] = [];
    for (let round = 0; round < repeats; round++) {
      const { stdout, stderr, code } = await run({ program: process.execPath, args: [program] });
      if (code !== 0) throw new Error(stderr.trim());
      costs.push(JSON.parse(stdout) as Costs);
    }
    const of = (name: keyof Costs) => spread(costs.map((cost) => cost[name]));
    const [record, merge] = [of('recordNs'), of('mergeMs')];
    return [
      { value: record.median, note: `loop included; ${record.min.toFixed(2)} to ${record.max.toFixed(2)}` },
      {
        value: merge.median,
        note:
          `every cell of all 20 filled; of 1,000 values each ${of('usualMergeMs').median.toFixed(2)} ms; ` +
          `the workers' part before it ${of('takeMs').median.toFixed(2)} ms`,
      },
    ];
  },
};
