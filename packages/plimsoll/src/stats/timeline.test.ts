import { describe, expect, test } from 'vitest';
import { histogramOf, scenarioOf, seriesOf, snapshotOf, socketsOf } from './snapshot.fixture.ts';
import { Timeline, timelinePoint } from './timeline.ts';

const range = (length: number, from = 1) => Array.from({ length }, (_, n) => from + n);

describe('a second', () => {
  test('of several workers is one point', () => {
    const first = snapshotOf({
      spanMs: 1000,
      series: [seriesOf({ expected: range(60), limited: [1], failed: { reset: [900] } })],
      scenarios: [scenarioOf({ activeVus: 2 }), scenarioOf({ name: 'b', activeVus: 1 })],
      lag: histogramOf([1]),
      generator: { inFlight: 4, busyShare: 0.2 },
    });
    const second = snapshotOf({
      worker: 1,
      spanMs: 999,
      series: [
        seriesOf({ expected: range(40, 61), unfinished: [] }, { name: 'GET /b' }),
        seriesOf({ expected: [7000] }, { kind: 'step', name: 'step' }),
      ],
      scenarios: [scenarioOf({ activeVus: 3 })],
      lag: histogramOf(range(99).map(() => 0.5)),
      generator: { inFlight: 5, busyShare: 0.7 },
    });
    expect(timelinePoint(9, [first, second], false)).toEqual({
      second: 9,
      spanMs: 1000,
      requests: 102,
      rate: 102,
      failed: 1,
      limited: 1,
      // Of the 100 expected ones, 1 to 100 ms: the step and the failures are not in it.
      p50: expect.closeTo(50, 0) as number,
      p95: expect.closeTo(95, 0) as number,
      p99: expect.closeTo(99, 0) as number,
      max: 100,
      lagP99: expect.closeTo(0.5, 2) as number,
      inFlight: 9,
      activeVus: 6,
      busyShare: 0.7,
      warmUp: false,
    });
  });

  test('without a request has no latency; the rate of a part of a second is per second', () => {
    expect(timelinePoint(0, [snapshotOf()], true)).toMatchObject({
      rate: 0,
      p50: null,
      max: null,
      lagP99: null,
      warmUp: true,
    });
    const part = snapshotOf({ spanMs: 250, series: [seriesOf({ expected: [1, 1] })] });
    expect(timelinePoint(3, [part], false)).toMatchObject({ requests: 2, rate: 8 });
    expect(timelinePoint(3, [snapshotOf({ spanMs: 0 })], false).rate).toBe(0);
  });
});

describe('a long run', () => {
  // Seconds repeat after 21, as far as their requests go.
  const kinds = range(21, 0).map((second) => {
    const outcomes = { expected: range(second % 3).map(() => second % 7), failed: { reset: [1] }, limited: [1] };
    return timelinePoint(second, [snapshotOf({ series: [seriesOf(outcomes)] })], false);
  });
  const filled = (seconds: number) => {
    const timeline = new Timeline();
    for (let second = 0; second < seconds; second++) {
      const own = { second, inFlight: second, busyShare: (second % 10) / 10, warmUp: second < 5 };
      timeline.add({ ...kinds[second % 21]!, ...own });
    }
    return timeline;
  };

  test('an hour but a second is kept second by second', () => {
    const { points } = filled(3599);
    expect(points.map((point) => point.second)).toEqual(range(3599, 0));
  });

  test.each([3600, 3601, 7199, 7200, 7203, 20_000, 30_001])(
    '%i seconds: halving keeps every count and the order',
    (seconds) => {
      const { points, latest } = filled(seconds);
      expect(points.length).toBeLessThanOrEqual(3600);
      expect(points.length).toBeGreaterThanOrEqual(1800);
      const sum = (of: (point: (typeof points)[number]) => number) =>
        points.reduce((total, point) => total + of(point), 0);
      expect(sum((point) => point.failed)).toBe(seconds);
      expect(sum((point) => point.limited)).toBe(seconds);
      expect(sum((point) => point.spanMs)).toBe(seconds * 1000);
      const expected = range(seconds, 0).reduce((total, second) => total + (second % 3), 0);
      expect(sum((point) => point.requests)).toBe(2 * seconds + expected);
      // Each point begins where the one before ends.
      let second = 0;
      for (const point of points) {
        expect(point.second).toBe(second);
        expect(point.rate).toBeCloseTo(point.requests / (point.spanMs / 1000), 9);
        second += point.spanMs / 1000;
      }
      expect(points.at(-1)!.inFlight).toBe(seconds - 1);
      expect(latest!.second).toBeGreaterThanOrEqual(points.at(-1)!.second);
    },
  );

  test('sockets: those open at the end of a point, and the attempts of all its seconds', () => {
    const timeline = new Timeline();
    for (let second = 0; second < 3600; second++) {
      // One worker has sockets from the second second on, the other never.
      const sockets = second === 0 ? {} : { sockets: socketsOf({ open: second, attempts: 2 }) };
      timeline.add(timelinePoint(second, [snapshotOf(sockets), snapshotOf({ worker: 1 })], false));
    }
    const [first, second] = timeline.points;
    expect(first).toMatchObject({ second: 0, socketsOpen: 1, socketAttempts: 2 });
    expect(second).toMatchObject({ second: 2, socketsOpen: 3, socketAttempts: 4 });
  });

  test('a point of several seconds shows the worst of them', () => {
    const timeline = filled(3600);
    const [first, second, third] = timeline.points;
    // Seconds 0 and 1, 2 and 3, 4 and 5: latencies of second % 7 ms where second % 3 > 0.
    expect([first!.max, second!.max, third!.max]).toEqual([1, 2, 5]);
    expect([first!.busyShare, first!.inFlight, first!.warmUp, third!.warmUp]).toEqual([0.1, 1, true, true]);
    expect(timeline.points[3]!.warmUp).toBe(false);
  });
});
