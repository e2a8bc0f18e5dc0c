/**
 * A summary for a pull-request comment or a job's summary page: the verdict, a line for each test, then why those that did
 * not pass did not, then the series folded away. Never longer than a comment may be.
 */
import { formatCount, formatDuration } from '../kernel/units.ts';
import type { Measured, RunResult, TestResult, Verdict } from '../model/result.ts';
import { byCount, exceptionKinds, perSecond, share, statistic, tagFacts, thresholdValue } from './figures.ts';
import { deliveryLines } from './delivery-facts.ts';
import { slowestTable } from './slowest-requests.ts';
import { socketFacts, socketPhaseFact } from './socket-facts.ts';
import { oneLine, shorten } from './text-fit.ts';
import { brokenThresholds, otherFailures, runElapsedMs, runFacts, testTitle, verdictMeaning } from './verdict-words.ts';

/** GitHub takes no longer comment. */
export const longestSummary = 65_536;
/** For the sentence that says what was left out. */
const reserve = 200;
const none = '–';
const leftAligned = new Set(['', 'test', 'series', 'answer', 'trace']);

const marks: Readonly<Record<Verdict, string>> = {
  partial: '⏳',
  passed: '✅',
  failed: '❌',
  invalid: '⚠️',
  unreachable: '❌',
  broken: '❌',
  interrupted: '⚠️',
};

