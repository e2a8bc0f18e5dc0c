/** What a measure must reach and what it aims at, and whether it does. Pure. */

export interface Goal {
  /** Least good value that passes. */
  readonly must: number;
  readonly aim?: number;
  /** Of a rate; lower is better otherwise. */
  readonly higherIsBetter?: boolean;
}

export type Outcome = 'met' | 'not met';

export interface Verdict {
  readonly must: Outcome;
  readonly aim: Outcome | undefined;
}

/** Judged on the value as measured, before any rounding. NaN is nothing measured, and never meets a limit. */
export function judge(value: number, { must, aim, higherIsBetter = false }: Goal): Verdict {
  const outcome = (limit: number): Outcome => ((higherIsBetter ? value >= limit : value <= limit) ? 'met' : 'not met');
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

export type Unit = 'times' | 'MB' | 'ms' | 'ns' | 'requests/s' | CountUnit;

/** Of things that are counted, and never a fraction. */
type CountUnit = (typeof countUnits)[number];
const countUnits = ['arrivals', 'connections', 'deliveries'] as const;

/** '1.034×' · '84.1 MB' · '0 arrivals' */
export function formatValue(value: number, unit: Unit): string {
  switch (unit) {
    case 'times':
      return `${value.toFixed(value < 0.1 ? 4 : 3)}×`;
    case 'arrivals':
    case 'connections':
    case 'deliveries':
      return `${value} ${unit}`;
    case 'requests/s':
      return `${Math.round(value).toLocaleString('en')} requests/s`;
    case 'MB':
      return `${value.toFixed(1)} MB`;
    case 'ms':
    case 'ns':
      return `${value.toFixed(2)} ${unit}`;
  }
}

/** The least and the greatest, with the digits of `formatValue`: '1.034× – 1.210×' · '9.20 – 55.21 ms' */
export function formatRange(min: number, max: number, unit: Unit): string {
  return `${formatValue(min, unit).replace(` ${unit}`, '')} – ${formatValue(max, unit)}`;
}

/** '≤ 1.2×', and where higher is better '≥ 1.3×' */
export function formatLimit(
  limit: number | undefined,
  unit: Unit,
  { higherIsBetter = false }: Pick<Goal, 'higherIsBetter'> = {},
): string {
  if (limit === undefined) return '';
  if (countUnits.some((each) => each === unit) && limit === 0) return 'exactly 0';
  const sign = higherIsBetter ? '≥' : '≤';
  return `${sign} ${limit.toLocaleString('en', { maximumFractionDigits: 6 })}${unit === 'times' ? '×' : ` ${unit}`}`;
}

/** '14.8', '0.331', '148613': three digits, or all there are before the point. */
export function formatFigure(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
