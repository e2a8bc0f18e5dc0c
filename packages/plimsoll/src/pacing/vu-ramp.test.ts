import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { constantVus, rampingVus } from '../model/load-model.ts';
import type { VuLoad } from './vu-ramp.ts';
import { nextVuChangeMs, vuIntervals, vusAt } from './vu-ramp.ts';

const fixed = { seed: 7, numRuns: 200 };
const anyRamp: fc.Arbitrary<VuLoad> = fc
  .record({
    startVus: fc.nat(12),
    stages: fc.array(fc.record({ duration: fc.oneof(fc.constant(0), fc.nat(1000)), target: fc.nat(12) }), {
      minLength: 1,
      maxLength: 6,
    }),
  })
  .map(rampingVus);

/** Every change: [time, VUs after it]. */
function changes(load: VuLoad): [number, number][] {
  const list: [number, number][] = [];
  for (let t = nextVuChangeMs(load, -1); t !== Infinity; t = nextVuChangeMs(load, t)) list.push([t, vusAt(load, t)]);
  return list;
}

describe('known ramps', () => {
  const k6Example = rampingVus({
    startVus: 4,
    stages: [
      { duration: '2s', target: 6 },
      { duration: '5s', target: 1 },
      { duration: '4s', target: 5 },
      { duration: 0, target: 5 },
      { duration: '2s', target: 3 },
      { duration: '3s', target: 3 },
      { duration: 0, target: 0 },
      { duration: '1s', target: 0 },
    ],
  });

  test('changes one VU at a time and reaches the target when the stage ends, as k6 does', () => {
    expect(changes(k6Example)).toEqual([
      [0, 4],
      [1000, 5],
      [2000, 6],
      [3000, 5],
      [4000, 4],
      [5000, 3],
      [6000, 2],
      [7000, 1],
      [8000, 2],
      [9000, 3],
      [10_000, 4],
      [11_000, 5],
      [12_000, 4],
      [13_000, 3],
      [16_000, 0],
    ]);
  });

  test('each VU knows its intervals', () => {
    expect([0, 1, 4, 5, 6].map((v) => vuIntervals(k6Example, v))).toEqual([
      [{ startMs: 0, endMs: 16_000 }],
      [
        { startMs: 0, endMs: 7000 },
        { startMs: 8000, endMs: 16_000 },
      ],
      [
        { startMs: 1000, endMs: 4000 },
        { startMs: 11_000, endMs: 12_000 },
      ],
      [{ startMs: 2000, endMs: 3000 }],
      [],
    ]);
  });

  test('constant VUs are all there from the start to the end', () => {
    const load = constantVus({ vus: 3, duration: '2s' });
    expect([-1, 0, 1999, 2000].map((t) => vusAt(load, t))).toEqual([0, 3, 3, 0]);
    expect(changes(load)).toEqual([
      [0, 3],
      [2000, 0],
    ]);
    expect(vuIntervals(load, 2)).toEqual([{ startMs: 0, endMs: 2000 }]);
    expect(vuIntervals(load, 3)).toEqual([]);
  });

  test('a jump down and up again at one instant interrupts nobody', () => {
    const load = rampingVus({
      startVus: 2,
      stages: [
        { duration: 100, target: 2 },
        { duration: 0, target: 0 },
        { duration: 0, target: 2 },
        { duration: 100, target: 2 },
      ],
    });
    expect(changes(load)).toEqual([
      [0, 2],
      [200, 0],
    ]);
    expect(vuIntervals(load, 1)).toEqual([{ startMs: 0, endMs: 200 }]);
  });

  test('a plan without time never has a VU', () => {
    const load = rampingVus({ startVus: 5, stages: [{ duration: 0, target: 9 }] });
    expect([vusAt(load, 0), nextVuChangeMs(load, -1), vuIntervals(load, 0)]).toEqual([0, Infinity, []]);
  });
});

describe('for any ramp', () => {
  test('VU v has an interval exactly where more than v are planned', () => {
    fc.assert(
      fc.property(anyRamp, fc.array(fc.double({ min: -10, max: 6010, noNaN: true })), (load, anyTimes) => {
        const intervals = Array.from({ length: 13 }, (_, v) => vuIntervals(load, v));
        // The bounds themselves are where a rounding error would show.
        for (const t of [...anyTimes, ...intervals.flat().flatMap(({ startMs, endMs }) => [startMs, endMs])]) {
          const active = intervals.map((own) => own.some(({ startMs, endMs }) => startMs <= t && t < endMs));
          expect(active).toEqual(active.map((_, v) => v < vusAt(load, t)));
        }
      }),
      fixed,
    );
  });

  test('intervals ascend and lie apart', () => {
    fc.assert(
      fc.property(anyRamp, fc.nat(12), (load, v) => {
        const bounds = vuIntervals(load, v).flatMap(({ startMs, endMs }) => [startMs, endMs]);
        expect(new Set(bounds).size).toBe(bounds.length);
        expect(bounds).toEqual(bounds.toSorted((a, b) => a - b));
      }),
      fixed,
    );
  });

  test('the changes are the bounds of the intervals, no more and no fewer', () => {
    fc.assert(
      fc.property(anyRamp, (load) => {
        const bounds = Array.from({ length: 13 }, (_, v) => vuIntervals(load, v)).flat();
        const times = [...new Set(bounds.flatMap(({ startMs, endMs }) => [startMs, endMs]))].toSorted((a, b) => a - b);
        expect(changes(load).map(([t]) => t)).toEqual(times);
      }),
      fixed,
    );
  });
});
