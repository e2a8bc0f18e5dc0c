/**
 * A server that freezes for 3 s under 50 constant arrivals a second. What the schedule implies is worked out here from
 * the schedule and the server's own account of its freeze: a request that is due inside ends when the freeze does.
 */
import { expect } from 'vitest';
import { startOrigin, type OriginRecord } from '../support/origin.ts';
import { quantile } from '../support/order-statistics.ts';
import { runTestFile } from '../support/run-cli.ts';
import { expectNoneLonger, expectNoneShorter } from './order.ts';
import { testClaim } from './quiet-machine.ts';
import { runWatched } from './watched-run.ts';

const perSecond = 50;
const seconds = 8;
const freeze = { afterMs: 2500, forMs: 3000, how: 'hold' } as const;
const dueMs = Array.from({ length: perSecond * seconds }, (_, at) => (at * 1000) / perSecond);

/** Of a request due then, for a server that is quick unless frozen; times from the first request's arrival. */
function impliedMs(due: number, { frozen }: OriginRecord): number {
  if (frozen === undefined) throw new Error('the server did not freeze');
  return due >= frozen.fromMs && due < frozen.toMs ? frozen.toMs - due : 0;
}

// A VU for each arrival: none waits for another.
const vus = perSecond * seconds;
const load = `load: constantArrivalRate({ rate: ${perSecond}, duration: '${seconds}s', spacing: 'constant', vus: ${vus} })`;

function expectWithin5Percent(value: number | null, implied: number): void {
  expect(value).toBeGreaterThan(implied * 0.95);
  expect(value).toBeLessThan(implied * 1.05);
}

testClaim('p99 and maximum are those of the schedule', {
  measure: async () => {
    const origin = await startOrigin({ freeze });
    const run = await runWatched(origin, load, '/thing');
    return { ...run, record: await origin.record() };
  },
  onAnyMachine: ({ test: measured, waitedMs, record }) => {
    // Every request of the schedule was made and held up; a tool that waits for answers would have made fewer.
    expect(measured.expected).toBe(dueMs.length);
    expectNoneShorter(measured.latency, record.paths['/thing']!.servicesMs);
    expectNoneLonger(measured.latency, waitedMs);
  },
  whenQuiet: ({ test: measured, record }) => {
    const implied = dueMs.map((due) => impliedMs(due, record));
    expectWithin5Percent(measured.latency.p99, quantile(implied, 0.99));
    expectWithin5Percent(measured.latency.max, Math.max(...implied));
    // The server's doing, not the generator's: it issued every request when it was due.
    expect(measured.lag.max).toBeLessThan(500);
    expect(measured.lag.p50).toBeLessThan(5);
  },
});

testClaim('GET, sleep 1 s, GET: the second request too', {
  measure: async () => {
    const origin = await startOrigin({ freeze });
    const test = `loadTest('frozen', { ${load} }, async ({ http, sleep }) => {
      await http.get('/first');
      await sleep('1s');
      await http.get('/second');
    });`;
    const { test: measured } = await runTestFile(test, ['--target', origin.url]);
    const seriesOf = (name: string) => measured.series.find((each) => each.name === name)!;
    return { first: seriesOf('GET /first'), second: seriesOf('GET /second'), record: await origin.record() };
  },
  onAnyMachine: ({ first, second, record }) => {
    for (const [series, path] of [
      [first, '/first'],
      [second, '/second'],
    ] as const) {
      expect(series.expected, path).toBe(dueMs.length);
      expectNoneShorter(series.latency, record.paths[path]!.servicesMs);
    }
  },
  whenQuiet: ({ first, second, record }) => {
    const impliedOfFirst = dueMs.map((due) => impliedMs(due, record));
    const impliedOfSecond = dueMs.map((due, at) => impliedMs(due + impliedOfFirst[at]! + 1000, record));
    for (const [series, implied] of [
      [first, impliedOfFirst],
      [second, impliedOfSecond],
    ] as const) {
      expectWithin5Percent(series.latency.p99, quantile(implied, 0.99));
      expectWithin5Percent(series.latency.max, Math.max(...implied));
    }
  },
});
