/** One test while it runs: its snapshots added up, its thresholds watched, its result so far and at the end. */
import type { TestEnd, MergedSecond } from '../engine/session.ts';
import { plannedLoadMs } from '../judge/load-window.ts';
import { resultOfTest } from '../judge/result-of-test.ts';
import { ThresholdJudge } from '../judge/thresholds.ts';
import type { TestPlan } from '../model/plan.ts';
import type { TestResult } from '../model/result.ts';
import { TestTotals } from '../stats/totals.ts';

export class TestWatch {
  readonly test: TestPlan;
  readonly totals: TestTotals;
  private readonly judge: ThresholdJudge;
  private readonly startedAt: string;

  /** Errors: ThresholdSyntaxError. */
  constructor(test: TestPlan, startedAt: string) {
    this.test = test;
    this.startedAt = startedAt;
    const windowsMs = test.thresholds.map((threshold) => threshold.windowMs ?? 0);
    this.totals = new TestTotals({
      longestWindowSeconds: Math.ceil(Math.max(0, ...windowsMs) / 1000),
      loadMs: plannedLoadMs(test),
    });
    this.judge = new ThresholdJudge(test, this.totals);
  }

  /** @returns the threshold that asks for the test to be stopped, if one does */
  add(merged: MergedSecond): string | undefined {
    const { second, snapshots } = merged;
    // A second that lies partly in the warm-up belongs to it.
    this.totals.add(second, snapshots, second * 1000 < this.test.warmUpMs, merged, merged.delivery);
    return this.judge.observe(this.totals.elapsedMs);
  }

  resultSoFar(): TestResult {
    const durationMs = this.totals.elapsedMs;
    const end = { durationMs, stopped: '', plannedArrivals: null, lostWorkers: [], partial: true };
    return resultOfTest(this.test, this.totals, this.judge, end, this.startedAt);
  }

  result(end: TestEnd): TestResult {
    if (end.delivery !== undefined) this.totals.addDelivery(end.delivery);
    return resultOfTest(this.test, this.totals, this.judge, { ...end, partial: false }, this.startedAt);
  }
}
