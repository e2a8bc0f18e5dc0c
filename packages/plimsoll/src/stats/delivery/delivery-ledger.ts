/**
 * The books of a fan-out, kept by the host alone: workers tell what was published, who was in which room and what arrived;
 * owed, delivered and lost follow from it here, once a message's drain is over and its publisher has told what became of it.
 * Then its state is dropped.
 *
 * Arrivals are looked at in the order in which each subscriber had them, one look-back behind the workers' words: by then its
 * publisher, in whatever worker, has said what the message is.
 */
import type { Beginning, DeliveryBatch, Publication } from './delivery-batch.ts';
import type { DeliveryDelta } from './delivery-delta.ts';
import { DeliveryTally } from './delivery-tally.ts';
import { ForeignEvents } from './foreign-events.ts';
import { inMap } from './in-map.ts';
import { Memberships } from './memberships.ts';
import { isOwnKey, MessageRecord, readStamp, type Stamp } from './message-record.ts';
import { incidentOf, MessageSettler } from './message-settler.ts';
import { RecoveryBook } from './recovery-book.ts';
import { SettledMessage, SettledMessages } from './settled-messages.ts';
import { SharedId, SharedIds } from './shared-ids.ts';

export interface LedgerOptions {
  /** Of the stamps of this run. */
  readonly nonce: string;
  readonly guardMs: number;
  /** A message is settled so long after it was published, and not before its publisher has told what became of that. */
  readonly drainMs: number;
  /** Subscribers below it are sentinels. */
  readonly sentinels: number;
}

/** How far behind the workers' words arrivals are looked at: longer than it takes to publish. */
const lookBackMs = 1000;
/** What comes under an id waits so long for a publishing that had begun before it, and may yet give the id back. */
const longestPublishingMs = 60_000;
/** Of settled messages, those that are still known: what arrives of them is late, not unknown. */
const mostSettledNames = 50_000;

/** What an arrival names. */
type Named = MessageRecord | SettledMessage | SharedId;

interface Queued {
  readonly batch: DeliveryBatch;
  at: number;
}

export class DeliveryLedger {
  readonly #options: LedgerOptions;
  readonly #memberships: Memberships;
  readonly #tally = new DeliveryTally();
  readonly #recovery = new RecoveryBook();
  readonly #settler: MessageSettler;
  /** By stamp, and by the service's own id. */
  readonly #messages = new Map<string, MessageRecord>();
  readonly #settled = new SettledMessages(mostSettledNames);
  readonly #sharedIds = new SharedIds();
  readonly #queue: Queued[] = [];
  /** By room, publisher and subscriber. */
  readonly #expected = new Map<number, Map<number, Map<number, number>>>();
  readonly #foreign: ForeignEvents;
  /** Subscribers that are in a room now. */
  readonly #present = new Set<number>();
  readonly #workerOf = new Map<number, number>();
  readonly #drainUs = new Map<number, number>();
  readonly #untilMs = new Map<number, number>();

