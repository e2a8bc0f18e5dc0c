import { describe, expect, test } from 'vitest';
import { parseThreshold } from './parse-threshold.ts';
import { holds, wantsHigh, type Operator, type Threshold } from './threshold.ts';

describe('what the compiler accepts, the parser reads', () => {
  const accepted: Threshold[] = [
    'latency.p95 < 2s',
    'latency.mean <= 1.5s',
    'latency.p9999 < 250',
    'service.p50 < 900us',
    'iteration.max < 1m',
    'latency.p95 < .5s',
    'latency.p95 < 1e3ms',
    'success >= 95%',
    'connect.success >= 99.9%',
    'checks == 100%',
    'exceptions == 0',
    'errors.timeout == 0',
    'errors < 10',
    'errors.connect-timeout != 3',
    'rate >= 500/s',
    'rate > 30000/m',
    'rate > 12',
    'GET /dashboard/stats: latency.p99 < 300ms',
    'GET /a: b: latency.p99 < 300ms',
    'each: latency.mean < 1.5s',
    'queue depth: value.p95 < 10',
    'hits: share > 50%',
    'orders: count >= 100',
    'connect.p95 < 20ms',
    'lag.p99 < 5ms',
    'checkout: iteration.p95 < 3s',
    'checkout: exceptions < 3',
  ];

  test.each(accepted)('%s', (text) => {
    expect(parseThreshold(text).expression).toBe(text);
  });
});

describe('what the compiler refuses, the parser refuses too', () => {
  const refused: Threshold[] = [
    // @ts-expect-error a typing error in the statistic
    'latency.p9s < 2s',
    // @ts-expect-error a typing error in the metric
    'sucess >= 95%',
    // @ts-expect-error no such unit
    'latency.p95 < 2 seconds',
    // @ts-expect-error a time has a statistic
    'latency < 2s',
    // @ts-expect-error a share is in percent
    'success >= 0.95',
    // @ts-expect-error a share has no time
    'success >= 95ms',
    // @ts-expect-error a count has no unit
    'exceptions == 0%',
    // @ts-expect-error no such kind of error
    'errors.timeouts == 0',
    // @ts-expect-error a rate is per s, m or h
    'rate >= 500/d',
    // @ts-expect-error no such operator
    'latency.p95 =< 2s',
    // @ts-expect-error a number has to follow
    'latency.p95 < fast',
    // @ts-expect-error no operator
    'latency.p95 2s',
    // @ts-expect-error the scope ends with a colon and a space
    'GET /a:latency.p95 < 2s',
    // @ts-expect-error a mistake behind a scope is a mistake
    'GET /a: latency.p9s < 2s',
    // @ts-expect-error two in one
    'latency.p95 < 2s, success >= 95%',
    // @ts-expect-error there is nothing to hold
    '',
    // @ts-expect-error whose value?
    'value.p95 < 10',
    // @ts-expect-error whose count?
    'count >= 100',
    // @ts-expect-error which share?
    'share >= 10%',
    // @ts-expect-error its unit is its own
    'payment: value.p95 < 2s',
    // @ts-expect-error no series has a lag of its own
    'GET /a: lag.p99 < 5ms',
    // @ts-expect-error nor connections
    'each: connect.success >= 99%',
  ];

  test.each(refused)("'%s'", (text) => {
    expect(() => parseThreshold(text)).toThrow(expect.objectContaining({ code: 'THRESHOLD_SYNTAX', exitCode: 2 }));
  });
});

test('operators, at, below and above the bound', () => {
  const table: Record<Operator, [below: boolean, at: boolean, above: boolean]> = {
    '<': [true, false, false],
    '<=': [true, true, false],
    '>': [false, false, true],
    '>=': [false, true, true],
    '==': [false, true, false],
    '!=': [true, false, true],
  };
  for (const [operator, expected] of Object.entries(table) as [Operator, boolean[]][]) {
    expect([1, 2, 3].map((value) => holds(value, operator, 2))).toEqual(expected);
  }
  expect(['<', '<=', '>', '>='].map((operator) => wantsHigh(operator as Operator))).toEqual([false, false, true, true]);
});
