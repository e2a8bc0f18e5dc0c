/** Threshold text → what it means, or one sentence with a caret under the mistake. */
import { PlimsollError, exitCodes } from '../kernel/errors.ts';
import { nearest } from '../kernel/nearest.ts';
import {
  countMetrics,
  iterationMetrics,
  operators,
  ownMetrics,
  shareMetrics,
  statistics,
  timeMetrics,
  wholeTestMetrics,
} from './threshold-words.ts';
import { eachScope, type Operator, type ParsedThreshold } from './threshold.ts';

/** A threshold with a mistake; a caret stands under it. */
export class ThresholdSyntaxError extends PlimsollError {
  readonly code = 'THRESHOLD_SYNTAX';
  readonly exitCode = exitCodes.usage;

  /** @param place 'dashboard.load.ts:14', or '' */
  constructor(source: string, position: number, expected: string, hint: string, place = '') {
    const lead = place === '' ? '' : `${place}  `;
    const caret = `${' '.repeat(lead.length + 1 + position)}^ expected ${expected}`;
    super(`${lead}'${source}'\n${caret}`, { hint });
  }
}

const words: readonly string[] = [...timeMetrics, ...shareMetrics, ...countMetrics, 'rate'];
const statisticWords: readonly string[] = statistics;
const millisecondsPer: Readonly<Record<string, number>> = { '': 1, us: 0.001, ms: 1, s: 1000, m: 60_000 };
const secondsPer: Readonly<Record<string, number>> = { '': 1, '/s': 1, '/m': 60, '/h': 3600 };

interface Parts {
  readonly source: string;
  readonly place: string;
  readonly scope: string | undefined;
  readonly metric: string;
  readonly operator: Operator;
  readonly number: number;
  readonly unit: string;
  readonly unitAt: number;
}

/** Errors: ThresholdSyntaxError. */
export function parseThreshold(source: string, place = ''): ParsedThreshold {
  const parts = split(source, place);
  const { scope, metric, operator, number } = parts;
  const [time, statistic] = timeOf(metric);
  const common = { expression: source, scope, operator };
  if (time !== undefined) {
    return {
      ...common,
      family: 'time',
      metric: time,
      statistic,
      // The unit of the test's own metric is known to the test alone: nothing could be converted to it.
      bound:
        time === 'value'
          ? number * unit(parts, { '': 1 }, "no unit: 'value' is in the metric's own")
          : decimal(number * unit(parts, millisecondsPer, "a time: 'us', 'ms', 's' or 'm'")),
    };
  }
  if (metric === 'rate') {
    return {
      ...common,
      family: 'rate',
      metric,
      statistic: undefined,
      bound: number / unit(parts, secondsPer, "'/s', '/m' or '/h'"),
    };
  }
  if (isOneOf(shareMetrics, metric)) {
    return {
      ...common,
      family: 'share',
      metric,
      statistic: undefined,
      bound: decimal(number / unit(parts, { '%': 100 }, "'%'")),
    };
  }
  return {
    ...common,
    family: 'count',
    metric,
    statistic: undefined,
    bound: number * unit(parts, { '': 1 }, 'no unit'),
  };
}

