/**
 * A finished run as a person reads it in a terminal: for each test its table, what went wrong, its thresholds; then the
 * verdict. Pure: the same result and width give the same text.
 */
import { deliveryLines } from './delivery-facts.ts';
import { socketFacts, socketPhaseFact } from './socket-facts.ts';
import { formatBytes, formatDuration } from '../kernel/units.ts';
import type { RunResult, TestResult, Validity, Verdict } from '../model/result.ts';
import { counted, perSecond, tagFacts, thresholdValue } from './figures.ts';
import { seriesTable } from './series-table.ts';
import { terminalStyle, type TerminalOptions, type TerminalStyle } from './terminal-style.ts';
import { cellsOf, padEnd, padStart, shorten, wrap } from './text-fit.ts';
import { troubleLines } from './trouble-lines.ts';
import { otherFailures, runElapsedMs, runFacts, testTitle, verdictMeaning } from './verdict-words.ts';

export interface RenderOptions extends TerminalOptions {
  /** Where the run is stored: the last line. */
  readonly reportPath?: string;
}

const indent = '  ';

/** Lines end with '\n'; no line is wider than `columns` (at least 20), except for the path at the end. */
export function renderRun(result: RunResult, options: RenderOptions): string {
  return [...result.tests.map((test) => renderTest(test, options)), renderEnd(result, options)].join('\n');
}

/** One test's block as `renderRun` shows it. */
export function renderTest(test: TestResult, options: TerminalOptions): string {
  return `${testBlock(test, terminalStyle(options)).join('\n')}\n`;
}

/** What `renderRun` shows after the tests: the verdict. */
export function renderEnd(result: RunResult, options: RenderOptions): string {
  return `${endBlock(result, terminalStyle(options), options.reportPath).join('\n')}\n`;
}

function testBlock(test: TestResult, style: TerminalStyle): string[] {
  const sections = [
    [...titleLines(test, style), ...factLines(test, style)],
    seriesTable(test, style),
    deliverySection(test, style),
    troubleLines(test, style),
    thresholdLines(test, style),
    [
      ...validityLines(test.validity, style),
      ...otherFailures(test).flatMap((failure) => marked(style.bad(style.symbols.cross), failure, style)),
    ],
  ];
  return sections.filter((lines) => lines.length > 0).flatMap((lines, i) => (i === 0 ? lines : ['', ...lines]));
}

function deliverySection({ delivery }: TestResult, style: TerminalStyle): string[] {
  if (delivery === undefined) return [];
  return deliveryLines(delivery, style.symbols.none).flatMap((line) =>
    wrap(line, style.columns - 4).map((part, i) => `${indent}${i === 0 ? '' : indent}${part}`),
  );
}

function titleLines(test: TestResult, style: TerminalStyle): string[] {
  const [first = '', ...rest] = wrap(style.clean(testTitle(test, style.symbols.within)), style.columns - 2);
  const mark = verdictPaint(test.verdict, style)(verdictMark(test.verdict, style));
  return [`${mark} ${style.bold(first)}`, ...rest.map((line) => indent + style.bold(line))];
}

function factLines(test: TestResult, style: TerminalStyle): string[] {
  const facts = [
    counted(test.iterations, 'iteration'),
    `${counted(test.requests, 'request')} in ${formatDuration(roundedMs(test.durationSeconds))}`,
    `${perSecond(test.rate)}/s`,
    `${formatBytes(test.bytesIn)} in`,
    `${formatBytes(test.bytesOut)} out`,
  ];
  facts.push(...socketFacts(test), ...tagFacts(test).map((tag) => style.clean(tag)));
  if (test.warmUpSeconds > 0) facts.push(`${formatDuration(test.warmUpSeconds * 1000)} warm-up left out`);
  const { stopped, failures } = test;
  if (stopped !== '' && !failures.some((failure) => failure.includes(stopped))) {
    facts.push(`stopped early: ${style.clean(stopped)}`);
  }
  const phases = socketPhaseFact(test, style.symbols.none);
  return [
    ...wrapParts(facts, style.symbols.dot, style.columns - 2),
    ...(phases === undefined ? [] : wrap(phases, style.columns - 2)),
  ].map((line) => indent + style.dim(line));
}

/** Three digits are enough for how long a test took. */
function roundedMs(seconds: number): number {
  const ms = seconds * 1000;
  return ms < 1000 ? Math.round(ms) : Math.round(ms / 10) * 10;
}

/** Joins parts by a separator and breaks the line between parts where it gets too long. */
function wrapParts(parts: readonly string[], separator: string, cells: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const part of parts) {
    const longer = line === '' ? part : line + separator + part;
    if (line !== '' && cellsOf(longer) > cells) {
      lines.push(line);
      line = part;
    } else {
      line = longer;
    }
  }
  return [...lines, line].flatMap((text) => wrap(text, cells));
}

