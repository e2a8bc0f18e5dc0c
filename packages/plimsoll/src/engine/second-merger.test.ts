import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { snapshotOf } from '../stats/snapshot.fixture.ts';
import type { Snapshot } from '../stats/snapshot.ts';
import { SecondMerger } from './second-merger.ts';

function merging(workers: readonly number[]) {
  const emitted: string[] = [];
  const merger = new SecondMerger(workers, (second, snapshots) => {
    emitted.push(`${second}: ${snapshots.map((each) => each.worker).join(' ')}`);
  });
  const says = (worker: number, second: number, last = false): void => merger.add(snapshotOf({ worker, second, last }));
  return { merger, emitted, says };
}

describe('seconds of several workers', () => {
  test('come out when all have told them', () => {
    const { emitted, says } = merging([0, 1]);
    says(0, 0);
    expect(emitted).toEqual([]);
    says(1, 0);
    says(1, 1);
    says(1, 2);
    expect(emitted).toEqual(['0: 0 1']);
    says(0, 1);
    says(0, 2);
    expect(emitted).toEqual(['0: 0 1', '1: 1 0', '2: 1 0']);
  });

  test('a worker that skipped seconds does not hold them back', () => {
    const { emitted, says } = merging([0, 1]);
    for (const second of [0, 1, 2, 3]) says(0, second);
    says(1, 3);
    expect(emitted).toEqual(['0: 0', '1: 0', '2: 0', '3: 0 1']);
  });

  test('a worker that has finished is not waited for', () => {
    const { emitted, says } = merging([0, 1]);
    says(0, 0, true);
    says(1, 0);
    says(1, 1);
    expect(emitted).toEqual(['0: 0 1', '1: 1']);
  });

  test('nor is one that was lost, and what it said late is not lost with it', () => {
    const { merger, emitted, says } = merging([0, 1]);
    says(0, 0);
    says(0, 1);
    merger.drop(1);
    expect(emitted).toEqual(['0: 0', '1: 0']);
    says(1, 0);
    says(0, 2);
    expect(emitted).toEqual(['0: 0', '1: 0', '0: 1', '2: 0']);
  });

  test('any order of arrival: every snapshot once, seconds ascending', () => {
    const plan = fc.array(fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(plan, fc.infiniteStream(fc.nat()), (workers, picks) => {
        // true: the worker tells this second, false: it was busy and skips it.
        const queues = workers.map((tells, worker) =>
          tells.flatMap((tell, second) =>
            tell || second === tells.length - 1
              ? [snapshotOf({ worker, second, last: second === tells.length - 1 })]
              : [],
          ),
        );
        const all = queues.flat();
        const seconds: number[] = [];
        const seen: Snapshot[] = [];
        const merger = new SecondMerger([...workers.keys()], (second, snapshots) => {
          seconds.push(second);
          seen.push(...snapshots);
          expect(snapshots.every((each) => each.second === second)).toBe(true);
        });
        for (let left = all.length; left > 0; left--) {
          const waiting = queues.filter((queue) => queue.length > 0);
          merger.add(waiting[picks.next().value! % waiting.length]!.shift()!);
        }
        expect(new Set(seen)).toEqual(new Set(all));
        expect(seen).toHaveLength(all.length);
        expect(seconds).toEqual([...new Set(seconds)].toSorted((a, b) => a - b));
      }),
      { seed: 8, numRuns: 60 },
    );
  });
});
