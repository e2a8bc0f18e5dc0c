/**
 * A row for each test and each of its series, with every statistic; times in ms, shares from 0 to 1, empty where there is
 * no truth to tell. RFC 4180; text that a spreadsheet would run as a formula gets an apostrophe in front.
 */
import type { LatencyStatistics, Measured, RunResult, TestResult } from '../model/result.ts';

type Cell = string | number | null;

interface Row {
  readonly test: TestResult;
  readonly scenario: string;
  readonly kind: 'test' | 'request' | 'step';
  readonly series: string;
  readonly measured: Measured;
}

type Column = readonly [title: string, value: (row: Row) => Cell];

const counts = [
  'requests',
  'rate',
  'success',
  'expected',
  'limited',
  'failed',
  'unfinished',
  'checkFailed',
  'resent',
  'bytesIn',
  'bytesOut',
] as const;
const times = ['latency', 'failedLatency', 'service', 'ttfb'] as const;
const statistics = [
  'count',
  'mean',
  'sd',
  'min',
  'p50',
  'p90',
  'p95',
  'p99',
  'p999',
  'p9999',
  'max',
  'clamped',
] as const;

const columns: readonly Column[] = [
  ['file', ({ test }) => test.file],
  ['group', ({ test }) => test.group],
  ['test', ({ test }) => test.name],
  ['verdict', ({ test }) => test.verdict],
  ['validity', ({ test }) => test.validity.state],
  ['model', ({ test }) => test.model],
  ['durationSeconds', ({ test }) => test.durationSeconds],
  ['kind', ({ kind }) => kind],
  ['scenario', ({ scenario }) => scenario],
  ['series', ({ series }) => series],
  ...counts.map((name): Column => [name, ({ measured }) => measured[name]]),
  ...times.flatMap((time) => latencyColumns(time, ({ measured }) => measured[time])),
];

function latencyColumns(name: string, of: (row: Row) => LatencyStatistics): Column[] {
  return [
    ...statistics.map((key): Column => [`${name}.${key}`, (row) => of(row)[key]]),
    [`${name}.approximate`, (row) => of(row).approximate.join(' ')],
  ];
}

export function renderCsv(result: RunResult): string {
  const rows = result.tests.flatMap(rowsOf);
  const lines = [columns.map(([title]) => title), ...rows.map((row) => columns.map(([, value]) => cell(value(row))))];
  return lines.map((cells) => `${cells.join(',')}\r\n`).join('');
}

function rowsOf(test: TestResult): Row[] {
  const whole: Row = { test, scenario: '', kind: 'test', series: '', measured: test };
  return [
    whole,
    ...test.series.map((series) => ({
      test,
      scenario: series.scenario,
      kind: series.kind,
      series: series.name,
      measured: series,
    })),
  ];
}

/** What a spreadsheet takes as the start of a formula, in both widths. */
const formulaStart = /^[\s]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;

function cell(value: Cell): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = formulaStart.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
