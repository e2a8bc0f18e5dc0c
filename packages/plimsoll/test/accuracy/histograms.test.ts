/** What we store is what hdr-histogram-js reads, and what every split over workers gives. */
import fc from 'fast-check';
import { build, decodeFromCompressedBase64 } from 'hdr-histogram-js';
import { expect, test } from 'vitest';
import { Histogram } from '../../src/stats/histogram.ts';
import { startOrigin } from '../support/origin.ts';
import { quick, runTestFile } from '../support/run-cli.ts';

const highestUs = 2 ** 31 - 1;
const shares = [1, 10, 25, 50, 75, 90, 95, 99, 99.9, 99.99, 100];

/** From a microsecond to half an hour, evenly over the orders of magnitude. */
const latencyUs = fc.double({ min: 0, max: Math.log(highestUs), noNaN: true }).map((log) => Math.floor(Math.exp(log)));

test('percentiles equal those of hdr-histogram-js on the same values', () => {
  fc.assert(
    fc.property(fc.array(latencyUs, { minLength: 1, maxLength: 500 }), (values) => {
      const ours = new Histogram();
      const theirs = build({
        lowestDiscernibleValue: 1,
        highestTrackableValue: highestUs,
        numberOfSignificantValueDigits: 3,
      });
      for (const value of values) {
        ours.record(value);
        theirs.recordValue(value);
      }
      for (const share of shares)
        expect(ours.valueAtPercentile(share)).toBe(Math.min(theirs.getValueAtPercentile(share), Math.max(...values)));
    }),
    { numRuns: 100 },
  );
});

test('any split over workers gives the same histogram', () => {
  fc.assert(
    fc.property(
      fc.array(latencyUs, { minLength: 1, maxLength: 300 }),
      fc.integer({ min: 2, max: 9 }),
      (values, workers) => {
        const whole = new Histogram();
        const parts = Array.from({ length: workers }, () => new Histogram());
        values.forEach((value, at) => {
          whole.record(value);
          parts[at % workers]!.record(value);
        });
        const merged = new Histogram();
        for (const part of parts) merged.add(part.takeDelta());
        for (const share of shares) expect(merged.valueAtPercentile(share)).toBe(whole.valueAtPercentile(share));
        expect({ ...merged.toDelta(), cells: [] }).toEqual({ ...whole.toDelta(), cells: [] });
      },
    ),
    { numRuns: 50 },
  );
});

test('its decoder reads our file, and finds in it what we said', async () => {
  const origin = await startOrigin();
  const { test: measured } = await quick(`${origin.url}/mixture?of=1~20:0.9,30~60:0.1`, ['-c', '20', '-n', '2000']);
  for (const name of ['latency', 'service'] as const) {
    const decoded = decodeFromCompressedBase64(measured.histograms[name]!);
    expect(decoded.totalCount).toBe(2000);
    for (const [statistic, share] of [
      ['p50', 50],
      ['p90', 90],
      ['p95', 95],
      ['p99', 99],
    ] as const) {
      // The stored figure is the decoder's, in milliseconds.
      expect(measured[name][statistic], `${name}.${statistic}`).toBeCloseTo(
        decoded.getValueAtPercentile(share) / 1000,
        6,
      );
    }
    expect(Math.abs(decoded.maxValue / 1000 - measured[name].max!)).toBeLessThan(measured[name].max! * 0.001);
  }
});

test('one, two and three workers: every arrival of the plan once', async () => {
  const body = `const index = metric.counter('index');
    loadTest('split', { load: constantArrivalRate({ rate: 400, duration: '1s' }) }, async ({ http, iteration }) => {
      index.add(iteration.index);
      await http.get('/item/{id}', { path: { id: iteration.index } });
    });`;
  const arrivals: number[] = [];
  for (const workers of [1, 2, 3]) {
    const origin = await startOrigin();
    const args = ['--workers', String(workers), '--seed', '5', '--target', origin.url];
    const { test: measured } = await runTestFile(body, args);
    const { arrived } = await origin.path('/item');
    arrivals.push(arrived);
    expect(measured.series.map((series) => series.name)).toEqual(['GET /item/{id}']);
    expect(measured.expected).toBe(arrived);
    expect(measured.iterations).toBe(arrived);
    // Each of 0 … n − 1 once.
    expect(measured.metrics.find((each) => each.name === 'index')!.value).toBe((arrived * (arrived - 1)) / 2);
  }
  // Poisson: a different number for each seed, the same for each split.
  expect(new Set(arrivals).size).toBe(1);
});
