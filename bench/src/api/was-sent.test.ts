import { expect, test } from 'vitest';
import { wasSent } from './was-sent.ts';

const judged = (...codes: readonly string[]): string =>
  JSON.stringify({ validity: { state: 'INVALID', reasons: codes.map((code) => ({ code, message: '', value: 1 })) } });

test('a load that passed was sent, and so was one that was late', () => {
  expect(wasSent(0, '')).toBe(true);
  expect(wasSent(3, judged('lag'))).toBe(true);
  expect(wasSent(3, judged('lag', 'gc', 'generator-bound'))).toBe(true);
});

test('a load that lost a part, or ended otherwise, was not', () => {
  for (const code of ['worker-lost', 'books', 'rate-not-reached']) expect(wasSent(3, judged('lag', code))).toBe(false);
  for (const code of [1, 4, null]) expect(wasSent(code, judged('lag'))).toBe(false);
  expect(wasSent(3, '')).toBe(false);
});
