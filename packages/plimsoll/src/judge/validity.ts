/** Is the measurement itself sound? Judged from the generator's own figures (design: measuring). */
import type { TestPlan } from '../model/plan.ts';
import type { Books, Reason, Validity, ValidityState } from '../model/result.ts';
import type { Histogram } from '../stats/histogram.ts';
import { highestSupported } from '../stats/summary.ts';
import type { TestTotals } from '../stats/totals.ts';
import type { EndOfTest } from './end-of-test.ts';

const busySecondsLimit = 3;
/** No healthy event loop is so late with anything. */
const stallLimitMs = 500;
const stealLimit = 0.05;
const lostLimit = 0.001;
/** More than adjusting a clock smoothly does in a second. */
const clockJumpLimitMs = 500;

interface Finding extends Reason {
  readonly state: ValidityState;
}

export function judgeValidity(test: TestPlan, totals: TestTotals, end: EndOfTest, books: Books): Validity {
  const findings = [
    ...lagFindings(test, totals),
    ...lossFindings(totals, end),
    ...bookFindings(books),
    ...busyFindings(test, totals),
    ...machineFindings(totals),
  ];
  const state = findings.some((each) => each.state === 'INVALID')
    ? 'INVALID'
    : findings.length > 0
      ? 'DEGRADED'
      : 'VALID';
  const reasons = findings
    .sort((a, b) => Number(b.state === 'INVALID') - Number(a.state === 'INVALID'))
    .map(({ code, message, value }) => ({ code, message, value }));
  return { state, reasons };
}

const worstFirst: readonly ValidityState[] = ['INVALID', 'DEGRADED', 'VALID'];

/** The run takes the worst of its tests; each reason is told once, in the words of the test that suffered most. */
export function worstValidity(validities: readonly Validity[]): Validity {
  const sorted = validities.toSorted((a, b) => worstFirst.indexOf(a.state) - worstFirst.indexOf(b.state));
  const reasons = new Map<string, Reason>();
  for (const reason of sorted.flatMap((each) => each.reasons)) {
    if (!reasons.has(reason.code)) reasons.set(reason.code, reason);
  }
  return { state: sorted[0]?.state ?? 'VALID', reasons: [...reasons.values()] };
}

/** What lateness and pauses are held against: latencies of answers; in a fan-out, of deliveries. */
function judgedLatency({ overall, delivery }: TestTotals): Histogram {
  return delivery !== undefined && delivery.times.latency.count > 0 ? delivery.times.latency : overall.latency;
}

function lagFindings(test: TestPlan, totals: TestTotals): Finding[] {
  const { lag } = totals;
  const latency = judgedLatency(totals);
  if (lag.count === 0) return [];
  const p50Ms = lag.valueAtPercentile(50) / 1000;
  // One late sample of fifty is no p99.
  const judged = highestSupported(lag);
  const judgedMs = judged.valueUs / 1000;
  const hasMedian = latency.count > 0;
  const medianMs = hasMedian ? latency.valueAtPercentile(50) / 1000 : 0;
  const tell = (ms: number): string => `${ms.toFixed(1)} ms`;
  const beside = hasMedian ? `, median latency ${tell(medianMs)}` : '';
  const message = `the generator was late: lag ${judged.name} is ${tell(judgedMs)}${beside}`;
  // In VU models no latency holds what a sleep came late by: the load was less than meant, and what was measured is true.
  const isOpen = hasArrivals(test);
  if (isOpen && judgedMs > Math.max(5, 0.1 * medianMs)) {
    return [{ state: 'INVALID', code: 'lag', message, value: judgedMs }];
  }
  if (judgedMs > Math.max(2, 0.1 * medianMs)) {
    return [{ state: 'DEGRADED', code: 'lag', message, value: judgedMs }];
  }
  if (isOpen && hasMedian && p50Ms > 0.1 * medianMs) {
    const share = `the generator's own delay is a large part of what was measured: lag p50 is ${p50Ms.toFixed(2)} ms, median latency ${medianMs.toFixed(2)} ms`;
    return [{ state: 'DEGRADED', code: 'lag-share', message: share, value: p50Ms }];
  }
  return [];
}

