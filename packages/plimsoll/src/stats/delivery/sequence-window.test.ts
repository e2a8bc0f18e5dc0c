import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SequenceWindow, type Arrival } from './sequence-window.ts';

function arrivals(numbers: readonly number[]): Arrival[] {
  const window = new SequenceWindow();
  return numbers.map((number) => window.accept(number));
}

describe('a stream of numbered events', () => {
  test('in order: all new, gaps too, from whatever number it begins with', () => {
    expect(arrivals([7, 8, 9, 20, 21])).toEqual(Array(5).fill('new'));
  });

  test('two swapped: the earlier one, which came later, is reordered, and no other (RFC 4737, 3)', () => {
    expect(arrivals([0, 2, 1, 3])).toEqual(['new', 'new', 'reordered', 'new']);
  });

  test('one held back behind three: it alone is reordered', () => {
    expect(arrivals([0, 2, 3, 4, 1, 5])).toEqual(['new', 'new', 'new', 'new', 'reordered', 'new']);
  });

  test('twice: a duplicate, the reordered ones too', () => {
    expect(arrivals([0, 2, 1, 1, 2, 0])).toEqual(['new', 'new', 'reordered', 'duplicate', 'duplicate', 'duplicate']);
  });

  test('like a set of all that came, as long as nothing is further back than the window', () => {
    const steps = fc.array(fc.integer({ min: -20, max: 40 }), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (moves) => {
        const window = new SequenceWindow();
        const seen = new Set([1000]);
        window.accept(1000);
        let highest = 1000;
        for (const move of moves) {
          const number = highest + move;
          const expected = number > highest ? 'new' : seen.has(number) ? 'duplicate' : 'reordered';
          expect(window.accept(number)).toBe(expected);
          seen.add(number);
          highest = Math.max(highest, number);
        }
      }),
    );
  });

  test('further back than 64 nobody can say any more: it is reordered', () => {
    expect(arrivals([0, 100, 0])).toEqual(['new', 'new', 'reordered']);
  });
});
