/**
 * What a test must hold, as text that the compiler checks: `[scope: ]metric[.statistic] operator value`.
 *
 * The unions below are enumerated on purpose: with an open `string` inside, a typing error would still be a string.
 * Only the scope, which is a name of the test's own, is open.
 */
import type { Word } from './threshold-words.ts';
import type {
  countMetrics,
  operators,
  ownMetrics,
  shareMetrics,
  statistics,
  timeMetrics,
  wholeTestMetrics,
} from './threshold-words.ts';

type Own = Word<typeof ownMetrics>;
type OfWholeTest = Word<typeof wholeTestMetrics>;
type Time = Exclude<Word<typeof timeMetrics>, Own | OfWholeTest>;
type Share = Exclude<Word<typeof shareMetrics>, Own | OfWholeTest>;
type Count = Exclude<Word<typeof countMetrics>, Own | OfWholeTest>;
type Statistic = Word<typeof statistics>;
export type Operator = Word<typeof operators>;

type TimeBound = `${Operator} ${number}${'' | 'us' | 'ms' | 's' | 'm'}`;

// The compiler tries them in this order, so the many combinations of times come last.
type Anywhere =
  | `${Share} ${Operator} ${number}%`
  | `${Count} ${Operator} ${number}`
  | `rate ${Operator} ${number}${'' | '/s' | '/m' | '/h'}`
  | `${Time}.${Statistic} ${TimeBound}`;

type ShareOfWholeTest = Extract<OfWholeTest, Word<typeof shareMetrics>>;
type CountOfWholeTest = Extract<OfWholeTest, Word<typeof countMetrics>>;
type WholeTest =
  | `${ShareOfWholeTest} ${Operator} ${number}%`
  | `${CountOfWholeTest} ${Operator} ${number}`
  | `${Exclude<OfWholeTest, ShareOfWholeTest | CountOfWholeTest>}.${Statistic} ${TimeBound}`;

type OwnMetric =
  `share ${Operator} ${number}%` | `count ${Operator} ${number}` | `value.${Statistic} ${Operator} ${number}`;

/** Times without a unit are milliseconds; `value` is in the unit of the test's own metric and takes none. */
export type Threshold = Anywhere | WholeTest | `${string}: ${Anywhere | OwnMetric}`;

/** `each` is a scope of its own: every series must hold it. */
export const eachScope = 'each';

export interface ParsedThreshold {
  readonly expression: string;
  /** A series, scenario, step, check or own metric; undefined: the whole test. */
  readonly scope: string | undefined;
  readonly family: 'time' | 'share' | 'count' | 'rate';
  readonly metric: string;
  /** Of a time. */
  readonly statistic: string | undefined;
  readonly operator: Operator;
  /** Milliseconds, a share from 0 to 1, a count, or per second. */
  readonly bound: number;
}

/** Whether a measured value keeps the threshold. */
export function holds(value: number, operator: Operator, bound: number): boolean {
  switch (operator) {
    case '<':
      return value < bound;
    case '<=':
      return value <= bound;
    case '>':
      return value > bound;
    case '>=':
      return value >= bound;
    case '==':
      return value === bound;
    case '!=':
      return value !== bound;
  }
}

/** Higher is better: the worst of several values is the lowest. */
export function wantsHigh(operator: Operator): boolean {
  return operator === '>' || operator === '>=';
}
