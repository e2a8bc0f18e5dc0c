import { expect, test } from 'vitest';
import { parseOptions } from './options.ts';

const names = ['quick', 'scripted', 'memory'];

test('only a complete run with the standard times may write the page', () => {
  expect(parseOptions([], names)).toMatchObject({ only: undefined, seconds: 10, repeats: 5, isStandard: true });
  expect(parseOptions(['--artillery', 'there'], names).isStandard).toBe(true);
  expect(parseOptions(['--seconds', '3'], names).isStandard).toBe(false);
  expect(parseOptions(['--repeats', '3'], names).isStandard).toBe(false);
  expect(parseOptions(['--only', 'quick'], names)).toMatchObject({ only: ['quick'], isStandard: false });
});

test('an unknown name, an unknown flag and no number are refused', () => {
  expect(() => parseOptions(['--only', 'quick,quik'], names)).toThrow("'quik'");
  expect(() => parseOptions(['--second', '3'], names)).toThrow('--second');
  expect(() => parseOptions(['--seconds', '0'], names)).toThrow("--seconds is '0'");
});