function hasArrivals({ scenarios }: TestPlan): boolean {
  return scenarios.some((each) => each.load.kind === 'arrival-rate');
}

function lossFindings(totals: TestTotals, end: EndOfTest): Finding[] {
  const findings: Finding[] = end.lostWorkers.map((lost) => ({
    state: 'INVALID',
    code: 'worker-lost',
    message: `worker ${lost.worker} ${lost.how === 'died' ? 'died' : 'was stuck'} after ${lost.atSeconds.toFixed(1)} s with ${percent(lost.share)} of the load: ${lost.message}`,
    value: lost.share,
  }));
  const { errors, requests } = totals.overall;
  const lost = (errors.get('file-limit') ?? 0) + (errors.get('port-limit') ?? 0);
  if (requests === 0 || lost / requests <= lostLimit) return findings;
  for (const [kind, what] of [
    ['file-limit', 'for want of open files (raise `ulimit -n`, or the hard limit that it cannot pass)'],
    ['port-limit', 'for want of local ports (give more source addresses with `--source-address`)'],
  ] as const) {
    const share = (errors.get(kind) ?? 0) / requests;
    if (share === 0) continue;
    const message = `${percent(share)} of the requests were lost ${what}`;
    findings.push({ state: 'INVALID', code: kind, message, value: share });
  }
  return findings;
}

function bookFindings(books: Books): Finding[] {
  if (books.balanced) return [];
  const message = `the books do not balance: ${books.breaches.join('; ')}`;
  return [{ state: 'INVALID', code: 'books', message, value: books.breaches.length }];
}

/** At full speed VUs take all that the slower side gives: where that is this machine, the rate says nothing of the server. */
function busyFindings(test: TestPlan, { machine }: TestTotals): Finding[] {
  if (machine.busySeconds < busySecondsLimit) return [];
  const busy = `the event loop was more than 80 % busy for ${machine.busySeconds} s`;
  const value = machine.busiestShare;
  if (hasArrivals(test)) {
    const message = `${busy}, so latencies may hold delays of the generator's own`;
    return [{ state: 'DEGRADED', code: 'busy', message, value }];
  }
  const message = `generator-bound: ${busy}, so the rate may be this machine's, not the server's`;
  return [{ state: 'DEGRADED', code: 'generator-bound', message, value }];
}

function machineFindings(totals: TestTotals): Finding[] {
  const { machine } = totals;
  const latency = judgedLatency(totals);
  const findings: Finding[] = [];
  const jumpMs = machine.clockJumpMaxMs;
  if (Math.abs(jumpMs) > clockJumpLimitMs) {
    const message = `the clock jumped by ${Math.round(jumpMs)} ms, or the machine slept`;
    findings.push({ state: 'INVALID', code: 'clock', message, value: jumpMs });
  }
  // In VU models a request is due when the tool asks for it: while it stands still nothing is late, and no lag tells.
  if (machine.stallMaxMs > stallLimitMs) {
    const message = `the generator stood still for ${(machine.stallMaxMs / 1000).toFixed(1)} s or longer: answers of that time were read late`;
    findings.push({ state: 'DEGRADED', code: 'stalled', message, value: machine.stallMaxMs });
  }
  const steal = machine.stealSeconds > 0 ? machine.stealSum / machine.stealSeconds : 0;
  if (steal > stealLimit) {
    const message = `other guests took ${percent(steal)} of this machine's CPU time`;
    findings.push({ state: 'DEGRADED', code: 'steal', message, value: steal });
  }
  const medianUs = latency.count > 0 ? latency.valueAtPercentile(50) : Infinity;
  if (machine.gcMaxPauseUs > medianUs) {
    const message = `a garbage collection took ${(machine.gcMaxPauseUs / 1000).toFixed(1)} ms, longer than the median latency of ${(medianUs / 1000).toFixed(2)} ms`;
    findings.push({ state: 'DEGRADED', code: 'gc', message, value: machine.gcMaxPauseUs / 1000 });
  }
  return findings;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.01 ? 2 : 1)} %`;
}
