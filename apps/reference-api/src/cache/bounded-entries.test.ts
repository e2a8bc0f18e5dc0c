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

test('beyond the length of all texts and keys as many give way as it takes', () => {
  const entries = new BoundedEntries<string>({ entries: 100, characters: 10 });
  for (const key of ['a', 'b', 'c']) entries.set(key, key, 2);
  expect(keysOf(entries)).toBe('abc');
  entries.set('d', 'd', 5);
  expect(keysOf(entries)).toBe('cd');
  entries.set('c', 'short', 0);
  entries.set('e', 'e', 2);
  expect(keysOf(entries)).toBe('cde');
  entries.set('a key of 10', 'too long', 0);
  expect(keysOf(entries)).toBe('cde');
  entries.set('key of 10!', 'f', 0);
  expect(keysOf(entries)).toBe('');
  expect(entries.get('key of 10!')).toBe('f');
});

test('a text that comes later counts from then on, and not for an entry that has taken its place', () => {
  const entries = new BoundedEntries<string>({ entries: 100, characters: 10 });
  entries.set('a', 'first');
  entries.set('a', 'second');
  entries.weigh('a', 'first', 9);
  entries.set('b', 'b', 7);
  expect(keysOf(entries)).toBe('ab');
  entries.weigh('a', 'second', 5);
  expect(keysOf(entries)).toBe('b');
});

test('one that is too long is not kept, and nothing gives way to it', () => {
  const entries = new BoundedEntries<string>({ entries: 100, characters: 10 });
  entries.set('a', 'a', 3);
  entries.set('b', 'b', 3);
  entries.set('c', 'c', 10);
  expect(keysOf(entries)).toBe('ab');
  entries.set('c', 'c');
  entries.weigh('c', 'c', 10);
  expect(keysOf(entries)).toBe('ab');
  // What was there under its key is another one.
  entries.set('a', 'longer', 10);
  expect(keysOf(entries)).toBe('b');
});

test('what was deleted or cleared weighs nothing', () => {
  const entries = new BoundedEntries<string>({ entries: 100, characters: 10 });
  entries.set('a', 'a', 8);
  entries.delete('a');
  entries.set('b', 'b', 8);
  expect(keysOf(entries)).toBe('b');
  entries.clear();
  entries.set('c', 'c', 8);
  expect(keysOf(entries)).toBe('c');
});
