import { describe, expect, test } from 'vitest';
import {
  constantArrivalRate,
  constantVus,
  initialVus,
  perVuIterations,
  plannedDurationMs,
  rampingArrivalRate,
  rampingVus,
  sharedIterations,
} from '../model/load-model.ts';
import { overrideLoad, peakRate } from './overrides.ts';

const ramp = rampingVus({
  startVus: 2,
  stages: [
    { duration: '10s', target: 10 },
    { duration: '30s', target: 0 },
  ],
});
const arrivals = rampingArrivalRate({
  startRate: 10,
  stages: [
    { duration: '1m', target: 100 },
    { duration: '1m', target: 50 },
  ],
  vus: 20,
  maxVus: 40,
});

test('nothing asked, nothing changed', () => {
  expect(overrideLoad(ramp, {})).toEqual({ load: ramp, used: [] });
});

describe('VUs', () => {
  test('replace a number, and become the peak of a ramp that keeps its form', () => {
    expect(overrideLoad(constantVus({ vus: 5, duration: '1s' }), { vus: 50 }).load).toMatchObject({ vus: 50 });
    const { load } = overrideLoad(ramp, { vus: 50 });
    expect(load).toMatchObject({ startVus: 10, stages: [{ target: 50 }, { target: 0 }] });
    expect(initialVus(load)).toBe(50);
  });

  test('are never more than there are iterations to share', () => {
    expect(overrideLoad(sharedIterations({ vus: 5, iterations: 20 }), { vus: 50 }).load).toMatchObject({ vus: 20 });
  });

  test('are a firm number for arrivals', () => {
    expect(overrideLoad(arrivals, { vus: 30 }).load).toMatchObject({ vus: 30, maxVus: 30 });
  });
});

describe('a rate', () => {
  test('becomes the peak, with as many VUs for each arrival as before', () => {
    const { load, used } = overrideLoad(arrivals, { rate: 200 });
    expect(peakRate(load)).toBe(200);
    expect(load).toMatchObject({ startRate: 20, stages: [{ target: 200 }, { target: 100 }], vus: 40, maxVus: 80 });
    expect(used).toEqual(['rate']);
  });

  test('never takes VUs away: answers do not get quicker', () => {
    expect(overrideLoad(arrivals, { rate: 1 }).load).toMatchObject({ vus: 20, maxVus: 40 });
  });

  test('means nothing to a VU model', () => {
    expect(overrideLoad(ramp, { rate: 10 })).toEqual({ load: ramp, used: [] });
  });
});

describe('a duration', () => {
  test('stretches the stages', () => {
    const { load } = overrideLoad(ramp, { durationMs: 4000 });
    expect(load).toMatchObject({ stages: [{ durationMs: 1000 }, { durationMs: 3000 }] });
    expect(plannedDurationMs(load)).toBe(4000);
  });

  test('is the most that iterations may take', () => {
    const load = perVuIterations({ vus: 1, iterations: 2 });
    expect(overrideLoad(load, { durationMs: 500 }).load).toEqual({ ...load, maxDurationMs: 500 });
  });
});

describe('iterations', () => {
  test('turn any model into that many, for no more VUs than that', () => {
    const constant = constantArrivalRate({ rate: 100, duration: '1h', vus: 50 });
    expect(overrideLoad(constant, { iterations: 3 }).load).toEqual({
      kind: 'shared-iterations',
      vus: 3,
      iterations: 3,
      maxDurationMs: 3_600_000,
    });
  });

  test('are per VU where they were', () => {
    const load = perVuIterations({ vus: 4, iterations: 9 });
    expect(overrideLoad(load, { iterations: 2 }).load).toEqual({ ...load, iterations: 2 });
  });

  test('go together with VUs', () => {
    const { load, used } = overrideLoad(ramp, { iterations: 100, vus: 7 });
    expect(load).toMatchObject({ kind: 'shared-iterations', iterations: 100, vus: 7 });
    expect(used).toEqual(['iterations', 'vus']);
  });
});
