import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UnitSyntaxError } from './errors.ts';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatLatency,
  formatShare,
  parseBytes,
  parseDurationMs,
  parseRatePerSecond,
} from './units.ts';

const fixed = { seed: 4, numRuns: 200 };

describe('durations', () => {
  test.each([
    ['500ms', 500],
    ['2s', 2000],
    ['1m30s', 90_000],
    ['1h', 3_600_000],
    ['250us', 0.25],
    ['0.5s', 500],
    [' 2s ', 2000],
    ['4.35s', 4350],
    ['1h2m3s4ms5us', 3_723_004.005],
    [1500, 1500],
    [0, 0],
    ['0s', 0],
  ])('%j is %d ms', (text, ms) => {
    expect(parseDurationMs(text)).toBe(ms);
  });

  test.each(['', ' ', '2', 's', '2 s', '2x', '2sx', '-2s', '1.s', '.5s', '1e3ms', '2S', 'NaN', `${'9'.repeat(400)}s`])(
    '%j is refused with the text and a hint',
    (text) => {
      expect(() => parseDurationMs(text)).toThrow(UnitSyntaxError);
      expect(() => parseDurationMs(text)).toThrow(`'${text}' is not a duration`);
    },
  );

  test.each([-1, NaN, Infinity])('the number %d is refused', (ms) => {
    expect(() => parseDurationMs(ms)).toThrow(UnitSyntaxError);
  });

  test.each([
    [0, '0ms'],
    [0.25, '0.25ms'],
    [500, '500ms'],
    [999.9996, '1s'],
    [1500, '1.5s'],
    [59_999.6, '1m'],
    [90_000, '1m30s'],
    [3_600_000, '1h'],
    [7_205_000, '2h5s'],
    [-1500, '-1.5s'],
  ])('%d ms reads %j', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  test('what is written can be read again, to half a millisecond or half a second from a minute on', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), (ms) => {
        expect(Math.abs(parseDurationMs(formatDuration(ms)) - ms)).toBeLessThanOrEqual(ms < 59_999.5 ? 0.501 : 501);
      }),
      fixed,
    );
  });
});

describe('rates', () => {
  test.each([
    ['50/s', 50],
    ['300/m', 5],
    ['1800/h', 0.5],
    ['0.5/s', 0.5],
    ['50', 50],
    [12.5, 12.5],
    [0, 0],
  ])('%j is %d per second', (text, rate) => {
    expect(parseRatePerSecond(text)).toBe(rate);
  });

  test.each(['', '/s', '50/d', '50 / s', '-5/s', 'fast', `${'9'.repeat(400)}/s`])('%j is refused', (text) => {
    expect(() => parseRatePerSecond(text)).toThrow(UnitSyntaxError);
  });

  test.each([-1, NaN, Infinity])('the number %d is refused', (rate) => {
    expect(() => parseRatePerSecond(rate)).toThrow(UnitSyntaxError);
  });
});

describe('sizes', () => {
  test.each([
    ['512', 512],
    ['512B', 512],
    ['16kB', 16_000],
    ['16KB', 16_000],
    ['1.5 MB', 1_500_000],
    ['2GB', 2e9],
    ['1KiB', 1024],
    ['1mib', 1_048_576],
    ['1GiB', 2 ** 30],
    [4096, 4096],
    ['0', 0],
  ])('%j is %d bytes', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes);
  });

  test.each(['', 'MB', '1 iB', '1TB', '-1kB', '1e3', '10 apples', -1, 1.5, NaN, Infinity])('%j is refused', (text) => {
    expect(() => parseBytes(text)).toThrow(UnitSyntaxError);
  });

  test.each([
    [0, '0 B'],
    [512, '512 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [45_600, '45.6 kB'],
    [999_400, '999 kB'],
    [999_600, '1.00 MB'],
    [1_234_567_890, '1.23 GB'],
    [5e18, '5,000 PB'],
  ])('%d bytes read %j', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

test.each([
  [0, '0 ms'],
  [0.0042, '0.004 ms'],
  [0.12, '0.12 ms'],
  [1.234, '1.23 ms'],
  [9.994, '9.99 ms'],
  [9.996, '10.0 ms'],
  [12.34, '12.3 ms'],
  [99.96, '100 ms'],
  [123.4, '123 ms'],
  [999.4, '999 ms'],
  [999.6, '1.00 s'],
  [1234, '1.23 s'],
  [59_940, '59.9 s'],
  [1_234_000, '1,234 s'],
])('a latency of %d ms reads %j', (ms, text) => {
  expect(formatLatency(ms)).toBe(text);
});

test.each([
  [0, '0'],
  [999, '999'],
  [1000, '1,000'],
  [1_234_567, '1,234,567'],
  [-1234, '-1,234'],
  [1e15, '1,000,000,000,000,000'],
])('a count of %d reads %j', (count, text) => {
  expect(formatCount(count)).toBe(text);
});

test.each([
  [0, '0%'],
  [0.000_001, '<0.01%'],
  [0.0012, '0.12%'],
  [0.05, '5%'],
  [0.5, '50%'],
  [0.9876, '98.8%'],
  [0.995, '99.5%'],
  [0.9998, '99.98%'],
  [0.999_999, '>99.99%'],
  [1, '100%'],
])('a share of %d reads %j', (share, text) => {
  expect(formatShare(share)).toBe(text);
});
