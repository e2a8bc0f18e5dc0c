import { describe, expect, test } from 'vitest';
import { constantVus, rampingVus, sharedIterations, type LoadModel } from '../model/load-model.ts';
import type { TestPlan } from '../model/plan.ts';
import { emptyDelta, Histogram } from '../stats/histogram.ts';
import type { ScenarioDelta, SeriesDelta, Snapshot } from '../stats/snapshot.ts';
import { DeliveryTally } from '../stats/delivery/delivery-tally.ts';
import { TestTotals } from '../stats/totals.ts';
import { progressOf } from './progress.ts';

function plan(...loads: LoadModel[]): TestPlan {
  const scenarios = loads.map((load, i) => ({ name: `s${i}`, load, startAfterMs: 0 }));
  return { group: 'G', name: 'one', scenarios, warmUpMs: 0 } as unknown as TestPlan;
}

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

const scenario: ScenarioDelta = {
  name: 's0',
  due: 0,
  started: 0,
  completed: 0,
  failed: 0,
  interrupted: 0,
  notIssued: 0,
  activeVus: 0,
  vus: 0,
  iteration: emptyDelta,
};

const series: SeriesDelta = {
  name: 'GET /',
  kind: 'request',
  scenario: 's0',
  issued: 0,
  expected: 0,
  limited: 0,
  failed: 0,
  unfinished: 0,
  checkFailed: 0,
  resent: 0,
  bytesIn: 0,
  bytesOut: 0,
  status: {},
  errors: {},
  latency: emptyDelta,
  failedLatency: emptyDelta,
  service: emptyDelta,
  ttfb: emptyDelta,
};

function snapshot(part: Partial<Snapshot> = {}, busyShare = 0): Snapshot {
  return {
    test: 0,
    worker: 0,
    second: 0,
    spanMs: 1000,
    last: false,
    series: [],
    scenarios: [],
    checks: [],
    metrics: [],
    exceptions: [],
    slowest: [],
    sample: [],
    lag: emptyDelta,
    wait: emptyDelta,
    connect: emptyDelta,
    dns: emptyDelta,
    tls: emptyDelta,
    generator: {
      busyShare,
      cpuUs: 0,
      gcMaxPauseUs: 0,
      heapBytes: 0,
      rssBytes: 0,
      openConnections: 0,
      connectionsOpened: 0,
      inFlightAreaUs: 0,
      latencySumUs: 0,
      inFlight: 0,
    },
    ...part,
  };
}

function after(test: TestPlan, second: number, ...snapshots: Snapshot[]) {
  const totals = new TestTotals();
  totals.add(second, snapshots, false);
  return progressOf(test, totals, second);
}

describe('how far', () => {
  test('by time, where the plan is a length of time', () => {
    expect(after(plan(constantVus({ vus: 5, duration: '20s' })), 4, snapshot()).fraction).toBe(0.25);
  });

  test('by iterations, where the plan counts them, and not by the most they may take', () => {
    const shared = plan(sharedIterations({ vus: 10, iterations: 100 }));
    const ended = { ...scenario, completed: 30, failed: 8, interrupted: 2 };
    expect(after(shared, 0, snapshot({ scenarios: [ended] })).fraction).toBe(0.4);
  });

  test('of several scenarios the one that has longest to go', () => {
    const both = plan(sharedIterations({ vus: 1, iterations: 10 }), constantVus({ vus: 1, duration: '4s' }));
    expect(after(both, 1, snapshot({ scenarios: [{ ...scenario, completed: 1 }] })).fraction).toBe(0.1);
  });

  test('never more than all, and past the end it says so', () => {
    expect(after(plan(constantVus({ vus: 5, duration: '2s' })), 5, snapshot())).toMatchObject({
      fraction: 1,
      phase: 'finishing',
    });
  });
});

test('figures of all workers, of this second', () => {
  const ramp = plan(rampingVus({ startVus: 0, stages: [{ duration: '10s', target: 50 }] }));
  const latency = histogramOf(Array.from({ length: 100 }, (_, i) => (i + 1) * 1000)).toDelta();
  const worker = {
    series: [{ ...series, expected: 100, failed: 3, limited: 2, latency }],
    scenarios: [{ ...scenario, activeVus: 7 }],
  };
  const now = after(ramp, 2, snapshot(worker), snapshot({ ...worker, worker: 1 }));
  expect(now).toMatchObject({ activeVus: 14, vus: 50, rate: 210, failed: 6, limited: 4, generator: 'ok' });
  expect(now.p95).toBeCloseTo(95, 0);
});

describe('the generator', () => {
  const test1 = plan(constantVus({ vus: 5, duration: '20s' }));

  test('is busy above 80 % of a second', () => {
    expect(after(test1, 0, snapshot({}, 0.79)).generator).toBe('ok');
    expect(after(test1, 0, snapshot({}, 0.81)).generator).toBe('busy');
  });

  test('is late where lag p99 is above 5 ms', () => {
    const lag = (us: number) => histogramOf(Array.from({ length: 2000 }, () => us)).toDelta();
    expect(after(test1, 0, snapshot({ lag: lag(4900) })).generator).toBe('ok');
    expect(after(test1, 0, snapshot({ lag: lag(5100) })).generator).toBe('late');
  });
});

test('of a fan-out: deliveries of this second, and who is in a room', () => {
  const fanOut = { subscribers: 4, connectOverMs: 0, settleMs: 0, durationMs: 10_000, drainMs: 0 };
  const test = { ...plan(constantVus({ vus: 4, duration: '10s' })), fanOut } as unknown as TestPlan;
  const totals = new TestTotals();
  const deltaWith = (present: number) =>
    new DeliveryTally().take({
      ...{ away: emptyDelta, recovery: undefined },
      ...{ present, unjoined: 0, sharedId: undefined },
    });
  totals.addDelivery({ ...deltaWith(3), heard: 900 });
  totals.add(0, [snapshot({ spanMs: 500 })], false, undefined, {
    ...deltaWith(2),
    heard: 30,
  });
  expect(progressOf(test, totals, 0)).toMatchObject({ rate: 60, subscribers: { joined: 2, all: 4 } });
  expect(progressOf(test, new TestTotals(), 0)).toMatchObject({ rate: 0, subscribers: { joined: 0, all: 4 } });
});