function thresholdLines(test: TestResult, style: TerminalStyle): string[] {
  const { tick, cross, none, ellipsis } = style.symbols;
  const rows = test.thresholds.map((threshold) => ({
    ok: threshold.ok,
    expression: style.clean(threshold.expression),
    value: thresholdValue(threshold, none),
    note: style.clean(
      [threshold.where, threshold.message, threshold.byDefault === true ? 'by default' : ''].filter(Boolean).join(', '),
    ),
  }));
  const valueCells = Math.max(0, ...rows.map((row) => cellsOf(row.value)));
  const most = Math.max(4, style.columns - indent.length - 2 - indent.length - valueCells);
  const expressionCells = Math.min(most, Math.max(0, ...rows.map((row) => cellsOf(row.expression))));
  return rows.flatMap((row) => {
    const mark = row.ok ? style.good(tick) : style.bad(cross);
    const value = padStart(row.value, valueCells);
    const expression = padEnd(shorten(row.expression, expressionCells, ellipsis), expressionCells);
    const line = `${indent}${mark} ${expression}${indent}${row.ok ? value : style.bad(value)}`;
    if (row.note === '') return [line];
    const used = indent.length + 2 + expressionCells + indent.length + valueCells + indent.length;
    if (used + cellsOf(row.note) <= style.columns) return [line + indent + style.dim(row.note)];
    return [line, ...wrap(row.note, style.columns - 4).map((part) => `${indent}${indent}${style.dim(part)}`)];
  });
}

const meaning: Readonly<Record<Validity['state'], string>> = {
  VALID: '',
  DEGRADED: 'read the figures with care',
  INVALID: 'the measurement cannot be trusted',
};

function validityLines({ state, reasons }: Validity, style: TerminalStyle): string[] {
  if (state === 'VALID') return [];
  const paint = state === 'INVALID' ? style.bad : style.warn;
  return [
    ...wrap(`${style.symbols.warning} ${state}: ${meaning[state]}`, style.columns - 2).map(
      (line) => indent + paint(line),
    ),
    ...reasons.flatMap((reason) => wrap(style.clean(reason.message), style.columns - 4).map((line) => `    ${line}`)),
  ];
}

/** A sentence behind a mark, its further lines below its first word. */
function marked(mark: string, sentence: string, style: TerminalStyle): string[] {
  return wrap(style.clean(sentence), style.columns - 4).map(
    (line, i) => `${indent}${i === 0 ? `${mark} ` : indent}${line}`,
  );
}

function endBlock(result: RunResult, style: TerminalStyle, reportPath: string | undefined): string[] {
  const bad = result.tests.filter((test) => test.verdict !== 'passed');
  const several = result.tests.length > 1;
  return [
    ...verdictLines(result, style),
    ...(several ? bad.flatMap((test) => listedTest(test, style)) : []),
    ...result.problems.flatMap((problem) => marked(style.warn(style.symbols.warning), problem, style)),
    ...(reportPath === undefined ? [] : [style.dim(`report  ${reportPath}`)]),
  ];
}

function verdictLines(result: RunResult, style: TerminalStyle): string[] {
  const word = result.verdict.toUpperCase();
  const elapsedMs = runElapsedMs(result);
  const facts = [
    ...runFacts(result),
    ...(elapsedMs === undefined ? [] : [formatDuration(elapsedMs)]),
    ...(result.verdict === 'partial' ? [verdictMeaning.partial] : []),
  ];
  const margin = ' '.repeat(word.length + 2);
  const lines = wrapParts(facts, style.symbols.dot, style.columns - margin.length);
  const paint = verdictPaint(result.verdict, style);
  return lines.map((line, i) => (i === 0 ? style.bold(paint(word)) + indent + line : margin + line));
}

function listedTest(test: TestResult, style: TerminalStyle): string[] {
  const title = style.clean(testTitle(test, style.symbols.within));
  const mark = verdictPaint(test.verdict, style)(verdictMark(test.verdict, style));
  return [`${indent}${mark} ${shorten(title, style.columns - 4, style.symbols.ellipsis)}`];
}

function verdictMark(verdict: Verdict, style: TerminalStyle): string {
  if (verdict === 'passed') return style.symbols.tick;
  return verdict === 'partial' || verdict === 'interrupted' ? style.symbols.warning : style.symbols.cross;
}

function verdictPaint(verdict: Verdict, style: TerminalStyle): (text: string) => string {
  if (verdict === 'passed') return style.good;
  return verdict === 'partial' || verdict === 'interrupted' ? style.warn : style.bad;
}
