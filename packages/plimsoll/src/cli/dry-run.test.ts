import { expect, test } from 'vitest';
import {
  constantArrivalRate,
  constantVus,
  perVuIterations,
  rampingArrivalRate,
  rampingVus,
  sharedIterations,
  type LoadModel,
} from '../model/load-model.ts';
import { defaultHttp } from '../model/default-http.ts';
import type { FanOutPlan } from '../model/fan-out-plan.ts';
import type { RunPlan, ScenarioPlan } from '../model/plan.ts';
import { describePlan, planWithoutSecrets } from './dry-run.ts';

function plan(scenarios: readonly ScenarioPlan[]): RunPlan {
  const test = {
    id: 0,
    file: 'a.load.ts',
    line: 7,
    group: 'G',
    name: 'first',
    scenarios,
    thresholds: [{ expression: 'latency.p95 < 2s' }],
    warmUpMs: 5000,
    gracefulStopMs: 0,
    connections: 'before',
    http: defaultHttp,
    tags: {},
    hasSetup: false,
    hasTeardown: false,
  } as const;
  const guard = { allow: [] };
  return { target: '', guard, seed: 1, workers: 2, spin: false, debug: false, root: '', bundlePath: '', tests: [test] };
}

function line(load: LoadModel): string | undefined {
  return describePlan(plan([{ name: 'default', load, startAfterMs: 0 }])).split('\n')[6];
}

test('the plan is told in words, test by test', () => {
  const scenario = { load: constantVus({ vus: 1, duration: '10s' }), startAfterMs: 0 };
  const text = describePlan(
    plan([
      { name: 'readers', ...scenario },
      { name: 'writers', ...scenario, startAfterMs: 3000 },
    ]),
  );
  expect(text).toBe(`target   none: every URL is absolute
workers  2, seed 1
tests    1, one after another; nothing is sent

G › first
  a.load.ts:7
  readers: 1 VU for 10s
  writers: 1 VU for 10s, after 3s
  warm-up of 5s
  latency.p95 < 2s
  success >= 99%, by default
  exceptions == 0, by default
`);
});

test('a fan-out is told by who takes part', () => {
  const fanOut: FanOutPlan = {
    subscribers: 1200,
    sentinels: 8,
    publishers: 3,
    rooms: 4,
    load: constantArrivalRate({ rate: 50, duration: '20s', vus: 3 }),
    durationMs: 20_000,
    connectOverMs: 1200,
    settleMs: 1000,
    guardMs: 500,
    drainMs: 5000,
    publishersConnect: true,
    reconnect: { delayMs: 1000, maxDelayMs: 5000, factor: 2, jitter: 0.5 },
    storm: { atMs: 5000, share: 0.3, how: 'reset' },
  };
  const told = (part: Partial<FanOutPlan>): string[] => {
    const base = plan([]);
    const tests = [{ ...base.tests[0]!, warmUpMs: 0, thresholds: [], fanOut: { ...fanOut, ...part } }];
    return describePlan({ ...base, tests })
      .split('\n')
      .slice(6, -1);
  };
  expect(told({})).toEqual([
    '  1,200 subscribers in 4 rooms, 8 of them sentinels, connecting over 1.2s',
    '  3 publishers, 50 messages/s (poisson) for 20s, after 2.2s',
    '  guard 500ms, drain 5s',
    '  storm after 5s of publishing: 30% cut by reset',
    '  who is cut off comes back, first after 1s',
    '  success >= 99%, by default',
    '  exceptions == 0, by default',
    '  delivery.leaked == 0, by default',
    '  delivery.unjoined == 0, by default',
    '  delivery.reach >= 99%, by default',
  ]);
  expect(told({ storm: undefined, reconnect: undefined }).slice(-3)).toEqual([
    '  delivery.reach >= 99%, by default',
    '  delivery.missed == 0, by default',
    '  delivery.duplicated == 0, by default',
  ]);
  const quiet = told({ load: undefined, storm: undefined, reconnect: undefined, sentinels: 0 });
  expect(quiet.slice(0, 4)).toEqual([
    '  1,200 subscribers in 4 rooms, connecting over 1.2s',
    '  nobody publishes; they listen for 20s',
    '  guard 500ms, drain 5s',
    '  success >= 99%, by default',
  ]);
});

test('neither form of the plan holds a secret', () => {
  const http = {
    ...defaultHttp,
    headers: { 'X-Api-Key': 'secret', cookie: 'a=secret', accept: 'text/html' },
    bearer: 'secret',
    basic: { user: 'me', password: 'secret' },
    proxy: 'http://me:secret@proxy.test:3128',
    tls: { cert: 'a certificate', key: 'secret', passphrase: 'secret' },
  };
  const base = plan([]);
  const target = 'http://me:secret@shop.test';
  const whole = { ...base, target, httpDefaults: http, tests: [{ ...base.tests[0]!, http }] };
  expect(describePlan(whole)).not.toContain('secret');
  const shown = planWithoutSecrets(whole);
  expect(JSON.stringify(shown)).not.toContain('secret');
  expect(shown.target).toBe('http://***@shop.test');
  expect(shown.tests[0]!.http).toEqual(shown.httpDefaults);
  expect(shown.httpDefaults).toEqual({
    ...http,
    headers: { 'X-Api-Key': '***', cookie: '***', accept: 'text/html' },
    bearer: '***',
    basic: { user: 'me', password: '***' },
    proxy: 'http://***@proxy.test:3128',
    tls: { cert: 'a certificate', key: '***', passphrase: '***' },
  });
  expect(planWithoutSecrets(base)).toEqual(base);
});

test.each<[string, LoadModel]>([
  ['100 iterations shared by 10 VUs, at most 10m', sharedIterations({ vus: 10, iterations: 100 })],
  ['1 iteration for each of 3 VUs, at most 1m', perVuIterations({ vus: 3, iterations: 1, maxDuration: '1m' })],
  [
    '0 → 50 → 0 VUs in 1m30s',
    rampingVus({
      stages: [
        { duration: '30s', target: 50 },
        { duration: '1m', target: 0 },
      ],
    }),
  ],
  ['50 arrivals/s (poisson) for 10s, 5 VUs', constantArrivalRate({ rate: 50, duration: '10s', vus: 5 })],
  [
    '0 → 5 → 100 arrivals/s (constant) for 20s, 5 to 9 VUs',
    rampingArrivalRate({
      stages: [
        { duration: '10s', target: '300/m' },
        { duration: '10s', target: 100 },
      ],
      vus: 5,
      maxVus: 9,
      spacing: 'constant',
    }),
  ],
])('%s', (text, load) => expect(line(load)).toBe(`  ${text}`));
