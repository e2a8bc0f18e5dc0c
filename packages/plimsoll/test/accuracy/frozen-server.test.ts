/**
 * A server that freezes for 3 s under 50 constant arrivals a second. What the schedule implies is worked out here from
 * the schedule and the server's own account of its freeze: a request that is due inside ends when the freeze does.
 */
import { expect } from 'vitest';
import { startOrigin, type OriginRecord } from '../support/origin.ts';
import { quantile } from '../support/order-statistics.ts';
import { runTestFile } from '../support/run-cli.ts';
import { testOnQuietMachine } from './quiet-machine.ts';

const perSecond = 50;
const seconds = 8;
const freeze = { afterMs: 2500, forMs: 3000, how: 'hold' } as const;
const dueMs = Array.from({ length: perSecond * seconds }, (_, at) => (at * 1000) / perSecond);

/** Of a request due then, for a server that is quick unless frozen; times from the first request's arrival. */
function impliedMs(due: number, { frozen }: OriginRecord): number {
  if (frozen === undefined) throw new Error('the server did not freeze');
  return due >= frozen.fromMs && due < frozen.toMs ? frozen.toMs - due : 0;
}

function load(body: string): string {
  return `loadTest('frozen', {
    load: constantArrivalRate({ rate: ${perSecond}, duration: '${seconds}s', spacing: 'constant', vus: 250 }),
  }, async ({ http, sleep }) => { ${body} });`;
}

function expectWithin5Percent(value: number | null, implied: number): void {
  expect(value).toBeGreaterThan(implied * 0.95);
  expect(value).toBeLessThan(implied * 1.05);
}

testOnQuietMachine('p99 and maximum are those of the schedule', async () => {
  const origin = await startOrigin({ freeze });
  const { test: measured } = await runTestFile(load(`await http.get('/thing');`), ['--target', origin.url]);
  const record = await origin.record();
  const implied = dueMs.map((due) => impliedMs(due, record));
  expect(measured.expected).toBe(dueMs.length);
  expectWithin5Percent(measured.latency.p99, quantile(implied, 0.99));
  expectWithin5Percent(measured.latency.max, Math.max(...implied));
  // The server's doing, not the generator's: it issued every request when it was due.
  expect(measured.lag.max).toBeLessThan(500);
  expect(measured.lag.p50).toBeLessThan(5);
});

testOnQuietMachine('GET, sleep 1 s, GET: the second request too', async () => {
  const origin = await startOrigin({ freeze });
  const body = `await http.get('/first'); await sleep('1s'); await http.get('/second');`;
  const { test: measured } = await runTestFile(load(body), ['--target', origin.url]);
  const record = await origin.record();
  const first = dueMs.map((due) => impliedMs(due, record));
  const second = dueMs.map((due, at) => impliedMs(due + first[at]! + 1000, record));
  for (const [name, implied] of [
    ['GET /first', first],
    ['GET /second', second],
  ] as const) {
    const series = measured.series.find((each) => each.name === name)!;
    expect(series.expected, name).toBe(dueMs.length);
    expectWithin5Percent(series.latency.p99, quantile(implied, 0.99));
    expectWithin5Percent(series.latency.max, Math.max(...implied));
  }
});
