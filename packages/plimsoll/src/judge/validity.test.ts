import { describe, expect, test } from 'vitest';
import type { Books, Validity } from '../model/result.ts';
import { histogramOf, seriesOf, snapshotOf } from '../stats/snapshot.fixture.ts';
import type { GeneratorDelta, Snapshot } from '../stats/snapshot.ts';
import { TestTotals } from '../stats/totals.ts';
import { deadWorker, endOf, planOf, tenSecondsOpen } from './judged-test.fixture.ts';
import { judgeValidity, worstValidity } from './validity.ts';

const balanced: Books = { balanced: true, breaches: [], inFlightAreaMs: 0, latencySumMs: 0 };
type Part = Parameters<typeof snapshotOf>[0];
const times = (n: number, ms: number): number[] => new Array<number>(n).fill(ms);

function totalsOf(parts: readonly Part[], machine?: Parameters<TestTotals['add']>[3]): TestTotals {
  const totals = new TestTotals();
  for (const [second, part] of parts.entries()) totals.add(second, [snapshotOf(part)], false, machine);
  return totals;
}

function judged(totals: TestTotals, plan = planOf(), end = endOf(), books = balanced): [string, ...string[]] {
  const { state, reasons } = judgeValidity(plan, totals, end, books);
  return [state, ...reasons.map((reason) => reason.code)];
}

/** 100 requests of one latency, 98 of them `mostMs` late and 2 `fewMs`: the p50 and the p99 of the lag. */
function lagging(latencyMs: number, mostMs: number, fewMs: number): TestTotals {
  const lag = histogramOf([...times(98, mostMs), ...times(2, fewMs)]);
  return totalsOf([{ lag, series: [seriesOf({ expected: times(100, latencyMs) })] }]);
}

test('a quiet generator is VALID, and so is one that did nothing', () => {
  expect(judged(lagging(100, 0.1, 0.5))).toEqual(['VALID']);
  expect(judged(new TestTotals())).toEqual(['VALID']);
});

describe('lag', () => {
  const open = planOf({ load: tenSecondsOpen });

  // The limits are 2 and 5 ms, or 10 % of the median latency where that is more.
  test.each([
    ['at 2 ms', 10, 0, 2, ['VALID']],
    ['above 2 ms', 10, 0, 2.1, ['DEGRADED', 'lag']],
    ['at 5 ms', 10, 0, 5, ['DEGRADED', 'lag']],
    ['above 5 ms', 10, 0, 5.1, ['INVALID', 'lag']],
    ['10 ms where the median is 100 ms', 100, 0, 9.9, ['VALID']],
    ['more than that, and more than 5 ms', 100, 0, 10.2, ['INVALID', 'lag']],
    ['3 ms where the median is 25 ms', 25, 0, 3, ['DEGRADED', 'lag']],
    ['a p50 at 10 % of the median', 1, 0.1, 0.1, ['VALID']],
    ['a p50 above 10 % of the median', 1, 0.12, 0.12, ['DEGRADED', 'lag-share']],
  ] as const)('p99 %s', (_, latencyMs, mostMs, fewMs, expected) => {
    expect(judged(lagging(latencyMs, mostMs, fewMs), open)).toEqual(expected);
  });

  test('of sleeps in VU models is in no latency: it is no share of that, and degrades what it would spoil at a rate', () => {
    expect(judged(lagging(1, 0.12, 0.12))).toEqual(['VALID']);
    expect(judged(lagging(1, 0.12, 2.1))).toEqual(['DEGRADED', 'lag']);
    expect(judged(lagging(10, 0, 3000))).toEqual(['DEGRADED', 'lag']);
  });

  test('without a request there is no median to tell', () => {
    const { state, reasons } = judgeValidity(open, totalsOf([{ lag: histogramOf([400]) }]), endOf(), balanced);
    expect(state).toBe('INVALID');
    expect(reasons[0]!.message).toMatch(/^the generator was late: lag p50 is [\d.]+ ms$/);
  });

  test.each([
    ['one of fifty', 50, 1, ['VALID']],
    ['three of fifty', 50, 3, ['INVALID', 'lag']],
    ['one of ten', 10, 1, ['VALID']],
    ['two of ten', 10, 2, ['INVALID', 'lag']],
    ['two of three', 3, 2, ['INVALID', 'lag']],
  ])('of few samples, %s late', (_, count, late, expected) => {
    const lag = histogramOf([...times(count - late, 0), ...times(late, 400)]);
    expect(judged(totalsOf([{ lag, series: [seriesOf({ expected: times(100, 10) })] }]), open)).toEqual(expected);
  });

  test('one late request in a hundred is beyond the p99', () => {
    const lag = histogramOf([...times(99, 0), 3000]);
    expect(judged(totalsOf([{ lag, series: [seriesOf({ expected: times(100, 10) })] }]), open)).toEqual(['VALID']);
  });

  test('without an expected answer the absolute limits hold, and a share of nothing is not judged', () => {
    const refused = { series: [seriesOf({ failed: { refused: times(100, 1) } })] };
    expect(judged(totalsOf([{ ...refused, lag: histogramOf(times(100, 1)) }]), open)).toEqual(['VALID']);
    expect(judged(totalsOf([{ ...refused, lag: histogramOf(times(100, 6)) }]), open)).toEqual(['INVALID', 'lag']);
  });

  test('of the warm-up is not judged', () => {
    const totals = new TestTotals();
    totals.add(0, [snapshotOf({ lag: histogramOf(times(100, 900)) })], true);
    expect(judged(totals)).toEqual(['VALID']);
  });

  test('tells the numbers', () => {
    const { reasons } = judgeValidity(planOf(), lagging(20, 0, 12.5), endOf(), balanced);
    expect(reasons).toEqual([
      {
        code: 'lag',
        message: 'the generator was late: lag p99 is 12.5 ms, median latency 20.0 ms',
        value: expect.closeTo(12.5, 1) as number,
      },
    ]);
  });
});

