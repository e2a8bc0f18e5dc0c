import { expect, test } from 'vitest';
import { BoundedEntries } from './bounded-entries.ts';

const keysOf = (entries: BoundedEntries<string>): string =>
  ['a', 'b', 'c', 'd', 'e'].filter((key) => entries.has(key)).join('');

test('beyond the number of entries the oldest gives way, and one that is set again is the youngest', () => {
  const entries = new BoundedEntries<string>({ entries: 3, characters: 100 });
  for (const key of ['a', 'b', 'c', 'a', 'd']) entries.set(key, key);
  expect(keysOf(entries)).toBe('acd');
  expect(entries.get('a')).toBe('a');
});

test('beyond the length of all texts as many give way as it takes', () => {
  const entries = new BoundedEntries<string>({ entries: 100, characters: 10 });
  for (const key of ['a', 'b', 'c']) entries.set(key, key, 3);
  entries.set('d', 'd', 6);
  expect(keysOf(entries)).toBe('cd');
  entries.set('c', 'short', 1);
  entries.set('e', 'e', 3);
  expect(keysOf(entries)).toBe('cde');
});

test('a text that comes later counts from then on, and not for an entry that has taken its place', () => {
  const entries = new BoundedEntries<string>({ entries: 100, characters: 10 });
  entries.set('a', 'first');
  entries.set('a', 'second');
  entries.weigh('a', 'first', 99);
  entries.set('b', 'b', 6);
  expect(keysOf(entries)).toBe('ab');
  entries.weigh('a', 'second', 5);
  expect(keysOf(entries)).toBe('b');
});

test('what was deleted or cleared weighs nothing, and one that is too long is not kept', () => {
  const entries = new BoundedEntries<string>({ entries: 100, characters: 10 });
  entries.set('a', 'a', 8);
  entries.delete('a');
  entries.set('b', 'b', 8);
  expect(keysOf(entries)).toBe('b');
  entries.clear();
  entries.set('c', 'c', 8);
  expect(keysOf(entries)).toBe('c');
  entries.set('d', 'd', 11);
  expect(keysOf(entries)).toBe('');
});
