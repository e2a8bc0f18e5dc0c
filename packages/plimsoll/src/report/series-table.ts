/**
 * The table of a test: a row for each series. A name that does not fit beside its figures stands above them; where the
 * figures themselves do not fit, those that say least are left out.
 */
import { formatCount } from '../kernel/units.ts';
import type { Measured, TestResult } from '../model/result.ts';
import { perSecond, share, statistic } from './figures.ts';
import type { TerminalStyle } from './terminal-style.ts';
import { cellsOf, padEnd, padStart, shorten } from './text-fit.ts';

interface Row {
  readonly name: string;
  readonly measured: Measured;
  readonly strong: boolean;
}

interface Column {
  readonly title: string;
  readonly text: (measured: Measured, none: string) => string;
  /** The lowest is left out first. */
  readonly weight: number;
  readonly isLatency: boolean;
}

const latencyColumn = (title: 'mean' | 'p50' | 'p95' | 'p99' | 'max', weight: number): Column => ({
  title,
  text: ({ latency }, none) => statistic(latency, title, none),
  weight,
  isLatency: true,
});

const columns: readonly Column[] = [
  { title: 'requests', text: ({ requests }) => formatCount(requests), weight: 9, isLatency: false },
  { title: 'rate/s', text: ({ rate }) => perSecond(rate), weight: 2, isLatency: false },
  { title: 'ok', text: ({ success }, none) => share(success, none), weight: 8, isLatency: false },
  latencyColumn('mean', 1),
  latencyColumn('p50', 4),
  latencyColumn('p95', 7),
  latencyColumn('p99', 6),
  latencyColumn('max', 3),
];

const indent = '  ';
const gap = '  ';
const mostRows = 30;
/** With less room than this for names beside the figures, all of them stand above. */
const leastNameCells = 14;

interface SizedColumn extends Column {
  readonly cells: number;
}

/** Lines of the table, without line breaks; none where the test has no series. */
export function seriesTable(test: TestResult, style: TerminalStyle): string[] {
  const rows = tableRows(test, style);
  if (rows.length === 0) return [];
  const room = style.columns - indent.length;
  const sized = columns.map((column) => ({ ...column, cells: cellsNeeded(column, rows, style) }));
  const beside = room - gap.length - widthOf(sized);
  const longest = Math.max(...rows.map((row) => cellsOf(row.name)));
  const nameCells = beside < Math.min(longest, leastNameCells) ? 0 : Math.min(longest, beside);
  const kept = nameCells > 0 ? sized : fitting(sized, room - indent.length);
  const left = nameCells > 0 ? indent + ' '.repeat(nameCells) + gap : indent + indent;
  const body = rows.flatMap((row) => {
    const paint = row.strong ? style.bold : (text: string) => text;
    const figures = kept
      .map((column) => padStart(column.text(row.measured, style.symbols.none), column.cells))
      .join(gap);
    if (cellsOf(row.name) <= nameCells) return [indent + paint(padEnd(row.name, nameCells) + gap + figures)];
    return [indent + paint(shorten(row.name, room, style.symbols.ellipsis)), left + paint(figures)];
  });
  const hidden = test.series.length - mostRows;
  const rest = hidden > 0 ? [style.dim(`${indent}and ${hidden} more series in the report`)] : [];
  return [caption(test, kept, left, style), left + titles(kept, style), ...body, ...rest];
}

/** Requests in the order they came, their sum where there are several, then steps. */
function tableRows(test: TestResult, style: TerminalStyle): Row[] {
  const several = test.scenarios.length > 1;
  const shown = [...test.series].sort((a, b) => b.requests - a.requests).slice(0, mostRows);
  const row = (series: TestResult['series'][number]): Row => ({
    name: style.clean(
      `${series.kind === 'step' ? 'step ' : ''}${series.name}${several ? ` (${series.scenario})` : ''}`,
    ),
    measured: series,
    strong: false,
  });
  const ordered = test.series.filter((series) => shown.includes(series));
  const requests = ordered.filter((series) => series.kind === 'request').map(row);
  const steps = ordered.filter((series) => series.kind === 'step').map(row);
  const all = test.series.filter((series) => series.kind === 'request').length > 1;
  return [...requests, ...(all ? [{ name: 'all requests', measured: test, strong: true }] : []), ...steps];
}

function cellsNeeded(column: Column, rows: readonly Row[], style: TerminalStyle): number {
  const texts = rows.map((row) => column.text(row.measured, style.symbols.none));
  return Math.max(cellsOf(column.title), ...texts.map(cellsOf));
}

function widthOf(sized: readonly SizedColumn[]): number {
  return sized.reduce((sum, column) => sum + column.cells + gap.length, -gap.length);
}

function fitting(sized: readonly SizedColumn[], room: number): readonly SizedColumn[] {
  if (sized.length === 1 || widthOf(sized) <= room) return sized;
  const least = Math.min(...sized.map((column) => column.weight));
  return fitting(
    sized.filter((column) => column.weight !== least),
    room,
  );
}

function titles(kept: readonly SizedColumn[], style: TerminalStyle): string {
  return style.dim(kept.map((column) => padStart(column.title, column.cells)).join(gap));
}

/** Says over the latency columns what they hold; to the left of them where they are too few for it. */
function caption(test: TestResult, kept: readonly SizedColumn[], left: string, style: TerminalStyle): string {
  const model = test.model === 'open' ? '' : test.model === 'closed' ? ', closed model' : ', partly closed model';
  const text = `latency in ms${model}`;
  const full = left.length + widthOf(kept);
  const start = full - widthOf(kept.filter((column) => column.isLatency));
  const from = Math.max(indent.length, Math.min(start, full - text.length));
  return style.dim(shorten(' '.repeat(from) + text, style.columns, style.symbols.ellipsis));
}
