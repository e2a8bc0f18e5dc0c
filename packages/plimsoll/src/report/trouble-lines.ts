/** What was not well in a test, a line each; nothing where all was. */
import { formatCount, formatLatency } from '../kernel/units.ts';
import type { LatencyStatistics, TestResult } from '../model/result.ts';
import { byCount, counted, exceptionKinds, metricValue, statistic } from './figures.ts';
import { slowestTexts } from './slowest-requests.ts';
import type { TerminalStyle } from './terminal-style.ts';
import { padEnd, wrap } from './text-fit.ts';

const labelCells = 12;
const mostLines = 10;

/** Errors, status codes, checks, exceptions, waiting; a request whose trace can be looked up; the test's own metrics. */
export function troubleLines(test: TestResult, style: TerminalStyle): string[] {
  return [
    ...labelled('errors', [errorText(test, style)], style),
    ...labelled('status', [statusText(test, style)], style),
    ...labelled('limited', [limitedText(test)], style),
    ...labelled('not issued', notIssuedTexts(test), style),
    ...labelled('unfinished', [unfinishedText(test)], style),
    ...labelled('cut off', [cutOffText(test)], style),
    ...labelled('sent again', [resentText(test)], style),
    ...labelled('checks', checkTexts(test), style),
    ...labelled('exceptions', exceptionTexts(test, style), style),
    ...labelled('wait', [waitText(test, style)], style),
    ...labelled('lag', [lagText(test, style)], style),
    ...labelled('slowest', slowestTexts(test.slowest), style),
    ...labelled('metrics', metricTexts(test, style), style),
  ];
}

/** A label, then its texts below each other, wrapped; where there is little room the label has a line of its own. */
function labelled(label: string, texts: readonly string[], style: TerminalStyle): string[] {
  const said = texts.filter((text) => text !== '');
  const shown = said.slice(0, mostLines);
  if (said.length > mostLines) shown.push(`and ${said.length - mostLines} more in the report`);
  if (shown.length === 0) return [];
  const narrow = style.columns < 50;
  const margin = narrow ? '    ' : ' '.repeat(2 + labelCells);
  const lines = shown.flatMap((text) => wrap(style.clean(text), style.columns - margin.length));
  if (narrow) return [`  ${style.dim(label)}`, ...lines.map((line) => margin + line)];
  return lines.map((line, i) => (i === 0 ? `  ${style.dim(padEnd(label, labelCells))}${line}` : margin + line));
}

function errorText({ errors }: TestResult, style: TerminalStyle): string {
  return byCount(errors)
    .map(([kind, count]) => `${kind} ${formatCount(count)}`)
    .join(style.symbols.dot);
}

/** All is well where every answer was expected: then which code it was is no news. */
function statusText({ failed, limited, status }: TestResult, style: TerminalStyle): string {
  if (failed + limited === 0) return '';
  return byCount(status)
    .map(([code, count]) => `${code} ${style.symbols.times} ${formatCount(count)}`)
    .join(style.symbols.dot);
}

function limitedText({ limited, requests }: TestResult): string {
  return limited === 0 ? '' : `${formatCount(limited)} of ${formatCount(requests)} answers were 429`;
}

function resentText({ resent, requests }: TestResult): string {
  if (resent === 0) return '';
  return `${formatCount(resent)} of ${formatCount(requests)} requests: the server had closed the connection`;
}

/** Arrivals wait for a VU; of iterations it is the time that ran out. */
function notIssuedTexts({ scenarios }: TestResult): string[] {
  return (['open', 'closed'] as const).map((model) => {
    const those = scenarios.filter((each) => each.model === model);
    const notIssued = those.reduce((sum, each) => sum + each.notIssued, 0);
    if (notIssued === 0) return '';
    const due = those.reduce((sum, each) => sum + each.due, 0);
    const why = model === 'open' ? 'every VU was busy' : 'the load ended before';
    return `${formatCount(notIssued)} of ${formatCount(due)} iterations: ${why}`;
  });
}

function unfinishedText({ unfinished }: TestResult): string {
  return unfinished === 0 ? '' : `${counted(unfinished, 'request')} had no answer`;
}

/** Their requests are told as unfinished; an iteration that slept or waited for a message leaves no other trace. */
function cutOffText({ scenarios }: TestResult): string {
  const interrupted = scenarios.reduce((sum, each) => sum + each.interrupted, 0);
  return interrupted === 0 ? '' : `${counted(interrupted, 'iteration')} had not ended when the test did`;
}

function checkTexts({ checks }: TestResult): string[] {
  return checks
    .filter((check) => check.failed > 0)
    .map(
      (check) =>
        `${check.name}: ${formatCount(check.failed)} of ${formatCount(check.passed + check.failed)} failed` +
        (check.series === '' ? '' : ` (${check.series})`),
    );
}

function exceptionTexts(test: TestResult, style: TerminalStyle): string[] {
  return exceptionKinds(test, mostLines).map(
    ({ count, text }) => `${formatCount(count)} ${style.symbols.times} ${text}`,
  );
}

/** Matters from a tenth of the median latency on: then the pool of connections is a part of what was measured. */
function waitText({ wait, latency }: TestResult, style: TerminalStyle): string {
  const high = wait.p95 ?? wait.max;
  if (high === null || high < Math.max(1, (latency.p50 ?? latency.mean ?? 0) / 10)) return '';
  return `${spread(wait, style)}, for a free VU or connection`;
}

/** Matters from 2 ms or a tenth of the median latency on: that is where a measurement counts as degraded. */
function lagText({ lag, latency }: TestResult, style: TerminalStyle): string {
  const high = lag.p99 ?? lag.max;
  if (high === null || high <= Math.max(2, (latency.p50 ?? latency.mean ?? 0) / 10)) return '';
  return `${spread(lag, style)}, of the generator behind its schedule`;
}

function spread(latency: LatencyStatistics, style: TerminalStyle): string {
  return (['p50', 'p99', 'max'] as const)
    .filter((name) => latency[name] !== null)
    .map((name) => `${name} ${statistic(latency, name, style.symbols.none, formatLatency)}`)
    .join(', ');
}

function metricTexts({ metrics }: TestResult, style: TerminalStyle): string[] {
  return metrics.map((metric) => `${metric.name}: ${metricValue(metric, style.symbols.none)}`);
}
