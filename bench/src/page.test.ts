import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { nothingYet, page, partsOf } from './page.ts';

test('a part that is written anew leaves the other as it stood, to the letter', () => {
  const http = '## HTTP\n\n| a | b |\n| --- | --- |\n| 1.119× | 5 $& of `$1` |';
  const before = page({ ...nothingYet, http });
  const after = page({ ...partsOf(before), sockets: '## Sockets\n\nfigures' });
  expect(partsOf(after)).toEqual({ http, sockets: '## Sockets\n\nfigures' });
  expect(after).toContain(http);
});

test('what is written can be read, and written again without a change', () => {
  const text = page(nothingYet);
  expect(page(partsOf(text))).toBe(text);
});

test('a page without the marks of a part is refused, for its figures would be lost', () => {
  expect(() => partsOf('# Benchmarks\n\n12.9 µs\n')).toThrow('<!-- part: http -->');
  const torn = page(nothingYet).replace('<!-- end of part: sockets -->', '');
  expect(() => partsOf(torn)).toThrow('<!-- part: sockets -->');
});

test('the page in docs has the frame that is written here', () => {
  const text = readFileSync(new URL('../../docs/benchmarks.md', import.meta.url), 'utf8');
  expect(page(partsOf(text))).toBe(text);
});
