/** What a measure must reach and what it aims at, and whether it does. Pure. */

export interface Goal {
  /** Least good value that passes; lower is better everywhere. */
  readonly must: number;
  readonly aim?: number;
}

export type Outcome = 'met' | 'not met';

export interface Verdict {
  readonly must: Outcome;
  readonly aim: Outcome | undefined;
}

/** Judged on the value as measured, before any rounding. */
export function judge(value: number, { must, aim }: Goal): Verdict {
  return { must: outcome(value, must), aim: aim === undefined ? undefined : outcome(value, aim) };
}

/** NaN is nothing measured, and never meets a limit. */
function outcome(value: number, limit: number): Outcome {
  return value <= limit ? 'met' : 'not met';
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
}

export interface MissingRow extends RowHead {
  /** Why there is no figure. */
  readonly missing: string;
}

export type Unit = 'times' | 'MB' | 'ms' | 'ns' | 'arrivals';

/** '1.034×' · '84.1 MB' · '0 arrivals' */
export function formatValue(value: number, unit: Unit): string {
  switch (unit) {
    case 'times':
      return `${value.toFixed(value < 0.1 ? 4 : 3)}×`;
    case 'arrivals':
      return `${value} arrivals`;
    case 'MB':
      return `${value.toFixed(1)} MB`;
    case 'ms':
    case 'ns':
      return `${value.toFixed(2)} ${unit}`;
  }
}

/** '≤ 1.2×' */
export function formatLimit(limit: number | undefined, unit: Unit): string {
  if (limit === undefined) return '';
  if (unit === 'arrivals' && limit === 0) return 'exactly 0';
  return `≤ ${limit}${unit === 'times' ? '×' : ` ${unit}`}`;
}
