import { describe, expect, test } from 'vitest';
import { TestFileError, UnitSyntaxError } from '../kernel/errors.ts';
import {
  constantArrivalRate,
  constantVus,
  initialVus,
  maximumVus,
  perVuIterations,
  plannedDurationMs,
  rampingArrivalRate,
  rampingVus,
  sharedIterations,
} from './load-model.ts';

describe('what a user writes becomes plain values with units', () => {
  test('iterations', () => {
    expect(sharedIterations({ vus: 10, iterations: 100 })).toEqual({
      kind: 'shared-iterations',
      vus: 10,
      iterations: 100,
      maxDurationMs: 600_000,
    });
    expect(perVuIterations({ vus: 2, iterations: 3, maxDuration: '1m30s' })).toEqual({
      kind: 'per-vu-iterations',
      vus: 2,
      iterations: 3,
      maxDurationMs: 90_000,
    });
  });

  test('VUs', () => {
    expect(constantVus({ vus: 5, duration: '2s' })).toEqual({ kind: 'constant-vus', vus: 5, durationMs: 2000 });
    expect(
      rampingVus({
        stages: [
          { duration: '1m', target: 20 },
          { duration: 0, target: 5 },
        ],
      }),
    ).toEqual({
      kind: 'ramping-vus',
      startVus: 0,
      stages: [
        { durationMs: 60_000, target: 20 },
        { durationMs: 0, target: 5 },
      ],
    });
  });

  test('a constant rate is one stage that stays where it starts', () => {
    expect(constantArrivalRate({ rate: '300/m', duration: '10s', vus: 3, maxVus: 7, spacing: 'constant' })).toEqual({
      kind: 'arrival-rate',
      startRate: 5,
      stages: [{ durationMs: 10_000, target: 5 }],
      vus: 3,
      maxVus: 7,
      spacing: 'constant',
    });
  });

  test('a ramping rate starts at 0 unless told', () => {
    const stages = [{ duration: '10s', target: '6000/m' }];
    expect(rampingArrivalRate({ stages })).toMatchObject({
      startRate: 0,
      stages: [{ durationMs: 10_000, target: 100 }],
    });
    expect(rampingArrivalRate({ startRate: '60/m', stages })).toMatchObject({ startRate: 1 });
  });

  test('it can be spread, and cloned for a worker', () => {
    const load = constantArrivalRate({ rate: 5, duration: '1s' });
    expect(structuredClone({ ...load, spacing: 'constant' })).toEqual({ ...load, spacing: 'constant' });
  });
});

describe('VUs of arrival rates', () => {
  const vus = (rate: number, options: { vus?: number; maxVus?: number } = {}) => {
    const load = constantArrivalRate({ rate, duration: '1s', ...options });
    return [load.vus, load.maxVus];
  };

  test('by default enough for 100 ms at the peak, and up to 10 s on demand', () => {
    expect(vus(200)).toEqual([20, 2000]);
    expect(vus(1)).toEqual([10, 10]);
    expect(vus(100_000)).toEqual([1000, 5000]);
    expect(rampingArrivalRate({ startRate: 500, stages: [{ duration: '1s', target: 10 }] }).vus).toBe(50);
  });

  test('what the user wrote counts', () => {
    expect(vus(200, { vus: 3 })).toEqual([3, 3]);
    expect(vus(200, { vus: 3, maxVus: 9 })).toEqual([3, 9]);
    expect(vus(200, { maxVus: 5 })).toEqual([5, 5]);
    expect(vus(200, { maxVus: 50 })).toEqual([20, 50]);
  });

  test('fewer at most than at first is refused', () => {
    expect(() => vus(200, { vus: 10, maxVus: 5 })).toThrow('constantArrivalRate: maxVus is 5, below vus, which is 10');
  });

  test('Poisson spacing is the default', () => {
    expect(constantArrivalRate({ rate: 1, duration: 1 }).spacing).toBe('poisson');
  });
});

describe('the impossible is refused by name', () => {
  test.each([
    ['sharedIterations: vus is 0', () => sharedIterations({ vus: 0, iterations: 1 })],
    ['sharedIterations: iterations is 1.5', () => sharedIterations({ vus: 1, iterations: 1.5 })],
    ['perVuIterations: iterations is -1', () => perVuIterations({ vus: 1, iterations: -1 })],
    ['perVuIterations: vus is NaN', () => perVuIterations({ vus: NaN, iterations: 1 })],
    ['constantVus: vus is Infinity', () => constantVus({ vus: Infinity, duration: 1 })],
    ['constantVus: duration is 0s', () => constantVus({ vus: 1, duration: '0s' })],
    ['rampingVus needs at least one stage', () => rampingVus({ stages: [] })],
    ['rampingVus: target is 2.5', () => rampingVus({ stages: [{ duration: 1, target: 2.5 }] })],
    ['rampingVus: startVus is -1', () => rampingVus({ startVus: -1, stages: [{ duration: 1, target: 1 }] })],
    ['constantArrivalRate: rate is 0', () => constantArrivalRate({ rate: 0, duration: 1 })],
    ['constantArrivalRate: duration is 0', () => constantArrivalRate({ rate: 1, duration: 0 })],
    ['constantArrivalRate: maxVus is 0', () => constantArrivalRate({ rate: 1, duration: 1, maxVus: 0 })],
    ['constantArrivalRate: vus is 0', () => constantArrivalRate({ rate: 1, duration: 1, vus: 0 })],
    ['rampingArrivalRate needs at least one stage', () => rampingArrivalRate({ stages: [] })],
  ])('%s', (message, make) => {
    expect(make).toThrow(TestFileError);
    expect(make).toThrow(message);
  });

  test('a duration or a rate that does not parse says so', () => {
    expect(() => constantVus({ vus: 1, duration: '5 minutes' })).toThrow(UnitSyntaxError);
    expect(() => constantArrivalRate({ rate: '5/d', duration: 1 })).toThrow(UnitSyntaxError);
  });
});

test('durations and VUs as planned', () => {
  const stages = [
    { duration: '1s', target: 5 },
    { duration: '2s', target: 1 },
  ];
  const loads = [
    sharedIterations({ vus: 2, iterations: 9, maxDuration: '3s' }),
    perVuIterations({ vus: 2, iterations: 9, maxDuration: '4s' }),
    constantVus({ vus: 3, duration: '5s' }),
    rampingVus({ startVus: 2, stages }),
    rampingVus({ startVus: 8, stages }),
    rampingArrivalRate({ stages, vus: 4, maxVus: 6 }),
  ];
  expect(loads.map(plannedDurationMs)).toEqual([3000, 4000, 5000, 3000, 3000, 3000]);
  expect(loads.map(initialVus)).toEqual([2, 2, 3, 5, 8, 4]);
  expect(loads.map(maximumVus)).toEqual([2, 2, 3, 5, 8, 6]);
});
