import fc from 'fast-check';
import { build } from 'hdr-histogram-js';
import { describe, expect, test } from 'vitest';
import { testRandom } from '../kernel/random.ts';
import {
  Histogram,
  cellOf,
  emptyDelta,
  highestOfCell,
  histogramCells,
  histogramLimitUs,
  lowestOfCell,
} from './histogram.ts';

const fixed = { seed: 1, numRuns: 100 };
const wholeUs = fc.oneof(fc.nat(5000), fc.nat(histogramLimitUs));
const values = fc.array(wholeUs, { minLength: 1, maxLength: 300 });

function recorded(list: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of list) histogram.record(value);
  return histogram;
}

/** Everything that can be seen of a histogram. */
function contents(histogram: Histogram) {
  return histogram.toDelta();
}

describe('the layout', () => {
  test('the first 2,048 µs have a cell each, and the limit is the last cell', () => {
    expect(Array.from({ length: 2048 }, (_, us) => cellOf(us))).toEqual(Array.from({ length: 2048 }, (_, us) => us));
    expect(cellOf(histogramLimitUs)).toBe(histogramCells - 1);
    expect(highestOfCell(histogramCells - 1)).toBe(histogramLimitUs);
  });

  test('cells follow each other without a gap or an overlap', () => {
    for (let cell = 1; cell < histogramCells; cell++) expect(lowestOfCell(cell)).toBe(highestOfCell(cell - 1) + 1);
  });

  test('a value lies in its cell, which is at most 0.1 % wide', () => {
    fc.assert(
      fc.property(wholeUs, (us) => {
        const cell = cellOf(us);
        expect(lowestOfCell(cell)).toBeLessThanOrEqual(us);
        expect(highestOfCell(cell)).toBeGreaterThanOrEqual(us);
        expect(highestOfCell(cell) - lowestOfCell(cell)).toBeLessThanOrEqual(us / 1000);
      }),
      fixed,
    );
  });
});

describe('recording', () => {
  test('count, sum, minimum and maximum are exact where cells are wide', () => {
    const { count, sumUs, minUs, maxUs, mean, clamped } = recorded([1_000_003, 2_000_005, 1_000_001]);
    expect({ count, sumUs, minUs, maxUs, mean, clamped }).toEqual({
      count: 3,
      sumUs: 4_000_009,
      minUs: 1_000_001,
      maxUs: 2_000_005,
      mean: 4_000_009 / 3,
      clamped: 0,
    });
  });

  test('a fraction is rounded to the nearest whole µs', () => {
    const histogram = recorded([0.4, 0.5, 1.49, 1.5]);
    expect(histogram.sumUs).toBe(0 + 1 + 1 + 2);
    expect([histogram.minUs, histogram.maxUs]).toEqual([0, 2]);
  });

  test('a negative time counts as 0 and is not clamped', () => {
    const histogram = recorded([-0.7, -1e300, -Infinity, -0]);
    expect(contents(histogram)).toEqual({
      count: 4,
      sumUs: 0,
      minUs: 0,
      maxUs: 0,
      clamped: 0,
      cells: Uint32Array.of(0, 4),
    });
  });

  test.each([2 ** 31, 2_147_483_647.5, 1e300, Infinity, NaN])('%d counts at the limit and as clamped', (us) => {
    const histogram = recorded([10, us]);
    expect(contents(histogram)).toEqual({
      count: 2,
      sumUs: 10 + histogramLimitUs,
      minUs: 10,
      maxUs: histogramLimitUs,
      clamped: 1,
      cells: Uint32Array.of(10, 1, histogramCells - 1, 1),
    });
  });

  test('the limit itself is not clamped', () => {
    expect(recorded([histogramLimitUs, 2_147_483_647.4]).clamped).toBe(0);
  });

  test('an empty histogram reads 0 everywhere', () => {
    const { count, sumUs, minUs, maxUs, mean, sd } = new Histogram();
    expect({ count, sumUs, minUs, maxUs, mean, sd }).toEqual({
      count: 0,
      sumUs: 0,
      minUs: 0,
      maxUs: 0,
      mean: 0,
      sd: 0,
    });
    expect(new Histogram().valueAtPercentile(99)).toBe(0);
    expect(new Histogram().countAbove(0)).toBe(0);
  });
});

describe('percentiles', () => {
  test('of 1 to 1,000 µs are the ranks themselves', () => {
    const histogram = recorded(Array.from({ length: 1000 }, (_, i) => i + 1));
    const read = [0, 0.1, 50, 90, 95, 99, 99.9, 99.91, 100].map((p) => histogram.valueAtPercentile(p));
    expect(read).toEqual([1, 1, 500, 900, 950, 990, 999, 1000, 1000]);
  });

  test('never exceed the exact maximum', () => {
    expect(recorded([1_000_001]).valueAtPercentile(50)).toBe(1_000_001);
  });

  test('equal hdr-histogram-js on the same values', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 100_000 }), (list, milliPercent) => {
        const oracle = build({ highestTrackableValue: histogramLimitUs });
        for (const value of list) oracle.recordValue(value);
        const p = milliPercent / 1000;
        const expected = Math.min(oracle.getValueAtPercentile(p), Math.max(...list));
        expect(recorded(list).valueAtPercentile(p)).toBe(expected);
      }),
      fixed,
    );
  });

  test('lie within 0.1 % of the sorted list', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 100 }), (list, p) => {
        const truth = list.toSorted((a, b) => a - b)[Math.ceil((p * list.length) / 100) - 1]!;
        const read = recorded(list).valueAtPercentile(p);
        expect(read).toBeGreaterThanOrEqual(truth);
        expect(read).toBeLessThanOrEqual(truth * 1.001);
      }),
      fixed,
    );
  });
});

