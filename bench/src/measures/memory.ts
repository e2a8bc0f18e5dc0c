/** How much memory the tool takes: at its peak, with many idle connections, and after a long time at full speed. */
import { onlyTest, plimsoll, resultOf, testFile } from '../contenders/plimsoll.ts';
import { hardFileLimit } from '../machine.ts';
import { watched, type MemorySample } from '../memory-watch.ts';
import { median, spread } from '../statistics.ts';
import type { Command } from '../processes.ts';
import type { HttpMeasure, Reading } from './measure.ts';

export const idleVus = 10_000;

export const peakMemory: HttpMeasure = {
  name: 'memory',
  rows: [{ measure: 'memory: `quick` at 50 connections, peak', goal: { must: 110, aim: 80 }, unit: 'MB' }],
  async measure({ target, scratch, connections, seconds, repeats }) {
    const command = quick(target.fileUrl, connections, seconds, scratch.folder('memory'));
    const peaks: number[] = [];
    for (let round = 0; round < repeats; round++) {
      const run = await watched(command, { everyMs: 20, limitMs: (seconds + 60) * 1000 });
      onlyTest(resultOf(run));
      peaks.push(Math.max(...run.samples.map(({ peakMb }) => peakMb)));
    }
    const { median: value, min, max } = spread(peaks);
    return [{ value, note: `median of ${repeats} runs of ${seconds} s; ${min.toFixed(1)} to ${max.toFixed(1)}` }];
  },
};

export const idleMemory: HttpMeasure = {
  name: 'idle',
  rows: [
    {
      measure: 'memory: 10,000 VUs each holding an idle connection (plain HTTP, one worker)',
      goal: { must: 220, aim: 140 },
      unit: 'MB',
    },
  ],
  async measure({ target, scratch, seconds }) {
    if (hardFileLimit() < idleVus + 500) {
      throw new Error(`this shell allows ${hardFileLimit()} open files; run 'ulimit -Hn ${idleVus + 1000}' as root`);
    }
    // 10 s for the first requests, and to settle.
    const load = ['--vus', `${idleVus}`, '--duration', `${seconds + 10}s`, '--workers', '1', '--target', target.origin];
    const command = plimsoll(['run', testFile('idle-connections'), ...load, '--json'], scratch.folder('idle'));
    const idle: MemorySample[] = [];
    const everyMs = 250;
    let settled = 0;
    const run = await watched(command, {
      everyMs,
      limitMs: (seconds + 90) * 1000,
      onSample: (sample) => {
        void target.status().then(({ active }) => {
          // The status itself is asked over a connection. Two seconds after the last one was made the load is idle.
          if (active - 1 < idleVus) settled = 0;
          else if (++settled > 2000 / everyMs) idle.push(sample);
        }, ignore);
      },
    });
    const { expected } = onlyTest(resultOf(run));
    if (expected !== idleVus || idle.length === 0) {
      throw new Error(`${expected} of ${idleVus} VUs got an answer, and ${idle.length} looks found all of them idle`);
    }
    const { median: value, max } = spread(idle.map(({ residentMb }) => residentMb));
    const peak = Math.max(...run.samples.map(({ peakMb }) => peakMb));
    return [{ value, note: `median while idle, at most ${max.toFixed(1)}; peak of the whole run ${peak.toFixed(1)}` }];
  },
};

/** The end of a run is not of its full speed. */
const endSeconds = 1;

export const memoryGrowth: HttpMeasure = {
  name: 'growth',
  rows: [
    { measure: 'full speed for 90 s, `quick`: growth of memory after the first 20 s', goal: growthGoal(), unit: 'MB' },
    {
      measure: 'full speed for 90 s, scripted test: growth of memory after the first 20 s',
      goal: growthGoal(),
      unit: 'MB',
    },
  ],
  async measure({ target, scratch, connections, seconds }) {
    const long = 9 * seconds;
    const load = ['--vus', `${connections}`, '--duration', `${long}s`, '--target', target.origin];
    const folder = scratch.folder('growth');
    return [
      await growth(quick(target.fileUrl, connections, long, folder), seconds),
      await growth(plimsoll(['run', testFile('scripted-get'), ...load, '--json'], folder), seconds),
    ];
  },
};

function growthGoal() {
  return { must: 10, aim: 0 };
}

/** Of a run of 9 · `seconds`: what is resident in its last tenth against the tenth that follows the first 2 · `seconds`. */
async function growth(command: Command, seconds: number): Promise<Reading> {
  const run = await watched(command, { everyMs: 100, limitMs: (9 * seconds + 60) * 1000 });
  onlyTest(resultOf(run));
  return growthOf(run.samples, 2 * seconds, 9 * seconds - endSeconds);
}

/**
 * Growth from `fromSeconds` to `toSeconds`: the difference of two medians, each over a seventh of that time, so that
 * the saw-tooth of garbage collection is not taken for growth. The note has the peaks, too.
 */
export function growthOf(samples: readonly MemorySample[], fromSeconds: number, toSeconds: number): Reading {
  const length = (toSeconds - fromSeconds) / 7;
  const residentIn = (from: number, to: number): number[] =>
    samples.filter(({ atSeconds }) => atSeconds >= from && atSeconds < to).map(({ residentMb }) => residentMb);
  const early = residentIn(fromSeconds, fromSeconds + length);
  const late = residentIn(toSeconds - length, toSeconds);
  const peakGrowth = Math.max(...residentIn(fromSeconds, toSeconds)) - Math.max(...residentIn(0, fromSeconds));
  return {
    value: median(late) - median(early),
    note:
      `from ${median(early).toFixed(1)} to ${median(late).toFixed(1)} MB; ` +
      `the highest after is ${Math.abs(peakGrowth).toFixed(1)} MB ${peakGrowth > 0 ? 'above' : 'below'} the highest before`,
  };
}

function quick(url: string, connections: number, seconds: number, folder: string): Command {
  return plimsoll(['quick', '-c', `${connections}`, '-d', `${seconds}s`, '--json', url], folder);
}

function ignore(): void {
  // A look that failed is a look less; too few of them are said at the end.
}
