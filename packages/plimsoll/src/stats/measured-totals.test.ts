import { expect, test } from 'vitest';
import { MeasuredTotals } from './measured-totals.ts';
import { seriesOf, snapshotOf } from './snapshot.fixture.ts';
import { TestTotals } from './totals.ts';

const answers = (n: number) => seriesOf({ expected: new Array<number>(n).fill(20) });

test('a server that carries 50/s of 100/s for 4 s and works off the rest in 4 s more has a rate of 50/s', () => {
  const totals = new TestTotals({ loadMs: 4000 });
  // The ticks of a real worker: never quite on the second.
  for (const [second, spanMs] of [1003, 1001, 996, 1002, 1000, 999, 1001, 998].entries())
    totals.add(second, [snapshotOf({ second, spanMs, series: [answers(50)] })], false);
  expect(totals.overall.completed).toBe(400);
  expect(totals.overall.ratePerSecond(4)).toBe(50);
  expect([...totals.series.values()].map((each) => each.totals.ratePerSecond(4))).toEqual([50]);
});

test('without an end of the load all that completed counts, and without time there is no rate', () => {
  const totals = new TestTotals();
  totals.add(
    0,
    [snapshotOf({ series: [seriesOf({ expected: [1], limited: [1], timeout: [1], unfinished: [1] })] })],
    false,
  );
  expect(totals.overall.ratePerSecond(1)).toBe(3);
  expect(totals.overall.ratePerSecond(0)).toBe(0);
});

test('merging keeps what completed after the load apart', () => {
  const [inside, after, all] = [new MeasuredTotals(), new MeasuredTotals(), new MeasuredTotals()];
  inside.add(answers(3));
  after.add(answers(4), true);
  all.merge(inside);
  all.merge(after);
  expect([all.completed, all.ratePerSecond(1)]).toEqual([7, 3]);
});
