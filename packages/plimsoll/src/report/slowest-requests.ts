/** The slowest requests of a test, for terminal and summary: when each was due, how it ended, and its trace. */
import { formatLatency } from '../kernel/units.ts';
import type { ExampleResult } from '../model/result.ts';
import { milliseconds } from './figures.ts';

/** Without a column for traces where none is known. */
export function slowestTable(slowest: readonly ExampleResult[]): {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
} {
  const isTraced = slowest.some(({ traceId }) => traceId !== '');
  const head = ['series', 'due at s', 'latency ms', 'answer', ...(isTraced ? ['trace'] : [])];
  const rows = slowest.map((example) => [
    example.series,
    example.atSeconds.toFixed(1),
    milliseconds(example.latency),
    answerOf(example),
    ...(isTraced ? [example.traceId] : []),
  ]);
  return { head, rows };
}

/** '412 ms GET /x at 12.3 s, trace 4bf9…': the slowest of those whose trace is known; empty where none is. */
export function slowestTexts(slowest: readonly ExampleResult[]): string[] {
  const traced = slowest.find(({ traceId }) => traceId !== '');
  if (traced === undefined) return [];
  const { latency, series, atSeconds, traceId } = traced;
  return [`${formatLatency(latency)} ${series} at ${atSeconds.toFixed(1)} s, trace ${traceId}`];
}

/** '200', 'timeout', 'limited (429)'; '–' for a ping or a step, which has no status */
function answerOf({ status, error }: ExampleResult): string {
  if (error === '' && status === 0) return '–';
  if (error === '' || error === 'status') return String(status);
  return status === 0 ? error : `${error} (${status})`;
}
