/** The requests of the second that are kept as examples: the slowest, and as many taken at random. */
import type { Sfc32 } from '../../kernel/random.ts';
import { mostSlowest } from '../../stats/example-totals.ts';
import { RequestSample } from '../../stats/request-sample.ts';
import type { ExampleRequest, Snapshot } from '../../stats/snapshot.ts';
import type { Instants } from './instants.ts';
import type { SeriesRecord } from './series-record.ts';

export class Examples {
  #slowest: ExampleRequest[] = [];
  /** What is not slower need not be looked at. */
  #floorUs = -1;
  readonly #sample: RequestSample<ExampleRequest>;

  constructor(random: Sfc32) {
    this.#sample = new RequestSample(random);
  }

  /** Hot path: two compares for all but the few that are kept. `startMs` is that of the test. */
  see(series: SeriesRecord, at: Instants, latencyUs: number, nowMs: number, startMs: number): void {
    if (latencyUs > this.#floorUs) this.#keepSlow(exampleOf(series, at, latencyUs, nowMs, startMs));
    if (this.#sample.isNextKept()) this.#sample.keep(exampleOf(series, at, latencyUs, nowMs, startMs));
  }

  /** Called rarely, because the floor rises with each one kept. */
  #keepSlow(example: ExampleRequest): void {
    const slowest = this.#slowest;
    slowest.push(example);
    if (slowest.length <= mostSlowest) return;
    slowest.sort((a, b) => b.latencyUs - a.latencyUs);
    slowest.length = mostSlowest;
    this.#floorUs = slowest[mostSlowest - 1]!.latencyUs;
  }

  /** Those since the last time; they are forgotten. */
  take(): Pick<Snapshot, 'slowest' | 'sample'> {
    const slowest = this.#slowest;
    this.#slowest = [];
    this.#floorUs = -1;
    return { slowest, sample: this.#sample.take() };
  }
}

function exampleOf(
  series: SeriesRecord,
  at: Instants,
  latencyUs: number,
  nowMs: number,
  startMs: number,
): ExampleRequest {
  return {
    series: series.name,
    dueMs: at.dueMs - startMs,
    latencyUs,
    serviceUs: at.sentMs > 0 ? (nowMs - at.sentMs) * 1000 : 0,
    status: at.status,
    error: at.errorKind,
    traceId: at.traceId,
  };
}
