/** The part of a test that is judged: the load window without its warm-up. */
import { plannedDurationMs } from '../model/load-model.ts';
import type { TestPlan } from '../model/plan.ts';

/** From the start of the load to the end of its last scenario, as planned; for iteration models the most it may take. */
export function plannedLoadMs({ scenarios }: TestPlan): number {
  return Math.max(0, ...scenarios.map((each) => each.startAfterMs + plannedDurationMs(each.load)));
}

/** Whole seconds are left out, because a second that lies partly in the warm-up was measured as one. */
export function warmUpSeconds({ warmUpMs }: TestPlan): number {
  return Math.ceil(warmUpMs / 1000);
}

/** How much of the first `elapsedMs` of a test is judged, in seconds; iterations that end after the load add nothing. */
export function measuredSeconds(test: TestPlan, elapsedMs: number): number {
  return Math.max(0, Math.min(elapsedMs, plannedLoadMs(test)) / 1000 - warmUpSeconds(test));
}
