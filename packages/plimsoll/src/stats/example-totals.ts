/** The requests of a test that are kept as examples: the slowest, and as many taken at random. */
import { joinedSample } from './request-sample.ts';
import type { ExampleRequest, SampledRequest, Snapshot } from './snapshot.ts';

export const mostSlowest = 10;

export class ExampleTotals {
  /** The slowest first. */
  slowest: readonly ExampleRequest[] = [];
  sample: readonly SampledRequest[] = [];

  add({ slowest, sample }: Pick<Snapshot, 'slowest' | 'sample'>): void {
    if (slowest.length > 0) {
      this.slowest = [...this.slowest, ...slowest].sort((a, b) => b.latencyUs - a.latencyUs).slice(0, mostSlowest);
    }
    this.sample = joinedSample(this.sample, sample);
  }
}
