import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cellsOf, oneLine, padEnd, padStart, shorten, wrap } from './text-fit.ts';

const line = fc.string({ unit: 'grapheme', maxLength: 80 }).map(oneLine);
const width = fc.integer({ min: 4, max: 60 });

test('an emoji and an ideograph take two cells, an accent none', () => {
  expect(['ab', '🚀', '多', 'e\u0301', '👩‍👩‍👧‍👦'].map(cellsOf)).toEqual([2, 2, 2, 1, 2]);
  expect(padEnd('🚀', 4)).toBe('🚀  ');
  expect(padStart('🚀', 4)).toBe('  🚀');
});

describe('one line', () => {
  test.each([
    ['a\r\n\tb', 'a b'],
    ['\u001b[2Jx\u0007', '[2Jx'],
    ['\u202eevil', 'evil'],
    ['half \ud83d', 'half \ufffd'],
  ])('%j → %j', (text, shown) => {
    expect(oneLine(text)).toBe(shown);
  });

  test('a page is cut', () => {
    expect(oneLine('x'.repeat(1e6)).length).toBe(2000);
  });
});

describe('shortening', () => {
  test('keeps the start and the end', () => {
    expect(shorten('GET /sessions/{id}/participants', 20, '…')).toBe('GET /sessi…ticipants');
    expect(shorten('short', 20, '…')).toBe('short');
  });

  test('never leaves more than there is room for', () => {
    fc.assert(
      fc.property(line, width, (text, cells) => {
        expect(cellsOf(shorten(text, cells, '…'))).toBeLessThanOrEqual(cells);
      }),
    );
  });
});

describe('wrapping', () => {
  test('breaks at spaces, and inside a word only where it must', () => {
    expect(wrap('one two three', 8)).toEqual(['one two', 'three']);
    expect(wrap('a unbreakable', 5)).toEqual(['a', 'unbre', 'akabl', 'e']);
    expect(wrap('', 5)).toEqual(['']);
  });

  test('loses nothing, and no line is too wide', () => {
    fc.assert(
      fc.property(line, width, (text, cells) => {
        const lines = wrap(text, cells);
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
        for (const each of lines) expect(cellsOf(each)).toBeLessThanOrEqual(cells);
      }),
    );
  });
});