export function renderMarkdown(result: RunResult): string {
  const summary = new Bounded(longestSummary - reserve);
  summary.add(heading(result));
  summary.addTable(
    ['', 'test', 'requests', 'rate/s', 'ok', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms'],
    result.tests.map((test) => [marks[test.verdict], text(testTitle(test)), ...figures(test)]),
    'tests',
  );
  const troubled = result.tests.filter((test) => test.verdict !== 'passed' || test.validity.state !== 'VALID');
  summary.addEach(troubled.map(troubleSection), 'tests that did not pass');
  summary.addEach(result.tests.filter((test) => test.series.length > 0).map(seriesSection), 'tables of series');
  summary.addEach(
    result.tests.filter((test) => test.slowest.length > 0).map(slowestSection),
    'tables of slowest requests',
  );
  return summary.text();
}

function heading(result: RunResult): string {
  const elapsedMs = runElapsedMs(result);
  const facts = [...runFacts(result), ...(elapsedMs === undefined ? [] : [formatDuration(elapsedMs)])];
  const word = result.verdict === 'passed' || result.verdict === 'failed' ? '' : `: ${verdictMeaning[result.verdict]}`;
  const lines = [
    `## ${marks[result.verdict]} ${text(result.name)} ${result.verdict}${word}`,
    `${facts.join(' · ')}${result.target === '' ? '' : ` · ${text(result.target)}`}`,
    ...(result.problems.length > 0 ? [bullets(result.problems)] : []),
  ];
  return `${lines.join('\n\n')}\n`;
}

function figures(measured: Measured): string[] {
  const { requests, rate, success, latency } = measured;
  const percentiles = (['p50', 'p95', 'p99', 'max'] as const).map((name) => statistic(latency, name, none));
  return [
    formatCount(requests),
    perSecond(rate),
    share(success, none),
    ...percentiles.map((each) => each.replace('~', '\\~')),
  ];
}

function troubleSection(test: TestResult): string {
  const { validity } = test;
  const trouble = [
    ...brokenThresholds(test),
    ...otherFailures(test),
    ...(validity.state === 'VALID' ? [] : validity.reasons.map((reason) => `${validity.state}: ${reason.message}`)),
    ...(byCount(test.errors).length > 0 ? [`errors: ${listed(test.errors)}`] : []),
    ...(test.failed + test.limited > 0 ? [`status: ${listed(test.status)}`] : []),
    ...(test.resent > 0 ? [`sent again: ${formatCount(test.resent)} of ${formatCount(test.requests)} requests`] : []),
    ...test.checks
      .filter((check) => check.failed > 0)
      .map(
        (check) =>
          `check ${check.name}: ${formatCount(check.failed)} of ${formatCount(check.passed + check.failed)} failed`,
      ),
    ...exceptionKinds(test, 10).map(({ count, text: thrown }) => `${formatCount(count)} × ${thrown}`),
  ];
  const lines = trouble.length > 0 ? trouble : [verdictMeaning[test.verdict]];
  return `\n### ${marks[test.verdict]} ${text(testTitle(test))}\n\n${bullets(lines)}\n`;
}

function listed(counts: Readonly<Record<string, number>>): string {
  return byCount(counts)
    .map(([name, count]) => `${name} × ${formatCount(count)}`)
    .join(', ');
}

/** Bounded: a test may throw in a hundred places, and a message may be a page long. */
function bullets(sentences: readonly string[]): string {
  const shown = sentences.slice(0, 20).map((sentence) => `- ${text(sentence, 400)}`);
  const hidden = sentences.length - shown.length;
  return [...shown, ...(hidden > 0 ? [`- and ${hidden} more`] : [])].join('\n');
}

function seriesSection(test: TestResult): string {
  const model = test.model === 'open' ? '' : `, ${test.model} model`;
  const head = ['series', 'requests', 'rate/s', 'ok', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms'];
  const rows = [...test.series]
    .sort((a, b) => b.requests - a.requests)
    .slice(0, 50)
    .map((series) => [text(series.kind === 'step' ? `step ${series.name}` : series.name), ...figures(series)]);
  const hidden = test.series.length - rows.length;
  const rest = hidden > 0 ? `\nand ${hidden} more series\n` : '';
  const thresholds = test.thresholds.map(
    (threshold) => `${threshold.ok ? '✓' : '✗'} ${threshold.expression}: ${thresholdValue(threshold, none)}`,
  );
  const held = thresholds.length > 0 ? `\n${bullets(thresholds)}\n` : '';
  const table = [tableHead(head), ...rows.map(tableRow)].join('\n');
  const summary = `${html(testTitle(test))}${model}`;
  const deliveries = test.delivery === undefined ? [] : deliveryLines(test.delivery, none);
  const delivered = deliveries.length > 0 ? `\n${bullets(deliveries)}\n` : '';
  const facts = [...socketFacts(test), ...tagFacts(test)].map((fact) => text(fact)).join(' · ');
  const phases = socketPhaseFact(test, none);
  const paragraphs = [facts, phases === undefined ? '' : text(phases)].filter((part) => part !== '');
  const above = paragraphs.map((part) => `${part}\n\n`).join('');
  return `\n<details><summary>${summary}</summary>\n\n${above}${table}\n${rest}${delivered}${held}\n</details>\n`;
}

function slowestSection(test: TestResult): string {
  const { head, rows } = slowestTable(test.slowest);
  const shown = (cell: string): string => (/^[\d.,]*$/.test(cell) ? cell : text(cell));
  const table = [tableHead(head), ...rows.map((row) => tableRow(row.map(shown)))].join('\n');
  return `\n<details><summary>Slowest requests: ${html(testTitle(test))}</summary>\n\n${table}\n\n</details>\n`;
}

function tableHead(cells: readonly string[]): string {
  const alignment = cells.map((cell) => (leftAligned.has(cell) ? '---' : '--:'));
  return `${tableRow(cells)}\n${tableRow(alignment)}`;
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** Text that means only itself in Markdown, also in a table's cell; an @ would call a person. */
function text(raw: string, longest = 160): string {
  return shorten(oneLine(raw), longest, '…')
    .replace(/[\\`*_[\]#|~!]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('@', '&#64;')
    .replace(/^(\d+)([.)])/, '$1\\$2')
    .replace(/^[-+=]/, '\\$&');
}

/** The same inside an HTML element, where Markdown is off. */
function html(raw: string): string {
  return shorten(oneLine(raw), 160, '…')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('@', '&#64;');
}

/** Parts of a text that must not grow beyond a length; what no longer fits is counted. */
class Bounded {
  private readonly parts: string[] = [];
  private readonly omitted: string[] = [];
  private room: number;

  constructor(room: number) {
    this.room = room;
  }

  add(part: string): boolean {
    if (part.length > this.room) return false;
    this.parts.push(part);
    this.room -= part.length;
    return true;
  }

  addEach(parts: readonly string[], what: string): void {
    const fitting = parts.findIndex((part) => !this.add(part));
    if (fitting >= 0) this.omitted.push(`${parts.length - fitting} ${what}`);
  }

  addTable(head: readonly string[], rows: readonly (readonly string[])[], what: string): void {
    if (rows.length === 0) return;
    this.add(`\n${tableHead(head)}\n`);
    this.addEach(
      rows.map((row) => `${tableRow(row)}\n`),
      what,
    );
  }

  text(): string {
    const rest =
      this.omitted.length > 0 ? `\nToo long for here: ${this.omitted.join(', ')}. All of it is in result.json.\n` : '';
    return this.parts.join('') + rest;
  }
}
