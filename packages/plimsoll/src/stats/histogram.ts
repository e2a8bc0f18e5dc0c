/**
 * Hot path: `record` keeps to 15 ns (bench/: histogram record). Exact HdrHistogram layout for unit 1 µs, 3 significant
 * digits, values up to 2³¹−1 µs (35.8 min): 22 pages of 1,024 counters, made on first touch.
 *
 * A value v has 11 significant bits kept: with b = bits beyond the 11th, its cell is b·1024 + (v >> b). So cells are 1 µs
 * wide below 2,048 µs and their width doubles with each power of two: at most 1/1024 of the value.
 */
import type { HistogramDelta } from './snapshot.ts';

/** The greatest value that can be told apart, in µs; beyond it values count as this one. */
export const histogramLimitUs = 0x7fff_ffff;
const pageCount = 22;
const pageSize = 1024;
/** Cells of the whole layout. */
export const histogramCells = pageCount * pageSize;
const maxUint32 = 0xffff_ffff;

/** Nothing was recorded. Shared by all: do not transfer its buffer. */
export const emptyDelta: HistogramDelta = Object.freeze({
  count: 0,
  sumUs: 0,
  minUs: 0,
  maxUs: 0,
  clamped: 0,
  cells: new Uint32Array(0),
});

/** The cell of a whole number of µs from 0 to 2³¹−1. */
export function cellOf(us: number): number {
  const bucket = 21 - Math.clz32(us | 2047);
  return (bucket << 10) + (us >>> bucket);
}

/** Smallest value, in µs, that falls into the cell. */
export function lowestOfCell(cell: number): number {
  const page = cell >> 10;
  return page === 0 ? cell : ((cell & 1023) + 1024) << (page - 1);
}

/** Width of the cell in µs. */
function widthOfCell(cell: number): number {
  return 1 << Math.max(0, (cell >> 10) - 1);
}

/** Greatest value, in µs, that falls into the cell. */
export function highestOfCell(cell: number): number {
  return lowestOfCell(cell) + widthOfCell(cell) - 1;
}

export class Histogram {
  /** Read these four, write them never: plain fields for the sake of `record`. */
  count = 0;
  /** Sum of the recorded values, each rounded to a whole µs: exact up to 2⁵³. */
  sumUs = 0;
  /** Values beyond the limit, counted at the limit. */
  clamped = 0;
  /** 0 while empty. */
  maxUs = 0;
  /** How often it was emptied; not to be written, either. */
  resets = 0;
  private lowestUs = Infinity;
  /** Float64: a counter is exact up to 2⁵³ and cannot wrap. Undefined: nothing in it since the last `takeDelta`. */
  private readonly pages: (Float64Array | undefined)[] = new Array<undefined>(pageCount).fill(undefined);
  /** Emptied pages, kept for their next touch. */
  private readonly spare: (Float64Array | undefined)[] = new Array<undefined>(pageCount).fill(undefined);

  /**
   * Adds one value, rounded to the nearest whole µs. A negative one counts as 0. One beyond the limit counts at the
   * limit, and so does NaN: a lost measurement must stay in the count and must not flatter.
   */
  record(us: number): void {
    const value = us >= 0 && us < 2147483647.5 ? (us + 0.5) | 0 : this.outOfRange(us);
    const bucket = 21 - Math.clz32(value | 2047);
    const cell = (bucket << 10) + (value >>> bucket);
    const page = this.pages[cell >> 10] ?? this.touch(cell >> 10);
    page[cell & 1023]! += 1;
    this.count += 1;
    this.sumUs += value;
    if (value > this.maxUs) this.maxUs = value;
    if (value < this.lowestUs) this.lowestUs = value;
  }

  private outOfRange(us: number): number {
    if (us < 0) return 0;
    this.clamped += 1;
    return histogramLimitUs;
  }

  private touch(page: number): Float64Array {
    const cells = this.spare[page] ?? new Float64Array(pageSize);
    this.spare[page] = undefined;
    this.pages[page] = cells;
    return cells;
  }

  /** The smallest recorded value; 0 while empty. */
  get minUs(): number {
    return this.count === 0 ? 0 : this.lowestUs;
  }

  /** Exact mean in µs; 0 while empty. */
  get mean(): number {
    return this.count === 0 ? 0 : this.sumUs / this.count;
  }

  /** Standard deviation in µs of the recorded values (divisor n), from the middles of their cells; 0 while empty. */
  get sd(): number {
    if (this.count === 0) return 0;
    // Without a call for each cell: it runs each second, for each series.
    let sum = 0;
    let squares = 0;
    for (let page = 0; page < pageCount; page++) {
      const cells = this.pages[page];
      if (cells === undefined) continue;
      for (let i = 0; i < pageSize; i++) if (cells[i] !== 0) sum += cells[i]! * middleOfCell(page * pageSize + i);
    }
    const mean = sum / this.count;
    for (let page = 0; page < pageCount; page++) {
      const cells = this.pages[page];
      if (cells === undefined) continue;
      for (let i = 0; i < pageSize; i++) {
        if (cells[i] !== 0) squares += cells[i]! * (middleOfCell(page * pageSize + i) - mean) ** 2;
      }
    }
    return Math.sqrt(squares / this.count);
  }

