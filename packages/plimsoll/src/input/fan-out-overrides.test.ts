import { describe, expect, test } from 'vitest';
import { fanOutEndMs, publishingStartMs, type FanOutPlan } from '../model/fan-out-plan.ts';
import { constantArrivalRate, plannedDurationMs } from '../model/load-model.ts';
import { overrideFanOut } from './fan-out-overrides.ts';
import { peakRate } from './overrides.ts';

const plan: FanOutPlan = {
  subscribers: 100,
  sentinels: 8,
  sentinelsGiven: true,
  publishers: 4,
  rooms: 10,
  load: constantArrivalRate({ rate: 50, duration: '20s', vus: 4, maxVus: 4 }),
  durationMs: 20_000,
  connectOverMs: 1000,
  settleMs: 3000,
  guardMs: 500,
  drainMs: 5000,
  publishersConnect: true,
  reconnect: undefined,
  storm: undefined,
};

const loads = (test: ReturnType<typeof overrideFanOut>['test']) =>
  Object.fromEntries(test.scenarios.map(({ name, load, startAfterMs }) => [name, { ...load, startAfterMs }]));

test('nothing asked, nothing changed', () => {
  const { test: same, used } = overrideFanOut(plan, {});
  expect(same.fanOut).toEqual(plan);
  expect(used).toEqual([]);
  const vus = Object.entries(loads(same)).map(([name, load]) => [name, 'vus' in load && load.vus]);
  expect(Object.fromEntries(vus)).toEqual({
    sentinels: 8,
    subscribers: 92,
    'publisher sockets': 4,
    publishers: 4,
  });
});

describe('VUs', () => {
  test('are the subscribers, who connect at the same pace; the publishers stay as many', () => {
    const { test: more, used } = overrideFanOut(plan, { vus: 500 });
    expect(used).toEqual(['vus']);
    expect(more.fanOut).toMatchObject({ subscribers: 500, connectOverMs: 5000, publishers: 4 });
    const { sentinels, subscribers, publishers } = loads(more);
    expect(sentinels).toMatchObject({ vus: more.fanOut.sentinels });
    expect(subscribers).toMatchObject({ vus: 500 - more.fanOut.sentinels, maxDurationMs: fanOutEndMs(more.fanOut) });
    expect(publishers).toMatchObject({ vus: 4, maxVus: 4, startAfterMs: publishingStartMs(more.fanOut) });
  });

  test('fewer than there were sentinels are all sentinels', () => {
    const { test: few } = overrideFanOut(plan, { vus: 3 });
    expect(few.fanOut).toMatchObject({ subscribers: 3, sentinels: 3, connectOverMs: 30 });
    expect(Object.keys(loads(few))).toEqual(['sentinels', 'publisher sockets', 'publishers']);
  });
});

test('a duration is that of the publishing, and the subscribers stay a drain longer', () => {
  const { test: short, used } = overrideFanOut(plan, { durationMs: 2000 });
  expect(used).toEqual(['durationMs']);
  expect(short.fanOut.durationMs).toBe(2000);
  expect(plannedDurationMs(short.fanOut.load!)).toBe(2000);
  expect(loads(short)['subscribers']).toMatchObject({ maxDurationMs: 1000 + 3000 + 2000 + 5000 });
});

test('a rate is that of the messages, by as many publishers: each may have opened a socket', () => {
  const { test: quick, used } = overrideFanOut(plan, { rate: 5000 });
  expect(used).toEqual(['rate']);
  expect(peakRate(quick.fanOut.load!)).toBe(5000);
  expect(loads(quick)['publishers']).toMatchObject({ vus: 4, maxVus: 4 });
  expect(quick.fanOut).toMatchObject({ subscribers: 100, durationMs: 20_000 });
});

test('iterations mean nothing to it, and a rate nothing where nobody publishes', () => {
  expect(overrideFanOut(plan, { iterations: 7 })).toMatchObject({ used: [], test: { fanOut: plan } });
  const silent = { ...plan, load: undefined };
  const { test: same, used } = overrideFanOut(silent, { rate: 7, durationMs: 2000 });
  expect(used).toEqual(['durationMs']);
  expect(same.fanOut).toEqual({ ...silent, durationMs: 2000 });
  expect(Object.keys(loads(same))).toEqual(['sentinels', 'subscribers']);
});
