import { describe, expect, test } from 'vitest';
import { UsageError } from '../kernel/errors.ts';
import { plannedDurationMs } from '../model/load-model.ts';
import { quickPlan, type QuickWishes } from './quick-plan.ts';

function plan(wishes: Partial<QuickWishes> = {}) {
  return quickPlan({
    url: 'http://localhost:3000/a?b=1',
    headers: {},
    insecure: false,
    allow: [],
    sourceAddresses: [],
    debug: false,
    root: '/project',
    cores: 2,
    ...wishes,
  });
}

function load(wishes: Partial<QuickWishes>) {
  return plan(wishes).tests[0]!.scenarios[0]!.load;
}

describe('the load', () => {
  test('is ten connections for ten seconds where nothing is said', () => {
    expect(load({})).toMatchObject({ kind: 'constant-vus', vus: 10, durationMs: 10_000 });
  });

  test('of a number of requests has no more connections than requests', () => {
    expect(load({ requests: 3, connections: 50 })).toMatchObject({ kind: 'shared-iterations', vus: 3, iterations: 3 });
  });

  test('of a number and a duration ends with whichever comes first', () => {
    const both = load({ requests: 5, durationMs: 5000 });
    expect(both).toMatchObject({ kind: 'shared-iterations', iterations: 5, maxDurationMs: 5000 });
  });

  test('of a rate is open; with a number it lasts as long as that takes, evenly', () => {
    expect(load({ rate: 50, durationMs: 2000 })).toMatchObject({
      kind: 'arrival-rate',
      startRate: 50,
      spacing: 'poisson',
    });
    const counted = load({ rate: 50, requests: 100, connections: 7 });
    expect(counted).toMatchObject({ spacing: 'constant', vus: 7, maxVus: 7 });
    expect(plannedDurationMs(counted)).toBe(2000);
    expect(() => load({ rate: 50, requests: 100, durationMs: 1 })).toThrow(UsageError);
  });
});

describe('the request', () => {
  test('is named after its path; the scheme may be left out', () => {
    expect(plan({ url: 'localhost:3000' }).quick?.url).toBe('http://localhost:3000');
    expect(plan().tests[0]?.name).toBe('GET /a');
  });

  test('with a body is a POST, as JSON where it is JSON', () => {
    expect(plan({ body: '{"a":1}' }).quick).toMatchObject({
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    });
    expect(plan({ body: 'a=1', method: 'put' }).quick).toEqual({
      url: 'http://localhost:3000/a?b=1',
      method: 'PUT',
      headers: {},
      body: 'a=1',
    });
    const typed = plan({ body: '{}', headers: { 'Content-Type': 'text/plain' } });
    expect(typed.quick?.headers).toEqual({ 'Content-Type': 'text/plain' });
  });

  test.each(['ftp://localhost', 'http://', 'http://a b'])('%s is refused', (url) => {
    expect(() => plan({ url })).toThrow(`'${url}' is not a URL`);
  });
});
