/** How long a person waits for the tool to start, against a Node that does nothing. */
import { plimsoll, testFile } from '../contenders/plimsoll.ts';
import { run, type Command } from '../processes.ts';
import { median, ratioOf, rotated } from '../statistics.ts';
import type { HttpMeasure } from './measure.ts';

export const startTime: HttpMeasure = {
  name: 'start',
  rows: [
    { measure: 'wall time of `plimsoll --version` against `node -e 0`', goal: { must: 1.7 }, unit: 'times' },
    { measure: 'wall time of `quick -n 1` against `node -e 0`', goal: { must: 3.5 }, unit: 'times' },
    {
      measure: 'wall time of `run` with one file and one iteration against `node -e 0`',
      goal: { must: 5 },
      unit: 'times',
    },
  ],
  async measure({ target, scratch, repeats, undisturbed }) {
    const folder = scratch.folder('start');
    const commands: readonly Command[] = [
      { program: process.execPath, args: ['-e', '0'] },
      plimsoll(['--version'], folder),
      plimsoll(['quick', '-n', '1', target.fileUrl], folder),
      plimsoll(['run', testFile('one-iteration'), '--target', target.origin], folder),
    ];
    const wallMs = commands.map((): number[] => []);
    undisturbed.begin();
    // The first two rounds warm the caches and do not count.
    for (let round = -2; round < 5 * repeats; round++) {
      const took = await undisturbed.run(async () => {
        const times: number[] = [];
        for (const command of rotated(commands, round + 2))
          times[commands.indexOf(command)] = await wallTimeMs(command);
        return times;
      });
      if (round >= 0) for (const [at, ms] of took.entries()) wallMs[at]!.push(ms);
    }
    const [node = [], ...ours] = wallMs;
    return ours.map((times) => ({
      value: ratioOf(times, node).median,
      note: `${median(times).toFixed(1)} ms against ${median(node).toFixed(1)} ms; medians of ${times.length}`,
    }));
  },
};

async function wallTimeMs(command: Command): Promise<number> {
  const began = performance.now();
  const { code, stderr } = await run(command);
  const took = performance.now() - began;
  if (code !== 0) throw new Error(`${command.args.join(' ')} ended with code ${String(code)}: ${stderr.trim()}`);
  return took;
}
