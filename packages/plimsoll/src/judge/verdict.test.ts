import { expect, test } from 'vitest';
import type { Verdict } from '../model/result.ts';
import { exitCodeOf, worstVerdict } from './verdict.ts';

test('exit codes are a contract', () => {
  const codes: Record<Verdict, number> = {
    passed: 0,
    failed: 1,
    invalid: 3,
    unreachable: 4,
    broken: 5,
    interrupted: 130,
    // A run that never came to its end.
    partial: 5,
  };
  for (const [verdict, code] of Object.entries(codes)) expect(exitCodeOf(verdict as Verdict)).toBe(code);
});

test('where several hold: 130, 5, 4, 3, 1, 0', () => {
  const order: Verdict[] = ['interrupted', 'broken', 'unreachable', 'invalid', 'failed', 'passed'];
  for (const [index, verdict] of order.entries()) {
    expect(worstVerdict(order.slice(index))).toBe(verdict);
    expect(worstVerdict(order.slice(index).toReversed())).toBe(verdict);
  }
  expect(worstVerdict([])).toBe('passed');
});
