/** A run whose test notes, by a clock of its own, how long it waited for each answer. */
import type { TestResult } from '../../src/model/result.ts';
import type { Origin } from '../support/origin.ts';
import { everything, makeProject, onlyTest } from '../support/run-cli.ts';

export interface WatchedRun {
  readonly code: number | null;
  readonly test: TestResult;
  /** From when the answer was due, or was asked for where nothing is due, to when the test had it. */
  readonly waitedMs: readonly number[];
}

const file = 'waited.json';

/**
 * @param options of the test: load, warm-up
 * @param path what each iteration asks for
 */
export async function runWatched(origin: Origin, options: string, path: string): Promise<WatchedRun> {
  const project = makeProject({
    'a.load.ts': `import { writeFileSync } from 'node:fs';
      ${everything}
      const waitedMs: number[] = [];
      const nowMs = () => { const [seconds, nanoseconds] = process.hrtime(); return seconds * 1e3 + nanoseconds / 1e6; };
      loadTest('watched', {
        ${options},
        teardown: () => { writeFileSync('${file}', JSON.stringify(waitedMs)); },
      }, async ({ http, iteration }) => {
        const askedMs = nowMs();
        await http.get('${path}');
        waitedMs.push(nowMs() - ${options.includes('ArrivalRate') ? 'iteration.dueMs' : 'askedMs'});
      });`,
  });
  const run = await project.run(['run', '--json', '--target', origin.url]);
  return { code: run.code, test: onlyTest(run), waitedMs: JSON.parse(project.read(file)) as number[] };
}