describe('spread and tail', () => {
  test('sd of 1 to 1,000 µs is √((n² − 1)/12)', () => {
    expect(recorded(Array.from({ length: 1000 }, (_, i) => i + 1)).sd).toBeCloseTo(Math.sqrt((1000 ** 2 - 1) / 12), 9);
  });

  test('equal values have no spread, also in a wide cell', () => {
    expect(recorded([100_003, 100_003, 100_003]).sd).toBe(0);
  });

  test('countAbove counts strictly greater values', () => {
    const histogram = recorded([0, 1, 10, 10, 11, 5_000_000]);
    expect([-1, 0, 0.5, 9.9, 10, 11, 4e6, 6e6, 1e12].map((us) => histogram.countAbove(us))).toEqual([
      6, 5, 5, 4, 2, 1, 1, 0, 0,
    ]);
  });

  test('countAbove takes values of the same cell for equal', () => {
    expect(cellOf(1_000_000)).toBe(cellOf(1_000_001));
    expect(recorded([1_000_001]).countAbove(1_000_000)).toBe(0);
  });
});

describe('deltas and merging', () => {
  test('takeDelta gives sparse pairs in ascending order and empties the histogram', () => {
    const histogram = recorded([3000, 5, 5, 3001]);
    expect(histogram.takeDelta()).toEqual({
      count: 4,
      sumUs: 6011,
      minUs: 5,
      maxUs: 3001,
      clamped: 0,
      cells: Uint32Array.of(5, 2, cellOf(3000), 2),
    });
    expect(histogram.takeDelta()).toBe(emptyDelta);
    histogram.record(7);
    expect(histogram.takeDelta()).toEqual({
      count: 1,
      sumUs: 7,
      minUs: 7,
      maxUs: 7,
      clamped: 0,
      cells: Uint32Array.of(7, 1),
    });
  });

  test('a page is used again, clean, after it was emptied', () => {
    const histogram = recorded([1, 2, 3]);
    histogram.reset();
    histogram.record(2);
    expect(contents(histogram)).toEqual(contents(recorded([2])));
  });

  test('any cut into seconds and workers adds up to the whole', () => {
    const parts = fc.array(fc.array(fc.oneof(wholeUs, fc.constant(NaN)), { maxLength: 50 }), { maxLength: 8 });
    fc.assert(
      fc.property(parts, (lists) => {
        const worker = new Histogram();
        const byDelta = new Histogram();
        const byMerge = new Histogram();
        for (const list of lists) {
          for (const value of list) worker.record(value);
          byMerge.merge(recorded(list));
          byDelta.add(worker.takeDelta());
        }
        const whole = contents(recorded(lists.flat()));
        expect(contents(byDelta)).toEqual(whole);
        expect(contents(byMerge)).toEqual(whole);
      }),
      fixed,
    );
  });

  test('merging leaves the other one as it was', () => {
    const other = recorded([1, 100_000]);
    const ours = recorded([4]);
    ours.merge(other);
    ours.record(1);
    expect(contents(other)).toEqual(contents(recorded([1, 100_000])));
  });

  test('counters pass 2³² without wrapping, also through a delta', () => {
    const half = { count: 3e9, sumUs: 3e10, minUs: 10, maxUs: 10, clamped: 0, cells: Uint32Array.of(10, 3e9) };
    const histogram = recorded([20]);
    histogram.add(half);
    histogram.add(half);
    const copy = new Histogram();
    copy.add(histogram.takeDelta());
    expect([copy.count, copy.sumUs, copy.countAbove(9), copy.countAbove(10)]).toEqual([6e9 + 1, 6e10 + 20, 6e9 + 1, 1]);
  });

  test('a cell outside of the layout is refused', () => {
    const damaged = { count: 1, sumUs: 1, minUs: 1, maxUs: 1, clamped: 0, cells: Uint32Array.of(histogramCells, 1) };
    expect(() => {
      new Histogram().add(damaged);
    }).toThrow(RangeError);
  });
});

test('a known mixture of delays reads within 0.1 % at every percentile', () => {
  const random = testRandom(7);
  const list = Array.from({ length: 50_000 }, () =>
    random.number() < 0.9 ? random.integer(900, 1_100) : random.integer(450_000, 550_000),
  );
  const histogram = recorded(list);
  const sorted = list.toSorted((a, b) => a - b);
  for (const p of [1, 25, 50, 75, 89, 91, 95, 99, 99.9, 99.99]) {
    const truth = sorted[Math.ceil((p / 100) * list.length) - 1]!;
    expect(Math.abs(histogram.valueAtPercentile(p) - truth)).toBeLessThanOrEqual(truth / 1000);
  }
});
