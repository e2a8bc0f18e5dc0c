import { describe, expect, test } from 'vitest';
import { offsetBetween, systemClock } from './clock.ts';

/** Two clocks 1,000 ms apart, of which every reading takes 1 µs, and `pausesMs[n]` pass after the n-th reading. */
function clocks(pausesMs: Readonly<Record<number, number>>): { shared: () => number; own: () => number } {
  let nowMs = 0;
  let readings = 0;
  const read = (): number => {
    const readMs = nowMs;
    nowMs += 0.001 + (pausesMs[readings++] ?? 0);
    return readMs;
  };
  return { shared: () => 1000 + read(), own: read };
}

describe('the offset between two clocks', () => {
  test.each([
    ['without a pause', {}],
    ['preempted within the first reading', { 0: 40 }],
    ['preempted within all but the last', Object.fromEntries(Array.from({ length: 19 }, (_, i) => [2 * i, 7]))],
    ['preempted between two readings', { 1: 40, 5: 3 }],
  ])('%s: right to a reading', (_, pausesMs) => {
    const { shared, own } = clocks(pausesMs);
    expect(Math.abs(offsetBetween(shared, own) - 1000)).toBeLessThan(0.0011);
  });
});

test('the clock lies on the axis that all threads share', () => {
  const [beforeS, beforeNs] = process.hrtime();
  const now = systemClock.now();
  const [afterS, afterNs] = process.hrtime();
  // Whatever is preempted here, the reading lies between the two; a microsecond for the offset's own error.
  expect(now).toBeGreaterThan(beforeS * 1e3 + beforeNs / 1e6 - 0.01);
  expect(now).toBeLessThan(afterS * 1e3 + afterNs / 1e6 + 0.01);
});
