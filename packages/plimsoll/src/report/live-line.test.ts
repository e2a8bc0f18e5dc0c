import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { liveLine, plainLine } from './live-line.ts';
import type { Progress } from './progress.ts';
import { terminalStyle } from './terminal-style.ts';
import { cellsOf } from './text-fit.ts';

const progress: Progress = {
  group: 'TestDashboard',
  name: 'test_dashboard_concurrent_requests',
  elapsedSeconds: 18,
  fraction: 0.629,
  phase: 'load',
  activeVus: 8,
  vus: 10,
  rate: 84.2,
  p95: 138.2,
  max: 190,
  failed: 0,
  limited: 0,
  exceptions: 0,
  generator: 'ok',
};

function at(columns: number, part: Partial<Progress> = {}): string {
  return liveLine({ ...progress, ...part }, terminalStyle({ columns, colour: false }));
}

test('100 columns hold everything', () => {
  expect(at(100)).toBe(
    'test_dashboa…nt_requests  ━━━━━━────   62%   8/10 VUs   84.2/s  p95 138 ms   0 errors  generator ok',
  );
});

test('a fan-out is told by its deliveries and by who is in a room', () => {
  const subscribers = { joined: 7, all: 12 };
  expect(at(120, { subscribers, rate: 1500 })).toMatch(/ 62% {3}7\/12 joined {2}1,500 deliveries\/s {2}p95 138 ms /);
});

test('80 columns do without the bar', () => {
  expect(at(80)).toBe('test_das…equests   62%   8/10 VUs   84.2/s  p95 138 ms   0 errors  generator ok');
});

describe('trouble is shown however narrow it is', () => {
  test.each([
    [{ failed: 3 }, '3 errors'],
    [{ exceptions: 1 }, '1 exception'],
    [{ generator: 'late' }, 'generator late'],
  ] as const)('%j', (part, text) => {
    expect(at(40, part)).toContain(text);
  });
});

test('where there are too few samples for a p95, the maximum says so', () => {
  expect(at(120, { p95: null })).toContain('max 190 ms');
  expect(at(120, { p95: null, max: null })).toContain('p95 –');
});

test('a pipe gets the same figures with the time, without padding', () => {
  expect(plainLine(progress, terminalStyle({ columns: 80, colour: false }))).toBe(
    '  18s  62%  8/10 VUs  84.2/s  p95 138 ms  0 errors  generator ok',
  );
});

test('the line never fills the terminal, whatever it shows', () => {
  const part = fc.record({
    name: fc.string({ unit: 'grapheme', maxLength: 100 }),
    fraction: fc.double({ min: 0, max: 1, noNaN: true }),
    vus: fc.nat(100_000),
    rate: fc.double({ min: 0, max: 1e6, noNaN: true }),
    p95: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true })),
    failed: fc.nat(1e7),
    limited: fc.nat(1e7),
    exceptions: fc.nat(1e7),
    generator: fc.constantFrom('ok', 'late', 'busy'),
    phase: fc.constantFrom('warm-up', 'load', 'finishing'),
  });
  fc.assert(
    fc.property(part, fc.integer({ min: 32, max: 200 }), (values, columns) => {
      expect(cellsOf(at(columns, values))).toBeLessThan(columns);
    }),
    { numRuns: 60 },
  );
});
