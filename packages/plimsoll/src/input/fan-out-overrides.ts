/** What the command line changes in a fan-out: `--vus` is the subscribers, `--rate` and `--duration` those of the messages. */
import { assertStorm, defaultSentinels, type FanOutPlan } from '../model/fan-out-plan.ts';
import { fanOutScenarios } from '../model/fan-out-scenarios.ts';
import type { TestPlan } from '../model/plan.ts';
import { overrideLoad, type LoadOverrides } from './overrides.ts';

type Overridden = Pick<TestPlan, 'scenarios'> & { readonly fanOut: FanOutPlan };

/** Errors: TestFileError, where its storm does not fit any more. */
export function overrideFanOut(
  plan: FanOutPlan,
  { vus, rate, durationMs }: LoadOverrides,
): { readonly test: Overridden; readonly used: readonly (keyof LoadOverrides)[] } {
  const used: (keyof LoadOverrides)[] = [];
  let fanOut = plan;
  if (vus !== undefined) {
    used.push('vus');
    const connectOverMs = (plan.connectOverMs * vus) / plan.subscribers;
    const sentinels = plan.sentinelsGiven === true ? Math.min(plan.sentinels, vus) : defaultSentinels(vus);
    fanOut = { ...fanOut, subscribers: vus, sentinels, connectOverMs };
  }
  if (durationMs !== undefined) {
    used.push('durationMs');
    fanOut = { ...fanOut, durationMs };
  }
  if (plan.load !== undefined) {
    const { load, used: usedHere } = overrideLoad(plan.load, { rate, durationMs });
    if (usedHere.includes('rate')) used.push('rate');
    // As many publishers as the test has: each is a VU that it may have opened a socket for.
    if (load.kind === 'arrival-rate') {
      fanOut = { ...fanOut, load: { ...load, vus: plan.load.vus, maxVus: plan.load.maxVus } };
    }
  }
  assertStorm(fanOut);
  return { test: { fanOut, scenarios: fanOutScenarios(fanOut) }, used };
}
