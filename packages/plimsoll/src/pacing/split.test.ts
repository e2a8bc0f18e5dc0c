import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Stripe } from './split.ts';
import { ownedCount, ownedIndex, ownedIndexes, ownerOf, owns, wholePlan } from './split.ts';

const fixed = { seed: 6, numRuns: 200 };
const size = fc.record({
  workers: fc.integer({ min: 1, max: 9 }),
  total: fc.nat(200),
  period: fc.option(fc.integer({ min: 1, max: 20 })),
});

function stripesOf({ workers, period }: { workers: number; period: number | null }): Stripe[] {
  return Array.from({ length: workers }, (_, worker) => ({ worker, workers, ...(period !== null && { period }) }));
}

test('10 VUs on 4 workers', () => {
  const vus = [0, 1, 2, 3].map((worker) => ownedIndexes({ worker, workers: 4 }, 10));
  expect(vus).toEqual([
    [0, 4, 8],
    [1, 5, 9],
    [2, 6],
    [3, 7],
  ]);
});

test('one worker has everything', () => {
  expect(ownedIndexes(wholePlan, 4)).toEqual([0, 1, 2, 3]);
});

test('with a period of 3 VUs on 2 workers, the worker with two VUs has two of three iterations', () => {
  expect(ownedIndexes({ worker: 0, workers: 2, period: 3 }, 9)).toEqual([0, 2, 3, 5, 6, 8]);
  expect(ownedIndexes({ worker: 1, workers: 2, period: 3 }, 9)).toEqual([1, 4, 7]);
});

test('a worker without a VU has no iterations', () => {
  const idle: Stripe = { worker: 3, workers: 4, period: 2 };
  expect([ownedCount(idle, 1000), ownedIndex(idle, 0), ownerOf(idle, 7)]).toEqual([0, Infinity, 1]);
});

describe('for any split', () => {
  test('each index has exactly one owner, and all ways of asking agree', () => {
    fc.assert(
      fc.property(size, ({ workers, total, period }) => {
        const stripes = stripesOf({ workers, period });
        const all = Array.from({ length: total }, (_, k) => k);
        for (const stripe of stripes) {
          const mine = all.filter((k) => owns(stripe, k));
          expect(ownedIndexes(stripe, total)).toEqual(mine);
          expect(ownedCount(stripe, total)).toBe(mine.length);
        }
        expect(stripes.flatMap((stripe) => ownedIndexes(stripe, total)).toSorted((a, b) => a - b)).toEqual(all);
      }),
      fixed,
    );
  });

  test('each VU gets the same number of iterations, give or take one', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 20 }),
        fc.nat(500),
        (workers, vus, iterations) => {
          for (let worker = 0; worker < workers; worker++) {
            const own = ownedCount({ worker, workers }, vus);
            const share = (iterations / vus) * own;
            expect(Math.abs(ownedCount({ worker, workers, period: vus }, iterations) - share)).toBeLessThanOrEqual(own);
          }
        },
      ),
      fixed,
    );
  });
});