function split(source: string, place: string): Parts {
  // The scope is a name and may hold anything; the last ': ' ends it.
  const colon = source.lastIndexOf(': ');
  const scope = colon < 0 ? undefined : source.slice(0, colon).trim();
  let at = colon < 0 ? 0 : colon + 2;
  const take = (pattern: RegExp): string => {
    const match = new RegExp(pattern, 'y');
    match.lastIndex = at;
    const text = match.exec(source)?.[0] ?? '';
    at += text.length;
    return text;
  };
  const fail = (position: number, expected: string, hint: string): never => {
    throw new ThresholdSyntaxError(source, position, expected, hint, place);
  };
  if (scope === '') fail(0, "a name before ': '", 'leave the colon out to mean the whole test');
  take(/\s*/);
  const metricAt = at;
  const metric = take(/[A-Za-z][\w-]*(\.[\w-]+)?/);
  checkMetric(metric, metricAt, fail);
  checkScope(scope, metric, metricAt, fail);
  take(/\s*/);
  const operatorAt = at;
  const operator = take(/[<>=!]+/);
  if (!isOneOf(operators, operator)) {
    const meant = meantOperators[operator];
    const whole = `${source.slice(0, operatorAt)}${meant ?? ''}${source.slice(at)}`;
    fail(
      operatorAt,
      `an operator: ${operators.join(' ')}`,
      meant ? `did you mean '${whole}'?` : `write '${metric} < …'`,
    );
  }
  take(/\s*/);
  const numberAt = at;
  const number = take(/[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?/i);
  if (number === '') fail(numberAt, 'a number', `write '${metric} ${operator} …' with a number`);
  take(/\s*/);
  const unitAt = at;
  const unitText = take(/\S*/);
  take(/\s*/);
  if (at < source.length) fail(at, 'nothing more', 'write one threshold in each string');
  if (isOneOf(shareMetrics, metric) && (Number(number) < 0 || Number(number) > 100)) {
    fail(numberAt, 'a share from 0% to 100%', 'no other could ever be held or broken');
  }
  return {
    source,
    place,
    scope,
    metric,
    operator: operator as Operator,
    number: Number(number),
    unit: unitText,
    unitAt,
  };
}

/** As other languages write them, or as fingers slip. */
const meantOperators: Readonly<Record<string, Operator>> = {
  '=>': '>=',
  '=<': '<=',
  '=': '==',
  '===': '==',
  '<>': '!=',
  '!==': '!=',
};

type Fail = (position: number, expected: string, hint: string) => never;

function checkMetric(metric: string, at: number, fail: Fail): void {
  const [time, statistic] = timeOf(metric);
  if (time !== undefined) {
    if (statistic !== undefined && statisticWords.includes(statistic)) return;
    const near = statistic === undefined ? undefined : nearest(statistic, statisticWords);
    // 'delivery' and 'connect' are times, and the beginnings of other metrics too.
    const other = nearest(
      metric,
      words.filter((word) => word.startsWith(`${time}.`)),
    );
    if (statistic !== undefined && near === undefined && other !== undefined) {
      fail(at, 'a metric or a statistic', `did you mean '${other}'?`);
    }
    fail(
      at + (statistic === undefined ? metric.length : time.length + 1),
      `a statistic: ${statistics.join(' ')}`,
      `write '${time}.${near ?? 'p95'} < 2s'`,
    );
  }
  if (words.includes(metric)) return;
  const near = nearest(metric, words) ?? nearTime(metric);
  fail(
    at,
    `a metric: ${[...timeMetrics, ...shareMetrics, 'rate', 'exceptions', 'errors.KIND'].join(' ')}`,
    near === undefined ? "write 'latency.p95 < 2s'" : `did you mean '${near}'?`,
  );
}

/** A threshold that could only ever say "nothing was measured here" is a mistake, and better told now. */
function checkScope(scope: string | undefined, metric: string, at: number, fail: Fail): void {
  const name = timeOf(metric)[0] ?? metric;
  if (isOneOf(ownMetrics, name) && (scope === undefined || scope === eachScope)) {
    const expected = `the name of a metric of your own before '${name}'`;
    fail(scope === undefined ? at : 0, expected, `write 'NAME: ${metric} …' with the name given to metric`);
  }
  if (scope === undefined) return;
  if (isOneOf(wholeTestMetrics, name)) {
    fail(0, `no scope: ${name} is measured of the whole test alone`, `write '${metric} …'`);
  }
  if (scope === eachScope && isOneOf(iterationMetrics, name)) {
    fail(0, `a scenario or no scope: a series has no ${name}`, `write '${metric} …'`);
  }
}

/** 'latncy.p95' → 'latency.p95'. */
function nearTime(metric: string): string | undefined {
  const dot = metric.indexOf('.');
  const near = dot < 0 ? undefined : nearest(metric.slice(0, dot), timeMetrics);
  return near === undefined ? undefined : near + metric.slice(dot);
}

/** 'latency.p95' → ['latency', 'p95']; 'connect.success' is a share, and 'delivery.lost' a count. */
function timeOf(metric: string): readonly [string | undefined, string | undefined] {
  if (isOneOf(shareMetrics, metric) || isOneOf(countMetrics, metric)) return [undefined, undefined];
  const [name, statistic] = metric.split('.', 2);
  return isOneOf(timeMetrics, name ?? '') ? [name, statistic] : [undefined, undefined];
}

function unit(parts: Parts, factors: Readonly<Record<string, number>>, expected: string): number {
  const factor = Object.hasOwn(factors, parts.unit) ? factors[parts.unit] : undefined;
  if (factor !== undefined) return factor;
  throw new ThresholdSyntaxError(
    parts.source,
    parts.unitAt,
    expected,
    parts.unit === ''
      ? `write '${parts.source.trimEnd()}${Object.keys(factors)[0]!}'`
      : `'${parts.metric}' is not measured in '${parts.unit}'`,
    parts.place,
  );
}

/** What was written in decimal, without the rounding of a multiplication: '99.9%' is 0.999, as 999 of 1,000 are. */
function decimal(value: number): number {
  return Number(value.toPrecision(15));
}

function isOneOf(list: readonly string[], word: string): boolean {
  return list.includes(word);
}
