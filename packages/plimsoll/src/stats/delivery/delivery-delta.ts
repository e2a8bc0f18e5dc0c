/** What became of a fan-out's messages: the part that was settled since the last word, and what is known of it as a whole. */
import type { HistogramDelta } from '../snapshot.ts';

/** Pairs of (message, subscriber) but for the first two, which are messages. */
export interface DeliveryCounts {
  readonly published: number;
  /** Messages whose publishing failed: nobody is owed them. One that was still going on at the end is in neither count. */
  readonly unpublished: number;
  readonly owed: number;
  /** Of `owed`. owed = delivered + lost. */
  readonly delivered: number;
  /** Owed, and not there when the drain was over. */
  readonly lost: number;
  /** Arrivals beyond the first one. */
  readonly duplicated: number;
  /** Arrived within the drain, after one that was published later, to the same room by the same publisher. */
  readonly reordered: number;
  /** Arrived after the drain: those that were owed are counted in `lost` too. */
  readonly late: number;
  /**
   * So near to a join, a leave or the end that nobody can say whether they were owed; and arrivals of messages that could
   * not be published, or whose publishing had not ended.
   */
  readonly ambiguous: number;
  /** Those of `ambiguous` that arrived. */
  readonly ambiguousReceived: number;
  /** Arrived at a subscriber that was not in the room. */
  readonly leaked: number;
  /** Arrivals that name no message that a publisher has told of, or no single one. */
  readonly unknown: number;
  /** Events that the tool did not publish. */
  readonly foreign: number;
  /** Published while the subscriber's connection was gone: not owed, but missed. */
  readonly missed: number;
  /** All arrivals that have been put into one of the classes above. */
  readonly received: number;
  /** Arrivals as the workers counted them, apart from that. */
  readonly heard: number;
}

export interface DeliveryDelta extends DeliveryCounts {
  /** Of each delivery: arrived − due. */
  readonly latency: HistogramDelta;
  /** Of each message: its first, median, 99th-percentile and last delivery, and last − first. */
  readonly first: HistogramDelta;
  readonly p50: HistogramDelta;
  readonly p99: HistogramDelta;
  readonly last: HistogramDelta;
  readonly skew: HistogramDelta;
  /** The sentinels alone: their worker has nothing else to read. */
  readonly sentinelLatency: HistogramDelta;
  readonly sentinelSkew: HistogramDelta;
  /** Of each subscriber that came back: how long it was away. */
  readonly away: HistogramDelta;
  /** What of the skew is the time that the observer itself takes to read so many sockets, as predicted; both summed over messages. */
  readonly predictedDrainUs: number;
  readonly skewSumUs: number;
  readonly detail: DeliveryDetail;
}

export interface RoomDelivery {
  readonly room: number;
  readonly published: number;
  readonly owed: number;
  readonly delivered: number;
  readonly lost: number;
  readonly leaked: number;
  readonly latency: HistogramDelta;
}

/** What went wrong for one subscriber. */
export interface SubscriberTrouble {
  readonly subscriber: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly reordered: number;
  readonly leaked: number;
  readonly missed: number;
}

/** −1 stands for what is not known: the publisher of an event of others, and all of a message that nobody said to have published. */
export interface DeliveryIncident {
  readonly kind: 'lost' | 'duplicated' | 'reordered' | 'late' | 'leaked';
  readonly subscriber: number;
  readonly room: number;
  readonly publisher: number;
  readonly sequence: number;
  /** When it was published, in ms of the shared clock. */
  readonly sentMs: number;
}

/** How subscribers whose connection was cut or lost came back. */
export interface Recovery {
  /** Times a subscriber's connection went. */
  readonly gone: number;
  readonly back: number;
  readonly attempts: number;
  readonly peakAttemptsPerSecond: number;
  /** Until half, 95 % and all of those gone were back, from when each went; null where so many never were. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly allMs: number | null;
  /** Messages that the one who missed most has missed. */
  readonly mostMissed: number;
}

/** As it stands: the whole test so far, bounded. */
export interface DeliveryDetail {
  readonly rooms: readonly RoomDelivery[];
  readonly moreRooms: number;
  /** The worst, at most ten. */
  readonly subscribers: readonly SubscriberTrouble[];
  /** How many subscribers something went wrong for. */
  readonly troubled: number;
  /** At most ten of each kind. */
  readonly incidents: readonly DeliveryIncident[];
  /** Subscribers that are in a room of theirs now. */
  readonly present: number;
  /** Subscribers that are not in a room that they have asked for, because a join came to nothing. */
  readonly unjoined: number;
  /** One that publishing gave back for several messages; undefined: each had its own. */
  readonly sharedId?: string;
  /** undefined while no connection has gone. */
  readonly recovery?: Recovery;
}
