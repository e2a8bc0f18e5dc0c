/** What became of a fan-out's messages, added up over the seconds. */
import { Histogram } from '../histogram.ts';
import type { DeliveryCounts, DeliveryDelta, DeliveryDetail } from './delivery-delta.ts';
import { noCounts } from './delivery-tally.ts';

const countNames = Object.keys(noCounts) as (keyof DeliveryCounts)[];
const histogramNames = [
  'latency',
  'first',
  'p50',
  'p99',
  'last',
  'skew',
  'sentinelLatency',
  'sentinelSkew',
  'away',
] as const satisfies readonly (keyof DeliveryDelta)[];

export class DeliveryTotals {
  readonly counts: { -readonly [Name in keyof DeliveryCounts]: number } = { ...noCounts };
  readonly times: Readonly<Record<(typeof histogramNames)[number], Histogram>> = {
    latency: new Histogram(),
    first: new Histogram(),
    p50: new Histogram(),
    p99: new Histogram(),
    last: new Histogram(),
    skew: new Histogram(),
    sentinelLatency: new Histogram(),
    sentinelSkew: new Histogram(),
    away: new Histogram(),
  };
  predictedDrainUs = 0;
  skewSumUs = 0;
  detail: DeliveryDetail = {
    ...{ rooms: [], moreRooms: 0, subscribers: [], troubled: 0, incidents: [] },
    ...{ present: 0, unjoined: 0 },
  };
  /** Arrivals of the latest second. */
  latestHeard = 0;

  add(delta: DeliveryDelta): void {
    for (const name of countNames) this.counts[name] += delta[name];
    for (const name of histogramNames) this.times[name].add(delta[name]);
    this.predictedDrainUs += delta.predictedDrainUs;
    this.skewSumUs += delta.skewSumUs;
    this.detail = delta.detail;
    this.latestHeard = delta.heard;
  }

  /**
   * The part of the skew that is the time the tool itself takes to read so many sockets, as predicted; null without a skew.
   * Above 1: the prediction is longer than what was measured.
   */
  get observerShare(): number | null {
    return this.skewSumUs > 0 ? this.predictedDrainUs / this.skewSumUs : null;
  }

  /** delivered / owed; null where nobody was owed anything. */
  get reach(): number | null {
    const { owed, delivered } = this.counts;
    return owed > 0 ? delivered / owed : null;
  }
}
