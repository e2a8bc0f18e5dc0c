/** What is said of a fan-out: its result, what thresholds may ask of it, and its books. */
import type { DeliveryResult } from '../model/result.ts';
import { Histogram } from '../stats/histogram.ts';
import type { DeliveryTotals } from '../stats/delivery/delivery-totals.ts';
import { summarise } from '../stats/summary.ts';
import { encodeHdrV2 } from '../stats/hdr-v2.ts';

/** Above it the skew says more about this machine than about the service (design: sockets). */
const observerShareLimit = 0.2;

/**
 * The skew as it may be judged: of all subscribers, or of the sentinels where the crowd's holds too much of our own time.
 * 'nobody': the crowd's, which may then speak for the service and never against it.
 */
export interface JudgedSkew {
  readonly of: 'all' | 'sentinels' | 'nobody';
  readonly histogram: Histogram;
}

export function judgedSkew({ times, observerShare }: DeliveryTotals): JudgedSkew {
  if (observerShare !== null && observerShare <= observerShareLimit) return { of: 'all', histogram: times.skew };
  if (times.sentinelSkew.count > 0) return { of: 'sentinels', histogram: times.sentinelSkew };
  return { of: 'nobody', histogram: times.skew };
}

/** @param startMs of the load, on the clock of the incidents */
export function deliveryResult(totals: DeliveryTotals): DeliveryResult {
  const { counts, times, detail, reach, observerShare, predictedDrainUs } = totals;
  const { heard: _heard, ...shown } = counts;
  const messages = times.skew.count;
  return {
    ...shown,
    unjoined: detail.unjoined,
    reach,
    latency: summarise(times.latency),
    perMessage: {
      first: summarise(times.first),
      p50: summarise(times.p50),
      p99: summarise(times.p99),
      last: summarise(times.last),
      skew: summarise(times.skew),
    },
    observer: {
      drain: messages > 0 ? predictedDrainUs / 1000 / messages : null,
      share: observerShare,
      skewOf: judgedSkew(totals).of,
    },
    ...(times.sentinelLatency.count > 0 && {
      sentinels: { latency: summarise(times.sentinelLatency), skew: summarise(times.sentinelSkew) },
    }),
    rooms: detail.rooms.map(({ latency, ...room }) => {
      const histogram = new Histogram();
      histogram.add(latency);
      const { mean, p50, p95, p99, max } = summarise(histogram);
      return { ...room, latency: { mean, p50, p95, p99, max } };
    }),
    moreRooms: detail.moreRooms,
    subscribers: [...detail.subscribers],
    troubled: detail.troubled,
    incidents: detail.incidents.map(({ sentMs: _sentMs, ...incident }) => incident),
    ...(detail.sharedId !== undefined && { sharedId: detail.sharedId }),
    ...(detail.recovery !== undefined && { recovery: detail.recovery }),
    histogram: encodeHdrV2(times.latency),
  };
}

/** owed = delivered + lost; and every arrival is in one class, which the workers count apart from the host. */
export function deliveryBreaches({ counts }: DeliveryTotals, isWhole: boolean): string[] {
  const breaches: string[] = [];
  const equal = (left: number, right: number, sentence: string): void => {
    if (left !== right) breaches.push(`${sentence}: ${left} against ${right}`);
  };
  const { owed, delivered, lost, received, duplicated, late, ambiguousReceived, leaked, unknown, foreign } = counts;
  equal(owed, delivered + lost, 'deliveries owed = delivered + lost');
  equal(
    received,
    delivered + duplicated + late + ambiguousReceived + leaked + unknown + foreign,
    'arrivals = delivered + duplicated + late + ambiguous + leaked + unknown + foreign',
  );
  if (isWhole) equal(counts.heard, received, 'arrivals as the workers counted them = arrivals in the books');
  return breaches;
}
