import { expect, test } from 'vitest';
import { shown } from './shown.ts';

test.each([
  ['chat', "'chat'"],
  ['x'.repeat(50), `'${'x'.repeat(40)}…'`],
  [undefined, 'undefined'],
  [null, 'null'],
  [42, '42'],
  [['a'], 'a list'],
  [{ a: 1 }, 'an object'],
  [() => 1, 'a function'],
])('%j', (value, text) => {
  expect(shown(value)).toBe(text);
});
