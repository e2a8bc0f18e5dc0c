import { describe, expect, test } from 'vitest';
import type { FanOutPlan } from '../model/fan-out-plan.ts';
import type { ThresholdResult } from '../model/result.ts';
import { DeliveryTotals } from '../stats/delivery/delivery-totals.ts';
import { PlayedFanOut } from '../stats/delivery/ledger.fixture.ts';
import { TestTotals } from '../stats/totals.ts';
import { deliveryResult } from './delivery.ts';
import { planOf, tenSecondsOpen } from './judged-test.fixture.ts';
import { ThresholdJudge } from './thresholds.ts';

function resultsOf(delivery: DeliveryTotals, plan: ReturnType<typeof planOf>): readonly ThresholdResult[] {
  const totals = new TestTotals();
  totals.delivery = delivery;
  return new ThresholdJudge(plan, totals).results(10);
}

describe('a skew that is in part of this machine', () => {
  /** 50 messages with a skew of 40 ms each, of which the machine may have made so much. */
  function skewed(ownMs: number, sentinelMs?: number): DeliveryTotals {
    const totals = new DeliveryTotals();
    for (let n = 0; n < 50; n++) {
      totals.times.skew.record(40_000);
      if (sentinelMs !== undefined) totals.times.sentinelSkew.record(1000 * sentinelMs);
      totals.skewSumUs += 40_000;
      totals.predictedDrainUs += 1000 * ownMs;
    }
    return totals;
  }
  const judged = (delivery: DeliveryTotals, threshold: string): ThresholdResult =>
    resultsOf(delivery, planOf({ thresholds: [threshold] }))[0]!;

  test.each([
    ['a small part: the crowd is judged', skewed(4), 'skew.max < 30ms', { ok: false, value: 40 }],
    ['a large part, and it holds all the same', skewed(20), 'skew.max < 50ms', { ok: true, value: 40 }],
    ['more than the whole, and it holds', skewed(90), 'skew.max <= 40ms', { ok: true, value: 40 }],
    ['a large part of what breaks: no verdict', skewed(20), 'skew.max < 30ms', { ok: false, value: null }],
    ['a large part proves no lower bound', skewed(20), 'skew.max > 30ms', { ok: false, value: null }],
    ['a large part: the sentinels are judged', skewed(20, 2), 'skew.max < 3ms', { ok: true, value: 2 }],
    ['and broken by them', skewed(20, 2), 'skew.max < 1ms', { ok: false, value: 2 }],
  ])('%s', (_, delivery, threshold, expected) => {
    const result = judged(delivery, threshold);
    expect(result).toMatchObject({ ok: expected.ok, value: expected.value });
    if (expected.value === null) expect(result.message).toMatch(/^no verdict: the time that this machine needs/);
    else expect(result.message).toBeUndefined();
  });

  test('the result says whose skew is judged', () => {
    const skewOf = (totals: DeliveryTotals): string => deliveryResult(totals).observer.skewOf;
    expect([skewOf(skewed(4)), skewOf(skewed(20, 2)), skewOf(skewed(20))]).toEqual(['all', 'sentinels', 'nobody']);
  });

  test('no skew at all is no sample', () => {
    expect(judged(new DeliveryTotals(), 'skew.max < 1s')).toMatchObject({ ok: false, message: 'no sample' });
  });
});

describe('coming back after a storm', () => {
  /** Each of ten goes at 1 s; those of them that come back do so 100, 200, … ms later. */
  function storm(back: number): DeliveryTotals {
    const played = new PlayedFanOut(2);
    for (let subscriber = 0; subscriber < 10; subscriber++) {
      played.joined(subscriber, 0).change(subscriber, 0, 'cut', 1000);
      if (subscriber < back) played.returned(subscriber, 'back', 1100 + 100 * subscriber);
    }
    return played.play(5000);
  }
  const judged = (delivery: DeliveryTotals, threshold: string): ThresholdResult =>
    resultsOf(delivery, planOf({ thresholds: [threshold] }))[0]!;

  test.each([
    ['all are back', storm(10), 'recovery.max <= 1s', { ok: true, value: 1000 }, undefined],
    ['as a share', storm(10), 'recovery.back >= 100%', { ok: true, value: 1 }, undefined],
    ['some are not', storm(7), 'recovery.back >= 80%', { ok: false, value: 0.7 }, undefined],
    [
      'half of all, not of those back',
      storm(7),
      'recovery.p50 < 1s',
      { ok: true, value: 500 },
      '3 of 10 have not come back',
    ],
    [
      'more are away than it allows',
      storm(7),
      'recovery.p90 < 9s',
      { ok: false, value: null },
      '3 of 10 have not come back',
    ],
    [
      'the last one is unknown',
      storm(9),
      'recovery.max < 9s',
      { ok: false, value: null },
      '1 of 10 have not come back',
    ],
    ['so is the mean', storm(9), 'recovery.mean < 9s', { ok: false, value: null }, '1 of 10 have not come back'],
    ['nobody went', new DeliveryTotals(), 'recovery.p50 < 9s', { ok: false, value: null }, 'no sample'],
  ])('%s', (_, delivery, threshold, { ok, value }, message) => {
    const result = judged(delivery, threshold);
    expect(result.ok).toBe(ok);
    if (value === null) expect(result.value).toBeNull();
    else expect(Math.abs(result.value! / value - 1)).toBeLessThan(0.001);
    expect(result.message).toBe(message);
  });
});