describe('what was lost', () => {
  test('a lost worker', () => {
    const end = endOf({ lostWorkers: [deadWorker] });
    const { state, reasons } = judgeValidity(planOf(), new TestTotals(), end, balanced);
    expect(state).toBe('INVALID');
    expect(reasons).toEqual([
      { code: 'worker-lost', message: 'worker 1 died after 4.2 s with 50.0 % of the load: exit code 7', value: 0.5 },
    ]);
  });

  const failing = (failed: Record<string, number[]>): TestTotals =>
    totalsOf([{ series: [seriesOf({ expected: times(1000 - Object.values(failed).flat().length, 10), failed })] }]);

  test('0.1 % for want of files or ports is let pass, more is not', () => {
    expect(judged(failing({ 'file-limit': [1] }))).toEqual(['VALID']);
    expect(judged(failing({ 'file-limit': [1, 1] }))).toEqual(['INVALID', 'file-limit']);
    expect(judged(failing({ 'port-limit': [1, 1] }))).toEqual(['INVALID', 'port-limit']);
  });

  test('files and ports are lost together', () => {
    expect(judged(failing({ 'file-limit': [1], 'port-limit': [1] }))).toEqual(['INVALID', 'file-limit', 'port-limit']);
  });

  test('what the target refuses is the target, not the generator', () => {
    expect(judged(failing({ refused: times(1000, 1) }))).toEqual(['VALID']);
  });
});

test('books that do not balance', () => {
  const books = { ...balanced, balanced: false, breaches: ['a: 1 against 2', 'b: 3 against 4'] };
  const { state, reasons } = judgeValidity(planOf(), new TestTotals(), endOf(), books);
  expect(state).toBe('INVALID');
  expect(reasons).toEqual([
    { code: 'books', message: 'the books do not balance: a: 1 against 2; b: 3 against 4', value: 2 },
  ]);
});

