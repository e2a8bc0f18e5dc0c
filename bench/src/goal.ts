/** What a measure must reach and what it aims at, and whether it does. Pure. */

export interface Goal {
  /** Least good value that passes; lower is better, unless the goal is a least. */
  readonly must: number;
  readonly aim?: number;
  /** Higher is better: the limits are the least that pass. */
  readonly atLeast?: boolean;
}

export type Outcome = 'met' | 'not met';

export interface Verdict {
  readonly must: Outcome;
  readonly aim: Outcome | undefined;
}

/** Judged on the value as measured, before any rounding. */
export function judge(value: number, { must, aim, atLeast = false }: Goal): Verdict {
  // NaN is nothing measured, and never meets a limit.
  const outcome = (limit: number): Outcome => ((atLeast ? value >= limit : value <= limit) ? 'met' : 'not met');
  return { must: outcome(must), aim: aim === undefined ? undefined : outcome(aim) };
}

/** One line of the table of goals. */
export type Row = MeasuredRow | MissingRow;

interface RowHead {
  readonly measure: string;
  readonly goal: Goal;
  readonly unit: Unit;
}

export interface MeasuredRow extends RowHead {
  readonly value: number;
  /** Spread of the repeats, or what else belongs to the figure. */
  readonly note: string;
  /** Both sides of a comparison of socket clients, for the page's table of them. */
  readonly compared?: readonly Compared[];
}

/** One figure of one client, round by round. */
export interface Compared {
  /** 'memory per connection' */
  readonly figure: string;
  readonly unit: string;
  readonly title: string;
  readonly version: string;
  /** As a person would type it. */
  readonly command: string;
  readonly values: readonly number[];
}

export interface MissingRow extends RowHead {
  /** Why there is no figure. */
  readonly missing: string;
}

export type Unit = 'times' | 'MB' | 'ms' | 'ns' | 'arrivals' | 'connections' | 'deliveries';

/** '1.034×' · '84.1 MB' · '0 arrivals' */
export function formatValue(value: number, unit: Unit): string {
  switch (unit) {
    case 'times':
      return `${value.toFixed(value < 0.1 ? 4 : 3)}×`;
    case 'arrivals':
    case 'connections':
    case 'deliveries':
      return `${value} ${unit}`;
    case 'MB':
      return `${value.toFixed(1)} MB`;
    case 'ms':
    case 'ns':
      return `${value.toFixed(2)} ${unit}`;
  }
}

/** '≤ 1.2×' */
export function formatLimit(
  limit: number | undefined,
  unit: Unit,
  { atLeast = false }: Pick<Goal, 'atLeast'> = {},
): string {
  if (limit === undefined) return '';
  if (isCount(unit) && limit === 0) return 'exactly 0';
  return `${atLeast ? '≥' : '≤'} ${limit}${unit === 'times' ? '×' : ` ${unit}`}`;
}

function isCount(unit: Unit): boolean {
  return unit === 'arrivals' || unit === 'connections' || unit === 'deliveries';
}

/** '14.8', '0.331', '148613': three digits, or all there are before the point. */
export function formatFigure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
