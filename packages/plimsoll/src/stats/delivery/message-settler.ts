/** The reckoning of one message: who was owed it, who had it, how late, and who should not have had it. */
import type { DeliveryIncident } from './delivery-delta.ts';
import type { DeliveryTally } from './delivery-tally.ts';
import type { Memberships, RoomStay } from './memberships.ts';
import type { MessageRecord } from './message-record.ts';
import type { SettledMessage } from './settled-messages.ts';

export interface SettlerOptions {
  readonly memberships: Memberships;
  readonly tally: DeliveryTally;
  /** Subscribers below it are sentinels. */
  readonly sentinels: number;
  /** What comes so long after it was published is late. */
  readonly drainMs: number;
  readonly workerOf: ReadonlyMap<number, number>;
  /** By worker: what one delivery costs it, in µs. */
  readonly drainUs: ReadonlyMap<number, number>;
}

export class MessageSettler {
  readonly #options: SettlerOptions;

  constructor(options: SettlerOptions) {
    this.#options = options;
  }

  /** @param isWhole the whole drain has passed: what has not come is lost; else nobody can say */
  settle(record: MessageRecord, isWhole: boolean): void {
    const { tally, memberships } = this.#options;
    const { arrivals, repeats } = record;
    const received = arrivals.size + repeats.length;
    tally.counts.received += received;
    if (record.state === 'unknown') {
      tally.counts.unknown += received;
      return;
    }
    for (const subscriber of repeats) this.duplicated(record, subscriber);
    this.#takeLate(record);
    const members = memberships.in(record.room);
    const delivered: number[] = [];
    for (const [subscriber, stays] of members ?? []) this.#member(record, subscriber, stays, isWhole, delivered);
    for (const subscriber of arrivals.keys()) {
      if (members?.has(subscriber) !== true) this.#leak(record, subscriber);
    }
    if (delivered.length > 0) this.#latencies(record, delivered);
  }

  /** An arrival behind the drain. Nothing counts as delivered there; who was not in the room was not to have it at any hour. */
  late(message: MessageRecord | SettledMessage, subscriber: number): void {
    const { tally } = this.#options;
    if (this.#isLeak(message, subscriber)) {
      this.#leak(message, subscriber);
      return;
    }
    tally.counts.late++;
    tally.remember(incidentOf('late', message, subscriber));
  }

  duplicated(message: MessageRecord | SettledMessage, subscriber: number): void {
    this.#options.tally.trouble('duplicated', subscriber, incidentOf('duplicated', message, subscriber));
  }

  #takeLate(record: MessageRecord): void {
    const { drainMs } = this.#options;
    for (const [subscriber, atMs] of record.arrivals) {
      if (!record.isLate(atMs, drainMs)) continue;
      record.arrivals.delete(subscriber);
      this.late(record, subscriber);
    }
  }

  #isLeak({ room, sentMs, state }: MessageRecord | SettledMessage, subscriber: number): boolean {
    const { memberships } = this.#options;
    const stays = memberships.of(room, subscriber);
    if (stays === undefined) return true;
    return state === 'published' && memberships.claim(stays, sentMs) === 'outside' && wasBefore(stays, sentMs);
  }

  #member(
    record: MessageRecord,
    subscriber: number,
    stays: readonly RoomStay[],
    isWhole: boolean,
    delivered: number[],
  ): void {
    const { tally, memberships } = this.#options;
    const { counts } = tally;
    const hasIt = record.arrivals.has(subscriber);
    const claim = record.state === 'published' ? memberships.claim(stays, record.sentMs) : 'ambiguous';
    // What came under an id of several messages may have been this one.
    const isSure = isWhole && record.shared?.isHeard !== true;
    if (claim === 'owed' && (hasIt || isSure)) {
      this.#owed(record, subscriber, hasIt);
      if (hasIt) delivered.push(subscriber);
      return;
    }
    if (claim === 'away' && !hasIt) tally.trouble('missed', subscriber);
    else if (claim === 'outside' && hasIt && wasBefore(stays, record.sentMs)) this.#leak(record, subscriber);
    else if (claim !== 'outside' || hasIt) {
      if (record.state !== 'published' && !hasIt) return;
      counts.ambiguous++;
      if (hasIt) counts.ambiguousReceived++;
    }
  }

  #owed(record: MessageRecord, subscriber: number, hasIt: boolean): void {
    const { tally } = this.#options;
    const room = tally.room(record.room);
    tally.counts.owed++;
    if (room !== undefined) room.owed++;
    if (hasIt) {
      tally.counts.delivered++;
      if (room !== undefined) room.delivered++;
    } else {
      if (room !== undefined) room.lost++;
      tally.trouble('lost', subscriber, incidentOf('lost', record, subscriber));
    }
  }

  #leak(record: MessageRecord | SettledMessage, subscriber: number): void {
    const { tally } = this.#options;
    const room = tally.room(record.room);
    if (room !== undefined) room.leaked++;
    tally.trouble('leaked', subscriber, incidentOf('leaked', record, subscriber));
  }

  #latencies({ arrivals, dueMs, room }: MessageRecord, delivered: readonly number[]): void {
    const { tally, sentinels } = this.#options;
    const roomLatency = tally.room(room)?.latency;
    const latencies = new Float64Array(delivered.length);
    const ofSentinels: number[] = [];
    for (const [at, subscriber] of delivered.entries()) {
      const us = Math.max(0, (arrivals.get(subscriber)! - dueMs) * 1000);
      latencies[at] = us;
      tally.latency.record(us);
      roomLatency?.record(us);
      if (subscriber < sentinels) ofSentinels.push(us);
    }
    latencies.sort();
    const first = latencies[0]!;
    const last = latencies[latencies.length - 1]!;
    tally.first.record(first);
    tally.p50.record(nearestRank(latencies, 0.5));
    tally.p99.record(nearestRank(latencies, 0.99));
    tally.last.record(last);
    if (latencies.length > 1) {
      tally.skew.record(last - first);
      tally.skewSumUs += last - first;
      tally.predictedDrainUs += this.#predictedDrainUs(delivered);
    }
    for (const us of ofSentinels) tally.sentinelLatency.record(us);
    if (ofSentinels.length > 1) tally.sentinelSkew.record(Math.max(...ofSentinels) - Math.min(...ofSentinels));
  }

  /** Had the message been ready at all sockets at once, the slowest worker would have read its last one so much later than its first. */
  #predictedDrainUs(delivered: readonly number[]): number {
    const { workerOf, drainUs } = this.#options;
    const counts = new Map<number, number>();
    for (const subscriber of delivered) {
      const worker = workerOf.get(subscriber) ?? 0;
      counts.set(worker, (counts.get(worker) ?? 0) + 1);
    }
    let longest = 0;
    for (const [worker, count] of counts) longest = Math.max(longest, (count - 1) * (drainUs.get(worker) ?? 0));
    return longest;
  }
}

export function incidentOf(
  kind: DeliveryIncident['kind'],
  { room, publisher, sequence, sentMs }: Pick<MessageRecord, 'room' | 'publisher' | 'sequence' | 'sentMs'>,
  subscriber: number,
): DeliveryIncident {
  return { kind, subscriber, room, publisher, sequence, sentMs };
}

/** It had left the room when the message was published. One that was published before it joined may be a replay. */
function wasBefore(stays: readonly RoomStay[], sentMs: number): boolean {
  return stays.every((stay) => stay.leftMs < sentMs);
}

function nearestRank(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}
