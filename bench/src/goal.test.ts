import { expect, test } from 'vitest';
import { formatFigure, formatLimit, formatRange, formatValue, judge } from './goal.ts';

test('a value that is on the limit meets it, one above does not, and must and aim are judged apart', () => {
  expect(judge(1.2, { must: 1.2, aim: 1 })).toEqual({ must: 'met', aim: 'not met' });
  expect(judge(1, { must: 1.2, aim: 1 })).toEqual({ must: 'met', aim: 'met' });
  expect(judge(1.12, { must: 1.12 })).toEqual({ must: 'met', aim: undefined });
});

test('a value is judged before it is rounded', () => {
  expect(formatValue(1.2001, 'times')).toBe('1.200×');
  expect(judge(1.2001, { must: 1.2 }).must).toBe('not met');
});

test('nothing measured meets no goal', () => {
  expect(judge(Number.NaN, { must: 5, aim: 1 })).toEqual({ must: 'not met', aim: 'not met' });
});

test('small ratios keep the digits that their goals have', () => {
  expect(formatValue(0.0243, 'times')).toBe('0.0243×');
  expect(formatLimit(0.025, 'times')).toBe('≤ 0.025×');
  expect(formatLimit(undefined, 'MB')).toBe('');
  expect(formatLimit(0, 'arrivals')).toBe('exactly 0');
});

test('a rate must be reached, where everything else must not be passed', () => {
  const goal = { must: 1500, higherIsBetter: true } as const;
  expect([1499, 1500, Number.NaN].map((rate) => judge(rate, goal).must)).toEqual(['not met', 'met', 'not met']);
  expect(formatValue(31_424.4, 'requests/s')).toBe('31,424 requests/s');
  expect(formatLimit(1500, 'requests/s', goal)).toBe('≥ 1,500 requests/s');
  expect(formatLimit(1.3, 'times', goal)).toBe('≥ 1.3×');
});

test('what is counted has no fraction, and a limit of none is said as one', () => {
  expect(formatValue(3, 'connections')).toBe('3 connections');
  expect(formatLimit(0, 'deliveries')).toBe('exactly 0');
});

test('a figure has three digits, or all that stand before its point', () => {
  expect([14.8312, 0.33149, 148_613.4, 7, -0.5].map(formatFigure)).toEqual([
    '14.8',
    '0.331',
    '148613',
    '7.00',
    '-0.500',
  ]);
});

test('a range has the digits of the value that it stands beside, and its unit once', () => {
  expect(formatRange(1.2149, 1.334, 'times')).toBe('1.215× – 1.334×');
  expect(formatRange(0.0021, 0.12, 'times')).toBe('0.0021× – 0.120×');
  expect(formatRange(9.2, 55.214, 'ms')).toBe('9.20 – 55.21 ms');
  expect(formatRange(52_248.2, 56_393, 'requests/s')).toBe('52,248 – 56,393 requests/s');
});
