/** The counts and histograms of a fan-out since the last word, and what is kept of it as a whole. */
import { Histogram } from '../histogram.ts';
import type { HistogramDelta } from '../snapshot.ts';
import type {
  DeliveryCounts,
  DeliveryDelta,
  DeliveryDetail,
  DeliveryIncident,
  Recovery,
  RoomDelivery,
  SubscriberTrouble,
} from './delivery-delta.ts';

const mostRooms = 50;
const mostSubscribers = 10;
const mostIncidents = 10;

export const noCounts: DeliveryCounts = {
  published: 0,
  unpublished: 0,
  owed: 0,
  delivered: 0,
  lost: 0,
  duplicated: 0,
  reordered: 0,
  late: 0,
  ambiguous: 0,
  ambiguousReceived: 0,
  leaked: 0,
  unknown: 0,
  foreign: 0,
  missed: 0,
  received: 0,
  heard: 0,
};

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
type TroubleKind = Exclude<keyof SubscriberTrouble, 'subscriber'>;

/** What others know of the whole. */
export interface AsItStands {
  /** Since the last word. */
  readonly away: HistogramDelta;
  readonly recovery: Recovery | undefined;
  /** Subscribers that are in a room now. */
  readonly present: number;
  readonly unjoined: number;
  readonly sharedId: string | undefined;
}

class RoomTally {
  readonly room: number;
  readonly latency = new Histogram();
  published = 0;
  owed = 0;
  delivered = 0;
  lost = 0;
  leaked = 0;

  constructor(room: number) {
    this.room = room;
  }
}

export class DeliveryTally {
  counts: Mutable<DeliveryCounts> = { ...noCounts };
  readonly latency = new Histogram();
  readonly first = new Histogram();
  readonly p50 = new Histogram();
  readonly p99 = new Histogram();
  readonly last = new Histogram();
  readonly skew = new Histogram();
  readonly sentinelLatency = new Histogram();
  readonly sentinelSkew = new Histogram();
  predictedDrainUs = 0;
  skewSumUs = 0;
  readonly #rooms = new Map<number, RoomTally>();
  readonly #troubles = new Map<number, Mutable<SubscriberTrouble>>();
  readonly #incidents = new Map<string, DeliveryIncident[]>();

  /** undefined: so many rooms are told apart, and this is one more. */
  room(room: number): RoomTally | undefined {
    const known = this.#rooms.get(room);
    if (known !== undefined || this.#rooms.size >= 10 * mostRooms) return known;
    const tally = new RoomTally(room);
    this.#rooms.set(room, tally);
    return tally;
  }

  /** `count` in the counts too; `incident`: an example, where there is room for one. */
  trouble(kind: TroubleKind, subscriber: number, incident?: DeliveryIncident): void {
    this.counts[kind]++;
    let trouble = this.#troubles.get(subscriber);
    if (!trouble) {
      trouble = { subscriber, lost: 0, duplicated: 0, reordered: 0, leaked: 0, missed: 0 };
      this.#troubles.set(subscriber, trouble);
    }
    trouble[kind]++;
    if (incident !== undefined) this.remember(incident);
  }

  remember(incident: DeliveryIncident): void {
    let list = this.#incidents.get(incident.kind);
    if (!list) this.#incidents.set(incident.kind, (list = []));
    if (list.length < mostIncidents) list.push(incident);
  }

  /** Messages that the subscriber who missed most has missed. */
  get mostMissed(): number {
    let most = 0;
    for (const { missed } of this.#troubles.values()) most = Math.max(most, missed);
    return most;
  }

  take(asItStands: AsItStands): DeliveryDelta {
    const { counts, predictedDrainUs, skewSumUs } = this;
    this.counts = { ...noCounts };
    this.predictedDrainUs = this.skewSumUs = 0;
    return {
      ...counts,
      latency: this.latency.takeDelta(),
      first: this.first.takeDelta(),
      p50: this.p50.takeDelta(),
      p99: this.p99.takeDelta(),
      last: this.last.takeDelta(),
      skew: this.skew.takeDelta(),
      sentinelLatency: this.sentinelLatency.takeDelta(),
      sentinelSkew: this.sentinelSkew.takeDelta(),
      away: asItStands.away,
      predictedDrainUs,
      skewSumUs,
      detail: this.#detail(asItStands),
    };
  }

  #detail({ recovery, present, unjoined, sharedId }: AsItStands): DeliveryDetail {
    const rooms = [...this.#rooms.values()].sort((a, b) => b.lost + b.leaked - a.lost - a.leaked || a.room - b.room);
    const troubles = [...this.#troubles.values()].sort((a, b) => weight(b) - weight(a));
    return {
      rooms: rooms.slice(0, mostRooms).map((tally): RoomDelivery => {
        const { room, published, owed, delivered, lost, leaked, latency } = tally;
        return { room, published, owed, delivered, lost, leaked, latency: latency.toDelta() };
      }),
      moreRooms: Math.max(0, rooms.length - mostRooms),
      subscribers: troubles.slice(0, mostSubscribers).map((each) => ({ ...each })),
      troubled: troubles.length,
      incidents: [...this.#incidents.values()].flat(),
      present,
      unjoined,
      ...(sharedId !== undefined && { sharedId }),
      ...(recovery !== undefined && { recovery }),
    };
  }
}

function weight({ lost, duplicated, reordered, leaked, missed }: SubscriberTrouble): number {
  return lost + duplicated + reordered + leaked + missed;
}