  /** Every cell that holds something, in ascending order. */
  forEachCell(visit: (cell: number, count: number) => void): void {
    for (let page = 0; page < pageCount; page++) {
      const cells = this.pages[page];
      if (cells === undefined) continue;
      for (let i = 0; i < pageSize; i++) if (cells[i] !== 0) visit(page * pageSize + i, cells[i]!);
    }
  }

  /** What was recorded since the last call; empties the histogram and keeps its pages. Looks at touched pages only. */
  takeDelta(): HistogramDelta {
    if (this.count === 0) return emptyDelta;
    const delta = this.toDelta();
    this.reset();
    return delta;
  }

  /** All of it as a delta. A counter above 2³²−1 becomes several pairs of the same cell. */
  toDelta(): HistogramDelta {
    if (this.count === 0) return emptyDelta;
    let pairs = 0;
    this.forEachCell((_, count) => (pairs += Math.ceil(count / maxUint32)));
    const cells = new Uint32Array(2 * pairs);
    let at = 0;
    this.forEachCell((cell, count) => {
      for (let left = count; left > 0; left -= maxUint32) {
        cells[at++] = cell;
        cells[at++] = Math.min(left, maxUint32);
      }
    });
    const { count, sumUs, minUs, maxUs, clamped } = this;
    return { count, sumUs, minUs, maxUs, clamped, cells };
  }

  /** Errors: RangeError when a cell lies outside of the layout (a damaged delta). */
  add(delta: HistogramDelta): void {
    if (delta.count === 0) return;
    const pairs = delta.cells;
    for (let i = 0; i + 1 < pairs.length; i += 2) this.addToCell(pairs[i]!, pairs[i + 1]!);
    this.addTotals(delta);
  }

  /** Adds what `other` holds; `other` stays as it is. */
  merge(other: Histogram): void {
    if (other.count === 0) return;
    for (let page = 0; page < pageCount; page++) {
      const theirs = other.pages[page];
      if (theirs === undefined) continue;
      const ours = this.pages[page] ?? this.touch(page);
      for (let i = 0; i < pageSize; i++) ours[i]! += theirs[i]!;
    }
    this.addTotals(other);
  }

  /** Adds `count` values of one cell of which sum and extremes are known otherwise. Errors: as `add`. */
  addCounter(cell: number, count: number, totals: Omit<HistogramDelta, 'cells' | 'count'>): void {
    this.addToCell(cell, count);
    this.addTotals({ count, ...totals });
  }

  private addToCell(cell: number, count: number): void {
    if (cell >= histogramCells) throw new RangeError(`a histogram has no cell ${cell}`);
    const page = this.pages[cell >> 10] ?? this.touch(cell >> 10);
    page[cell & 1023]! += count;
  }

  private addTotals(from: Omit<HistogramDelta, 'cells'>): void {
    this.count += from.count;
    this.sumUs += from.sumUs;
    this.clamped += from.clamped;
    if (from.maxUs > this.maxUs) this.maxUs = from.maxUs;
    if (from.minUs < this.lowestUs) this.lowestUs = from.minUs;
  }

  /**
   * The value, in µs, below or at which lie p percent of the recorded ones: the greatest value of the cell that holds
   * the one of rank ⌈p/100 · count⌉ (at least 1), but never above the exact maximum. 0 while empty.
   *
   * @param p from 0 to 100
   */
  valueAtPercentile(p: number): number {
    if (this.count === 0) return 0;
    // One rounding error less: 99.9 % of 1,000 is 999.0000000000001 in floating point, and rank 999 is meant.
    return this.valueAtRank(Math.max(1, Math.ceil((Math.min(p, 100) / 100) * this.count * (1 - Number.EPSILON))));
  }

  /** As `valueAtPercentile`, of the recorded value that has this rank: from 1 to `count`. */
  valueAtRank(rank: number): number {
    let seen = 0;
    for (let page = 0; page < pageCount; page++) {
      const cells = this.pages[page];
      if (cells === undefined) continue;
      for (let i = 0; i < pageSize; i++) {
        seen += cells[i]!;
        if (seen >= rank) return Math.min(highestOfCell(page * pageSize + i), this.maxUs);
      }
    }
    return this.maxUs;
  }

  /** How many values are greater than `us`. Those in the same cell, within 0.1 %, count as equal to it. */
  countAbove(us: number): number {
    if (us < 0) return this.count;
    const last = us >= histogramLimitUs ? histogramCells - 1 : cellOf(Math.floor(us));
    let above = 0;
    for (let page = last >> 10; page < pageCount; page++) {
      const cells = this.pages[page];
      if (cells === undefined) continue;
      for (let i = Math.max(0, last + 1 - page * pageSize); i < pageSize; i++) above += cells[i]!;
    }
    return above;
  }

  /** Empties it and keeps its pages for reuse. */
  reset(): void {
    for (let page = 0; page < pageCount; page++) {
      const cells = this.pages[page];
      if (cells === undefined) continue;
      cells.fill(0);
      this.spare[page] = cells;
      this.pages[page] = undefined;
    }
    this.resets += 1;
    this.count = 0;
    this.sumUs = 0;
    this.clamped = 0;
    this.maxUs = 0;
    this.lowestUs = Infinity;
  }
}

/** Middle of the cell in µs, half of the way between its smallest and its greatest value. */
export function middleOfCell(cell: number): number {
  return lowestOfCell(cell) + (widthOfCell(cell) - 1) / 2;
}
