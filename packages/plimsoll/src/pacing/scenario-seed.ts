import { mixSeed } from '../kernel/random.ts';

/** Scenarios that run together draw from streams of their own, or their arrivals would coincide. */
export function scenarioSeed(runSeed: number, test: number, scenario: number): number {
  return mixSeed(runSeed, test, scenario);
}
