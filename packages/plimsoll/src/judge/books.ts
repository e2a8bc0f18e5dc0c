/**
 * The books: what was due, issued and ended must agree to the last one, and the latencies must agree with the time
 * requests were in flight (Little's law as an identity: Σ latency = ∫ in flight dt), which separate code keeps.
 */
import type { Books } from '../model/result.ts';
import type { BookTotals, EndingCounts } from '../stats/book-totals.ts';
import type { ScenarioTotals, TestTotals } from '../stats/totals.ts';
import { deliveryBreaches } from './delivery.ts';
import type { EndOfTest } from './end-of-test.ts';

/** A share of the larger side, and no less than what adding up fractions may lose. */
const areaTolerance = 0.001;
const areaFloorUs = 1;
/** A histogram holds whole µs. */
const roundingUs = 0.5;

type Equal = (left: number, right: number, sentence: string) => void;

export function judgeBooks(totals: TestTotals, end: EndOfTest): Books {
  const { books } = totals;
  const breaches: string[] = [];
  const equal: Equal = (left, right, sentence) => {
    if (left !== right) breaches.push(`${sentence}: ${left} against ${right}`);
  };
  const outstanding = sum(books.outstanding.values());
  balanceEndings(books, outstanding, '', equal);
  // Which series an open request is of, nobody has said.
  if (!end.partial && outstanding === 0 && end.lostWorkers.length === 0) {
    for (const { name, counts } of books.series.values()) balanceEndings(counts, 0, ` of '${name}'`, equal);
  }
  for (const scenario of totals.scenarios.values()) balanceScenario(scenario, totals, end, equal);
  const whole = !end.partial && end.stopped === '' && end.lostWorkers.length === 0 && end.failure === undefined;
  if (whole && end.plannedArrivals !== null) {
    equal(sum([...totals.scenarios.values()].map((each) => each.due)), end.plannedArrivals, 'arrivals due = planned');
  }
  if (totals.delivery !== undefined) {
    breaches.push(...deliveryBreaches(totals.delivery, !end.partial && end.lostWorkers.length === 0));
  }
  // A request that is still open is in the area and not yet in the sums.
  if (!end.partial && outstanding === 0) breaches.push(...areaBreaches(books));
  return {
    balanced: breaches.length === 0,
    breaches,
    inFlightAreaMs: books.inFlightAreaUs / 1000,
    latencySumMs: books.latencySumUs / 1000,
  };
}

function balanceEndings(counts: EndingCounts, outstanding: number, of: string, equal: Equal): void {
  const { issued, ended, expected, limited, failed, unfinished, timeouts } = counts;
  equal(issued, ended + outstanding, `requests${of} issued = expected + limited + failed + unfinished`);
  const inLatency = expected + timeouts + unfinished;
  equal(counts.latencyCount, inLatency, `values in the latency${of} = expected + timed out + unfinished`);
  const apart = failed - timeouts + limited;
  equal(
    counts.failedLatencyCount,
    apart,
    `values in the latency of failures${of} = failed without time-outs + limited`,
  );
}

function balanceScenario(scenario: ScenarioTotals, totals: TestTotals, end: EndOfTest, equal: Equal): void {
  const { name, due, started, completed, failed, interrupted, notIssued } = scenario;
  const running = sum([...totals.books.running.values()].map((byName) => byName.get(name) ?? 0));
  equal(
    started,
    completed + failed + interrupted + running,
    `iterations of '${name}' started = completed + failed + interrupted`,
  );
  // While it runs, and where a worker was lost, arrivals may wait for a VU.
  if (!end.partial && end.lostWorkers.length === 0) {
    equal(due, started + notIssued, `iterations of '${name}' due = started + not issued`);
  }
}

function areaBreaches(books: BookTotals): string[] {
  const { inFlightAreaUs, exactLatencySumUs, latencySumUs, latencyCount, failedLatencyCount, clamped } = books;
  const breaches: string[] = [];
  const hold = (leftUs: number, rightUs: number, allowedUs: number, sentence: string): void => {
    if (Math.abs(leftUs - rightUs) <= allowedUs) return;
    breaches.push(`${sentence}: ${(leftUs / 1000).toFixed(3)} ms against ${(rightUs / 1000).toFixed(3)} ms`);
  };
  const allowedUs = Math.max(areaTolerance * Math.max(inFlightAreaUs, exactLatencySumUs), areaFloorUs);
  hold(exactLatencySumUs, inFlightAreaUs, allowedUs, 'Σ latency = ∫ in flight dt');
  // A clamped value is in the histogram at the limit, not at its length.
  if (clamped === 0) {
    const roundedUs = (latencyCount + failedLatencyCount) * roundingUs + areaFloorUs;
    hold(latencySumUs, exactLatencySumUs, roundedUs, 'Σ over the histograms = Σ latency');
  }
  return breaches;
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
