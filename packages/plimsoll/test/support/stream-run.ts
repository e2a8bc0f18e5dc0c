/** Runs a test of event streams through the built command line, and holds its books to what always must hold. */
import { expect } from 'vitest';
import type { TestResult } from '../../src/model/result.ts';
import type { Project } from './cli.ts';
import type { StreamServer } from './stream-server.ts';

const twenty = 'sharedIterations({ vus: 4, iterations: 20 })';
export const one = 'sharedIterations({ vus: 1, iterations: 1 })';

interface StreamRunOptions {
  readonly load?: string;
  readonly thresholds?: string;
  readonly args?: readonly string[];
}

export async function runStreams(project: Project, server: StreamServer, body: string, options: StreamRunOptions = {}) {
  const { load = twenty, thresholds = '[]', args = [] } = options;
  project.write(
    'a.load.ts',
    `import { loadTest, sharedIterations, constantVus, constantArrivalRate, type EventStream } from 'plimsoll';
    const streams: Record<number, EventStream> = {};
    loadTest('streams', { load: ${load}, thresholds: ${thresholds}, connections: 'lazy', http: { timeout: '400ms', headers: { 'x-own': 'yes' } } },
    async ({ sse, vu, sleep }) => {
      ${body}
    });`,
  );
  const finished = await project.plimsoll('run', '--target', server.url, ...args);
  const result = project.lastResult().tests[0]!;
  expect(result.books).toMatchObject({ balanced: true, breaches: [] });
  for (const each of result.series) {
    expect(each.expected + each.limited + each.failed + each.unfinished, each.name).toBe(each.requests);
  }
  return { ...finished, result };
}

export const seriesOf = (result: TestResult, name: string): TestResult['series'][number] =>
  result.series.find((each) => each.name === name)!;
