/** The scenarios that a fan-out is built of. */
import { fanOutEndMs, publishingStartMs, type FanOutPlan } from './fan-out-plan.ts';
import type { PerVuIterations } from './load-model.ts';
import type { ScenarioPlan } from './plan.ts';

export type FanOutRole = 'sentinels' | 'subscribers' | 'publisher sockets' | 'publishers';

/** Sentinels have a worker of their own, the last one; publishers hold their sockets in the worker that they publish from. */
export function fanOutScenarios(plan: FanOutPlan): ScenarioPlan[] {
  const whole = (vus: number): PerVuIterations => {
    return { kind: 'per-vu-iterations', vus, iterations: 1, maxDurationMs: fanOutEndMs(plan) };
  };
  const scenario = (name: FanOutRole, load: ScenarioPlan['load'], startAfterMs = 0): ScenarioPlan => {
    return { name, load, startAfterMs, ...(name === 'sentinels' && { ownWorker: true }) };
  };
  const scenarios: ScenarioPlan[] = [];
  if (plan.sentinels > 0) scenarios.push(scenario('sentinels', whole(plan.sentinels)));
  if (plan.subscribers > plan.sentinels) {
    scenarios.push(scenario('subscribers', whole(plan.subscribers - plan.sentinels)));
  }
  if (plan.load === undefined) return scenarios;
  if (plan.publishersConnect) scenarios.push(scenario('publisher sockets', whole(plan.publishers)));
  scenarios.push(scenario('publishers', plan.load, publishingStartMs(plan)));
  return scenarios;
}