test.each(['>= 100%', '== 100%', '!= 0%'])(
  'a test is not aborted while those who are away may still come back: %s',
  (bound) => {
    const totals = new TestTotals();
    totals.delivery = new PlayedFanOut().joined(0, 0).change(0, 0, 'cut', 1000).play(2000);
    const thresholds = [{ expression: `recovery.back ${bound}`, abort: true }];
    const judge = new ThresholdJudge(planOf({ thresholds }), totals);
    expect(judge.observe(5000)).toBeUndefined();
    expect(judge.results(10)[0]).toMatchObject({ ok: false, value: 0 });
  },
);

test('who is back and goes again within a second is away', () => {
  const played = new PlayedFanOut().joined(0, 0).change(0, 0, 'cut', 500).returned(0, 'back', 1200);
  const { recovery } = played.change(0, 0, 'lost', 1500).play(4000).detail;
  expect(recovery).toMatchObject({ gone: 2, back: 1, allMs: null });
});

describe('by default', () => {
  const fanOut = (part: Partial<FanOutPlan>): ReturnType<typeof planOf> =>
    planOf({ fanOut: { load: undefined, reconnect: undefined, ...part } as FanOutPlan });
  const applied = (plan: ReturnType<typeof planOf>): string[] =>
    resultsOf(new DeliveryTotals(), plan).map(({ expression }) => expression);
  const ofAll = ['success >= 99%', 'exceptions == 0'];

  test('nobody may hear what is said in another room, whoever said it', () => {
    expect(applied(planOf())).toEqual(ofAll);
    expect(applied(fanOut({}))).toEqual([...ofAll, 'delivery.leaked == 0', 'delivery.unjoined == 0']);
    const leaked = new PlayedFanOut().joined(0, 0).foreign(0, 1, 'job', 1, 2000).play(5000);
    const result = resultsOf(leaked, fanOut({})).find(({ expression }) => expression.startsWith('delivery'));
    expect(result).toMatchObject({ ok: false, value: 1, byDefault: true });
  });

  test('what is published reaches its rooms; nothing is missed and nothing comes again where no connection is to go', () => {
    const load = tenSecondsOpen as FanOutPlan['load'];
    const reconnect = {} as FanOutPlan['reconnect'];
    const storm = {} as FanOutPlan['storm'];
    const ofPublished = [...ofAll, 'delivery.leaked == 0', 'delivery.unjoined == 0', 'delivery.reach >= 99%'];
    expect(applied(fanOut({ load, reconnect }))).toEqual(ofPublished);
    expect(applied(fanOut({ load, storm, reconnect }))).toEqual(ofPublished);
    // `reconnect: false`: whom the storm takes misses the rest.
    expect(applied(fanOut({ load, storm }))).toEqual(ofPublished);
    const steady = ['delivery.missed == 0', 'delivery.duplicated == 0'];
    expect(applied(fanOut({ load }))).toEqual([...ofPublished, ...steady]);
    const own = planOf({ ...fanOut({ load }), thresholds: ['delivery.duplicated < 5'] });
    expect(applied(own)).toEqual(['delivery.duplicated < 5', ...ofPublished, 'delivery.missed == 0']);
  });

  test('a service that sends everything again, even behind the drain, does not pass', () => {
    const played = new PlayedFanOut(1, { drainMs: 1000 }).joined(0, 0);
    for (let sequence = 0; sequence < 10; sequence++) {
      const key = played.publish(sequence, 1000 + sequence);
      played.arrive(0, key, 1010 + sequence).arrive(0, key, 2900 + sequence);
    }
    const results = resultsOf(played.play(8000), fanOut({ load: tenSecondsOpen as FanOutPlan['load'] }));
    const broken = results.filter(({ expression, ok }) => expression.startsWith('delivery') && !ok);
    expect(broken).toMatchObject([{ expression: 'delivery.duplicated == 0', value: 10, byDefault: true }]);
  });
});
