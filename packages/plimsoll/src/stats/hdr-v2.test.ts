import { deflateSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import { describe, expect, test } from 'vitest';
import { HistogramFormatError, decodeHdrV2, encodeHdrV2 } from './hdr-v2.ts';
import { Histogram, histogramCells, histogramLimitUs } from './histogram.ts';

const fixed = { seed: 2, numRuns: 100 };
const wholeUs = fc.oneof(fc.nat(3000), fc.nat(histogramLimitUs));
const values = fc.array(wholeUs, { maxLength: 200 });
const readAt = [0.1, 1, 25, 50, 75, 90, 95, 99, 99.9, 100];

function recorded(list: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of list) histogram.record(value);
  return histogram;
}

describe('against hdr-histogram-js', () => {
  test('its decoder reads ours', () => {
    fc.assert(
      fc.property(values, (list) => {
        const ours = recorded(list);
        const theirs = decodeFromCompressedBase64(encodeHdrV2(ours));
        expect(theirs.totalCount).toBe(list.length);
        for (const p of readAt)
          expect(Math.min(theirs.getValueAtPercentile(p), ours.maxUs)).toBe(ours.valueAtPercentile(p));
      }),
      fixed,
    );
  });

  test('ours reads its', () => {
    fc.assert(
      fc.property(values, (list) => {
        const theirs = build();
        for (const value of list) theirs.recordValue(value);
        const ours = decodeHdrV2(encodeIntoCompressedBase64(theirs));
        expect(ours.toDelta().cells).toEqual(recorded(list).toDelta().cells);
        expect(ours.count).toBe(list.length);
        for (const p of readAt) expect(ours.valueAtPercentile(p)).toBe(theirs.getValueAtPercentile(p));
      }),
      fixed,
    );
  });
});

describe('round trip', () => {
  test('begins with HISTF and keeps every counter', () => {
    fc.assert(
      fc.property(values, (list) => {
        const text = encodeHdrV2(recorded(list));
        expect(text.slice(0, 5)).toBe('HISTF');
        expect(decodeHdrV2(text).toDelta().cells).toEqual(recorded(list).toDelta().cells);
      }),
      fixed,
    );
  });

  test('keeps sum, minimum and maximum within 0.1 %', () => {
    const before = recorded([1_234_567, 2_345_678, 3_456_789]);
    const after = decodeHdrV2(encodeHdrV2(before));
    for (const key of ['sumUs', 'minUs', 'maxUs'] as const) {
      expect(Math.abs(after[key] - before[key])).toBeLessThanOrEqual(before[key] / 1000);
    }
  });

  test('counters of any size survive, also above 2³²', () => {
    const counts = [1, 63, 64, 127, 128, 8191, 8192, 2 ** 20, 2 ** 31, 2 ** 32 + 1, 2 ** 41, 2 ** 48, 2 ** 50 - 1];
    const histogram = new Histogram();
    counts.forEach((count, i) => {
      histogram.addCounter(i * 2, count, { sumUs: 0, minUs: 0, maxUs: 24, clamped: 0 });
    });
    const read: number[] = [];
    decodeHdrV2(encodeHdrV2(histogram)).forEachCell((_, count) => read.push(count));
    expect(read).toEqual(counts);
  });

  test('values beyond our limit count at the limit and as clamped', () => {
    const theirs = build();
    theirs.recordValue(100);
    theirs.recordValueWithCount(2 ** 33, 3);
    const ours = decodeHdrV2(encodeIntoCompressedBase64(theirs));
    expect([ours.count, ours.clamped, ours.maxUs]).toEqual([4, 3, histogramLimitUs]);
    expect([...ours.toDelta().cells]).toEqual([100, 1, histogramCells - 1, 3]);
  });
});

describe('damaged text', () => {
  const good = encodeHdrV2(recorded([5, 5000, 50_000]));

  /** The same text with its inner bytes changed. */
  function tampered(change: (inner: Buffer) => Buffer): string {
    const outer = Buffer.from(good, 'base64');
    const compressed = deflateSync(change(inflateSync(outer.subarray(8))));
    const head = Buffer.from(outer.subarray(0, 8));
    head.writeInt32BE(compressed.length, 4);
    return Buffer.concat([head, compressed]).toString('base64');
  }

  const cases: Record<string, string> = {
    empty: '',
    'no histogram': Buffer.from('this is not a histogram').toString('base64'),
    'cut off': good.slice(0, good.length / 2),
    'bytes changed': `${good.slice(0, 24)}AAAA${good.slice(28)}`,
    'no inner header': tampered((inner) => inner.subarray(0, 20)),
    'payload too short': tampered((inner) => inner.subarray(0, -1)),
    'a counter cut off': tampered((inner) => {
      inner[inner.length - 1] = 0x80;
      return inner;
    }),
    'a negative length': tampered((inner) => {
      inner.writeInt32BE(-5, 4);
      return inner;
    }),
    'a decompression bomb': tampered((inner) => Buffer.concat([inner, Buffer.alloc(1 << 23)])),
  };
  test.each(Object.keys(cases))('%s: one clear error', (name) => {
    expect(() => decodeHdrV2(cases[name]!)).toThrow(HistogramFormatError);
  });

  test('another precision is named', () => {
    const theirs = build({ numberOfSignificantValueDigits: 2 });
    theirs.recordValue(7);
    expect(() => decodeHdrV2(encodeIntoCompressedBase64(theirs))).toThrow('2 significant digits');
  });
});