  constructor(options: LedgerOptions) {
    this.#options = options;
    this.#memberships = new Memberships(options.guardMs);
    this.#foreign = new ForeignEvents(this.#memberships, this.#tally);
    this.#settler = new MessageSettler({
      memberships: this.#memberships,
      tally: this.#tally,
      sentinels: options.sentinels,
      drainMs: options.drainMs,
      workerOf: this.#workerOf,
      drainUs: this.#drainUs,
    });
  }

  add(batch: DeliveryBatch): void {
    const { worker, untilMs, memberships, begun, published, returns, foreign, drainUs, heard } = batch;
    this.#untilMs.set(worker, untilMs);
    this.#drainUs.set(worker, drainUs);
    this.#tally.counts.heard += heard;
    for (const change of memberships) {
      this.#workerOf.set(change.subscriber, worker);
      this.#memberships.add(change);
      if (change.change === 'joined') this.#present.add(change.subscriber);
      else if (change.change !== 'requested') this.#present.delete(change.subscriber);
    }
    for (const event of returns) this.#recovery.add(event);
    for (const beginning of begun) this.#begin(beginning, worker);
    for (const publication of published) this.#publish(publication, worker);
    for (const event of foreign) this.#foreign.add(event);
    if (batch.receivedMs.length > 0) this.#queue.push({ batch, at: 0 });
  }

  /**
   * Nothing more will be heard of this worker: its subscribers are owed nothing from its last word on, and nobody is owed what
   * it was publishing.
   */
  lose(worker: number): void {
    const atMs = this.#untilMs.get(worker) ?? 0;
    for (const [subscriber, at] of this.#workerOf) {
      if (at !== worker) continue;
      this.#memberships.end(subscriber, atMs);
      this.#present.delete(subscriber);
    }
    for (const record of this.#messages.values()) {
      if (record.state === 'begun' && record.worker === worker) record.state = 'unpublished';
    }
  }

  /**
   * What was settled since the last call.
   *
   * @param toldMs up to here every worker has told everything
   */
  advance(toldMs: number): DeliveryDelta {
    const horizonMs = toldMs - lookBackMs;
    this.#arrive(horizonMs);
    this.#settle(horizonMs, Infinity);
    return this.#take(toldMs);
  }

  /** The test is over: everything is settled, and what might still have come is not called lost. */
  finish(endMs: number): DeliveryDelta {
    this.#arrive(Infinity);
    this.#settle(Infinity, endMs);
    return this.#take(endMs);
  }

  #take(toldMs: number): DeliveryDelta {
    return this.#tally.take({
      away: this.#recovery.takeTimes(),
      recovery: this.#recovery.result(this.#tally.mostMissed, toldMs),
      present: this.#present.size,
      unjoined: this.#memberships.unjoined,
      sharedId: this.#sharedIds.example,
    });
  }

  #begin(beginning: Beginning, worker: number): void {
    const record = this.#record(beginning.key, beginning.sentMs);
    record.begin(beginning, worker);
    record.expected = this.#expectedOf(record);
  }

  #publish(publication: Publication, worker: number): void {
    const { counts } = this.#tally;
    if (publication.ok) counts.published++;
    else counts.unpublished++;
    const room = this.#tally.room(publication.room);
    if (room !== undefined && publication.ok) room.published++;
    const { key, ownKey } = publication;
    const record = this.#record(key, publication.sentMs);
    record.publish(publication, worker);
    record.expected = this.#expectedOf(record);
    if (ownKey !== undefined) this.#claim(ownKey, record);
  }

  /** The id is this message's, with what has come under it, unless it is another one's already. */
  #claim(ownKey: string, record: MessageRecord): void {
    const shared = this.#sharedIds.find(ownKey);
    const other = this.#messages.get(ownKey);
    const settled = this.#settled.find(ownKey);
    if (shared !== undefined) {
      record.shared = shared;
    } else if (other !== undefined && other.state !== 'unknown') {
      record.shared = other.shared = this.#sharedIds.add(ownKey, other.isHeardById);
      other.ownKey = undefined;
      this.#messages.delete(ownKey);
    } else if (settled?.state === 'unknown') {
      // It was told of too late: who had it under this id has been counted as unknown, and nobody can say who had not.
      record.shared = new SharedId(true);
    } else if (settled !== undefined) {
      record.shared = this.#sharedIds.add(ownKey, settled.isHeardById);
    } else {
      record.ownKey = ownKey;
      this.#messages.set(ownKey, record);
      if (other !== undefined) this.#takeOver(other, record);
    }
  }

  /** What came before the publisher had told of the message. */
  #takeOver(heard: MessageRecord, record: MessageRecord): void {
    record.isHeardById = true;
    for (const [subscriber, atMs] of heard.arrivals) {
      if (record.arrivals.has(subscriber)) record.repeats.push(subscriber);
      else record.arrivals.set(subscriber, atMs);
    }
    for (const subscriber of heard.repeats) record.repeats.push(subscriber);
  }

  #record(key: string, atMs: number): MessageRecord {
    const known = this.#messages.get(key);
    if (known !== undefined) return known;
    const record = new MessageRecord(key, atMs);
    const stamp = readStamp(key, this.#options.nonce);
    if (stamp !== undefined) {
      Object.assign(record, stamp);
      record.expected = this.#expectedOf(stamp);
    }
    this.#messages.set(key, record);
    return record;
  }

  #expectedOf({ room, publisher }: Stamp): Map<number, number> {
    const ofRoom = inMap(this.#expected, room, () => new Map<number, Map<number, number>>());
    return inMap(ofRoom, publisher, () => new Map<number, number>());
  }

  /** Each worker's arrivals up to there, in their order. Many are of one message: its name is looked up once. */
  #arrive(horizonMs: number): void {
    for (const queued of this.#queue) {
      const { batch } = queued;
      const { keys, received, receivedMs } = batch;
      const named = new Array<Named | undefined>(keys.length);
      while (queued.at < receivedMs.length && receivedMs[queued.at]! <= horizonMs) {
        const at = queued.at++;
        const index = received[2 * at]!;
        const atMs = receivedMs[at]!;
        const to = (named[index] ??= this.#named(keys[index]!, atMs));
        const subscriber = received[2 * at + 1]!;
        if (to instanceof MessageRecord) this.#arrival(to, subscriber, atMs);
        else if (to instanceof SettledMessage) this.#late(to, subscriber);
        else this.#ofNoOne(to);
      }
    }
    const open = this.#queue.filter(({ batch, at }) => at < batch.receivedMs.length);
    this.#queue.length = 0;
    this.#queue.push(...open);
  }

  #named(key: string, atMs: number): Named {
    const other = this.#sharedIds.find(key) ?? this.#settled.find(key);
    if (other !== undefined) return other;
    const record = this.#record(key, atMs);
    if (key !== record.key) record.isHeardById = true;
    return record;
  }

  /** Hot path of the host: no text is made, and none looked up. */
  #arrival(record: MessageRecord, subscriber: number, atMs: number): void {
    const { drainMs } = this.#options;
    const { arrivals, repeats, expected, sequence } = record;
    if (arrivals.has(subscriber)) {
      repeats.push(subscriber);
      return;
    }
    arrivals.set(subscriber, atMs);
    // What is late is lost, and has no place in the order, whether the books of its message are closed by now or not.
    if (expected === undefined || record.isLate(atMs, drainMs)) return;
    if (sequence >= (expected.get(subscriber) ?? 0)) expected.set(subscriber, sequence + 1);
    else this.#tally.trouble('reordered', subscriber, incidentOf('reordered', record, subscriber));
  }

  #late(message: SettledMessage, subscriber: number): void {
    const { counts } = this.#tally;
    counts.received++;
    if (message.state === 'unknown') counts.unknown++;
    else if (message.arrive(subscriber)) this.#settler.late(message, subscriber);
    else this.#settler.duplicated(message, subscriber);
  }

  #ofNoOne(shared: SharedId): void {
    shared.isHeard = true;
    this.#tally.counts.unknown++;
    this.#tally.counts.received++;
  }

  #settle(horizonMs: number, endMs: number): void {
    const { drainMs } = this.#options;
    const begunMs = this.#oldestBegunMs();
    for (const record of this.#messages.values()) {
      if (this.#dueMs(record, begunMs) > horizonMs) continue;
      const sentMs = record.state === 'unknown' ? record.firstSeenMs : record.sentMs;
      const { names } = record;
      for (const name of names) this.#messages.delete(name);
      const settled = new SettledMessage(record);
      this.#settler.settle(record, sentMs + drainMs <= endMs);
      this.#settled.add(names, settled, Math.max(sentMs + drainMs, horizonMs) + drainMs);
    }
    this.#settled.forget(horizonMs);
  }

  /** Of those messages whose publishers have not told yet what became of them; Infinity: there is none. */
  #oldestBegunMs(): number {
    let oldestMs = Infinity;
    for (const { state, sentMs } of this.#messages.values()) {
      if (state === 'begun') oldestMs = Math.min(oldestMs, sentMs);
    }
    return oldestMs;
  }

  /** When the books of a message may be closed; Infinity: with those of the test, unless its publisher tells before. */
  #dueMs({ state, key, sentMs, firstSeenMs }: MessageRecord, begunMs: number): number {
    const { drainMs } = this.#options;
    if (state === 'begun') return Infinity;
    if (state !== 'unknown') return sentMs + drainMs;
    const mayBeNamed = isOwnKey(key) && begunMs <= firstSeenMs;
    return firstSeenMs + (mayBeNamed ? Math.max(drainMs, longestPublishingMs) : drainMs);
  }
}