describe('the machine', () => {
  const seconds = (generator: readonly Partial<GeneratorDelta>[]): Part[] =>
    generator.map((each) => ({ generator: each, series: [seriesOf({ expected: times(100, 10) })] }));
  const busy = (...shares: number[]): TestTotals => totalsOf(seconds(shares.map((busyShare) => ({ busyShare }))));

  test('busy above 0.8 for 3 s in a row', () => {
    expect(judged(busy(0.9, 0.9, 0.8, 0.9, 0.9))).toEqual(['VALID']);
    expect(judged(busy(0.5, 0.81, 0.9, 0.99, 0.5))).toEqual(['DEGRADED', 'generator-bound']);
  });

  test('with a rate to keep it is not the rate that is in doubt', () => {
    expect(judged(busy(0.9, 0.9, 0.9), planOf({ load: tenSecondsOpen }))).toEqual(['DEGRADED', 'busy']);
  });

  test.each([
    [500, ['VALID']],
    [-500, ['VALID']],
    [501, ['INVALID', 'clock']],
    [-2000, ['INVALID', 'clock']],
  ] as const)('a clock that jumped by %i ms', (clockJumpMs, expected) => {
    expect(judged(totalsOf([{}, {}], { stealShare: 0, clockJumpMs }))).toEqual(expected);
  });

  test('steal above 5 % over the test', () => {
    expect(judged(totalsOf([{}, {}], { stealShare: 0.05, clockJumpMs: 0 }))).toEqual(['VALID']);
    expect(judged(totalsOf([{}, {}], { stealShare: 0.06, clockJumpMs: 0 }))).toEqual(['DEGRADED', 'steal']);
    expect(judged(totalsOf([{}, {}], { stealShare: null, clockJumpMs: 0 }))).toEqual(['VALID']);
  });

  test('a garbage collection longer than the median latency', () => {
    expect(judged(totalsOf(seconds([{ gcMaxPauseUs: 9990 }])))).toEqual(['VALID']);
    expect(judged(totalsOf(seconds([{ gcMaxPauseUs: 10_100 }])))).toEqual(['DEGRADED', 'gc']);
    expect(judged(totalsOf([{ generator: { gcMaxPauseUs: 10_100 } }]))).toEqual(['VALID']);
  });

  test('a tool blocked for 3 s in a VU model, where no lag tells', () => {
    const spans = (...spansMs: number[]): Snapshot['spanMs'][] => spansMs;
    const blocked = (spansMs: number[]): TestTotals => totalsOf(spansMs.map((spanMs) => ({ spanMs })));
    expect(judged(blocked(spans(1000, 1000, 3900, 100, 1000)))).toEqual(['DEGRADED', 'stalled']);
    expect(judged(blocked(spans(1000, 1490, 510, 1000)))).toEqual(['VALID']);
    expect(judged(blocked(spans(1000, 1510, 490, 1000)))).toEqual(['DEGRADED', 'stalled']);
    const inWarmUp = new TestTotals();
    for (const [index, spanMs] of [3900, 100, 1000].entries())
      inWarmUp.add(index, [snapshotOf({ spanMs })], index === 0);
    expect(judged(inWarmUp)).toEqual(['VALID']);
  });
});

test('the worst state wins, and its reasons come first', () => {
  const parts = times(3, 0.9).map((busyShare) => ({
    generator: { busyShare },
    lag: histogramOf(times(100, 50)),
    series: [seriesOf({ expected: times(100, 10) })],
  }));
  expect(judged(totalsOf(parts), planOf(), endOf({ lostWorkers: [deadWorker] }))).toEqual([
    'INVALID',
    'worker-lost',
    'lag',
    'generator-bound',
  ]);
});

test('a run is as sound as its worst test, and each reason is told once, by who suffered most', () => {
  const of = (state: Validity['state'], ...reasons: [code: string, message: string][]): Validity => ({
    state,
    reasons: reasons.map(([code, message]) => ({ code, message, value: 1 })),
  });
  expect(worstValidity([])).toEqual(of('VALID'));
  expect(worstValidity([of('VALID'), of('DEGRADED', ['gc', 'a'])]).state).toBe('DEGRADED');
  expect(
    worstValidity([of('DEGRADED', ['lag', 'a little'], ['gc', 'a']), of('VALID'), of('INVALID', ['lag', 'a lot'])]),
  ).toEqual(of('INVALID', ['lag', 'a lot'], ['gc', 'a']));
});
