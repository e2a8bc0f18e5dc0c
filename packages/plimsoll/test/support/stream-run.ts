/** Runs a test of event streams through the built command line, against a server of its own, and holds its books to what always must hold. */
import { expect, onTestFinished } from 'vitest';
import type { TestResult } from '../../src/model/result.ts';
import { Project, type Finished } from './cli.ts';
import { streamServer, type StreamCounts } from './stream-server.ts';

export const one = 'sharedIterations({ vus: 1, iterations: 1 })';

interface StreamSetting {
  /** Default: twenty iterations, by four VUs. */
  readonly load?: string;
  readonly thresholds?: string;
  readonly args?: readonly string[];
}

export interface StreamRun extends Finished {
  readonly result: TestResult;
  /** The server's own. */
  readonly counts: StreamCounts;
  /** Open at the server now. */
  readonly connections: () => Promise<number>;
}

/** `body` is that of the iteration. */
export async function runStreams(body: string, setting: StreamSetting = {}): Promise<StreamRun> {
  const { load = 'sharedIterations({ vus: 4, iterations: 20 })', thresholds = '[]', args = [] } = setting;
  const project = new Project();
  const { url, counts, connections, close } = await streamServer();
  onTestFinished(async () => {
    project.remove();
    await close();
  });
  project.write(
    'a.load.ts',
    `import { loadTest, sharedIterations, constantVus, constantArrivalRate, type EventStream } from 'plimsoll';
    const streams: Record<number, EventStream> = {};
    loadTest('streams', { load: ${load}, thresholds: ${thresholds}, connections: 'lazy', http: { timeout: '400ms', headers: { 'x-own': 'yes' } } },
    async ({ sse, vu, iteration, sleep }) => {
      ${body}
    });`,
  );
  const finished = await project.plimsoll('run', '--target', url, ...args);
  const result = project.lastResult().tests[0]!;
  expect(result.books).toMatchObject({ balanced: true, breaches: [] });
  for (const each of result.series) {
    expect(each.expected + each.limited + each.failed + each.unfinished, each.name).toBe(each.requests);
  }
  return { ...finished, result, counts, connections };
}

export const seriesOf = (result: TestResult, name: string): TestResult['series'][number] =>
  result.series.find((each) => each.name === name)!;
