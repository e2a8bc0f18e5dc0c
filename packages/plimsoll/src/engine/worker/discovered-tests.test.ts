import { expect, test } from 'vitest';
import { constantVus } from '../../model/load-model.ts';
import type { HttpPlan } from '../../model/plan.ts';
import type { RegisteredTest } from '../../model/registered-test.ts';
import type { DiscoveredTest } from '../channel.ts';
import { discoveredTests } from './discovered-tests.ts';

function discovered(thresholds: unknown, options: object = {}, beneath: Partial<HttpPlan> = {}): DiscoveredTest {
  const load = constantVus({ vus: 1, duration: 1 });
  const scenarios = { default: { load, run: () => Promise.resolve() } };
  const place = { file: 'a.load.ts', line: 7, group: '', name: 'shop' };
  const registered = { ...place, options: { thresholds, ...options }, scenarios } as unknown as RegisteredTest;
  return discoveredTests([registered], beneath, ['depth'])[0]!;
}

test('thresholds, with and without options, and the names of all own metrics', () => {
  const found = discovered(['success >= 99%', ['exceptions == 0'], ['latency.max < 1s', { window: '2s' }]]);
  expect(found.ownMetrics).toEqual(['depth']);
  expect(found.thresholds).toEqual([
    { expression: 'success >= 99%' },
    { expression: 'exceptions == 0' },
    { expression: 'latency.max < 1s', windowMs: 2000 },
  ]);
});

const written = "write 'latency.p95 < 2s', or ['latency.p95 < 2s', { window: '10s' }]";
test.each([
  ['success >= 99%', "thresholds are 'success >= 99%', expected a list", "write ['success >= 99%']"],
  [[{ metric: 'x' }], 'a threshold is an object, expected a text, or a list of a text and options', written],
  [[[]], 'a threshold is a list, expected a text, or a list of a text and options', written],
  [[undefined], 'a threshold is undefined, expected a text, or a list of a text and options', written],
  [[['latency.max < 1s', { windw: 1 }]], "a threshold has no option 'windw'", "did you mean 'window'?"],
])('thresholds %j', (thresholds, message, hint) => {
  const refusal = expect.objectContaining({ message: `a.load.ts:7 'shop': ${message}`, hint }) as Error;
  expect(() => discovered(thresholds)).toThrow(refusal);
});

test.each([
  [{ timeot: '1s' }, "http has no option 'timeot'", "did you mean 'timeout'?"],
  [{ maxRedirects: 1 }, "http has no option 'maxRedirects'", "did you mean 'redirects'?"],
  ['1s', "the options of http are '1s', expected { … }", undefined],
  [{ trace: 'on' }, "http.trace is 'on', expected true, false or { … }", undefined],
  [{ trace: null }, 'http.trace is null, expected true, false or { … }', undefined],
  [{ trace: { sampeld: 1 } }, "http.trace has no option 'sampeld'", "did you mean 'sampled'?"],
  [{ trace: { sampled: 1.1 } }, 'http.trace.sampled is 1.1, expected a share from 0 to 1', undefined],
  [{ trace: { sampled: NaN } }, 'http.trace.sampled is NaN, expected a share from 0 to 1', undefined],
  [{ trace: { sampled: '10%' } }, "http.trace.sampled is '10%', expected a share from 0 to 1", undefined],
])('http: %j', (http, message, hint) => {
  const refusal = expect.objectContaining({ message: `a.load.ts:7 'shop': ${message}`, hint }) as Error;
  expect(() => discovered([], { http })).toThrow(refusal);
});

test.each<[unknown, HttpPlan['trace'], HttpPlan['trace'] | undefined]>([
  [undefined, false, undefined],
  [undefined, { sampled: 0.2 }, { sampled: 0.2 }],
  [true, { sampled: 1 }, { sampled: 0.2 }],
  [{}, { sampled: 1 }, undefined],
  [{ sampled: 0 }, { sampled: 0 }, undefined],
  [false, false, { sampled: 0.2 }],
])('trace: %j is %j where the project says %j', (trace, planned, ofProject) => {
  const beneath = ofProject === undefined ? {} : { trace: ofProject };
  const http = trace === undefined ? {} : { trace };
  expect(discovered([], { http }, beneath).http.trace).toEqual(planned);
});
