/**
 * The books of a fan-out, kept by the host alone: workers tell what was published, who was in which room and what arrived;
 * owed, delivered and lost follow from it here, once a message's drain is over. Then its state is dropped.
 *
 * Arrivals are looked at in the order in which each subscriber had them, one look-back behind the workers' words: by then its
 * publisher, in whatever worker, has said what the message is.
 */
import type { DeliveryBatch, ForeignEvent, Publication } from './delivery-batch.ts';
import type { DeliveryDelta } from './delivery-delta.ts';
import { DeliveryTally } from './delivery-tally.ts';
import { Memberships } from './memberships.ts';
import { MessageRecord, readStamp } from './message-record.ts';
import { MessageSettler } from './message-settler.ts';
import { RecoveryBook } from './recovery-book.ts';
import { SequenceWindow } from './sequence-window.ts';

export interface LedgerOptions {
  /** Of the stamps of this run. */
  readonly nonce: string;
  readonly guardMs: number;
  /** A message is settled so long after it was published. */
  readonly drainMs: number;
  /** Subscribers below it are sentinels. */
  readonly sentinels: number;
}

/** How far behind the workers' words arrivals are looked at: longer than it takes to publish. */
const lookBackMs = 1000;
/** Settled messages that are still known by name: what arrives of them is late, not unknown. */
const mostSettled = 50_000;

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
  readonly #messages = new Map<string, MessageRecord>();
  readonly #settled = new Set<string>();
  readonly #queue: Queued[] = [];
  /** By subscriber and stream. */
  readonly #expected = new Map<string, number>();
  readonly #windows = new Map<string, SequenceWindow>();
  /** Subscribers that are in a room now. */
  readonly #present = new Set<number>();
  readonly #workerOf = new Map<number, number>();
  readonly #drainUs = new Map<number, number>();
  readonly #untilMs = new Map<number, number>();

  constructor(options: LedgerOptions) {
    this.#options = options;
    this.#memberships = new Memberships(options.guardMs);
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
    const { worker, untilMs, memberships, published, returns, foreign, drainUs, heard } = batch;
    this.#untilMs.set(worker, untilMs);
    this.#drainUs.set(worker, drainUs);
    this.#tally.counts.heard += heard;
    for (const change of memberships) {
      this.#workerOf.set(change.subscriber, worker);
      this.#memberships.add(change);
      this.#recovery.change(change);
      if (change.change === 'joined') this.#present.add(change.subscriber);
      else if (change.change !== 'requested') this.#present.delete(change.subscriber);
    }
    for (const event of returns) this.#recovery.add(event);
    for (const publication of published) this.#publish(publication);
    for (const event of foreign) this.#foreign(event);
    if (batch.receivedMs.length > 0) this.#queue.push({ batch, at: 0 });
  }

  /** Nothing more will be heard of this worker: its subscribers are owed nothing from its last word on. */
  lose(worker: number): void {
    const atMs = this.#untilMs.get(worker) ?? 0;
    for (const [subscriber, at] of this.#workerOf) {
      if (at !== worker) continue;
      this.#memberships.end(subscriber, atMs);
      this.#present.delete(subscriber);
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
    return this.#tally.take(this.#recovery.result(this.#tally.mostMissed), this.#present.size);
  }

  /** The test is over: everything is settled, and what might still have come is not called lost. */
  finish(endMs: number): DeliveryDelta {
    this.#arrive(Infinity);
    this.#settle(Infinity, endMs);
    return this.#tally.take(this.#recovery.result(this.#tally.mostMissed), this.#present.size);
  }

  #publish(publication: Publication): void {
    const { counts } = this.#tally;
    if (publication.ok) counts.published++;
    else counts.unpublished++;
    const room = this.#tally.room(publication.room);
    if (room !== undefined && publication.ok) room.published++;
    // Its publishing took longer than the drain: what arrived of it has been counted as unknown.
    if (this.#settled.has(publication.key)) return;
    this.#record(publication.key, publication.sentMs).publish(publication);
  }

  #record(key: string, atMs: number): MessageRecord {
    const known = this.#messages.get(key);
    if (known !== undefined) return known;
    const record = new MessageRecord(key, atMs);
    const stamp = readStamp(key, this.#options.nonce);
    if (stamp !== undefined) Object.assign(record, stamp);
    this.#messages.set(key, record);
    return record;
  }

  /** Each worker's arrivals up to there, in their order. */
  #arrive(horizonMs: number): void {
    for (const queued of this.#queue) {
      const { batch } = queued;
      const { keys, received, receivedMs } = batch;
      while (queued.at < receivedMs.length && receivedMs[queued.at]! <= horizonMs) {
        const at = queued.at++;
        this.#arrival(keys[received[2 * at]!]!, received[2 * at + 1]!, receivedMs[at]!);
      }
    }
    const open = this.#queue.filter(({ batch, at }) => at < batch.receivedMs.length);
    this.#queue.length = 0;
    this.#queue.push(...open);
  }

  /** Hot path of the host. */
  #arrival(key: string, subscriber: number, atMs: number): void {
    if (this.#settled.has(key)) {
      this.#late(key, subscriber);
      return;
    }
    const record = this.#record(key, atMs);
    if (record.arrivals.has(subscriber)) {
      this.#tally.counts.received++;
      this.#tally.trouble('duplicated', subscriber, this.#settler.incident('duplicated', record, subscriber));
      return;
    }
    record.arrivals.set(subscriber, atMs);
    if (record.sequence < 0) return;
    const stream = `${subscriber}/${record.room}/${record.publisher}`;
    const expected = this.#expected.get(stream) ?? 0;
    if (record.sequence >= expected) this.#expected.set(stream, record.sequence + 1);
    else this.#tally.trouble('reordered', subscriber, this.#settler.incident('reordered', record, subscriber));
  }

  #late(key: string, subscriber: number): void {
    const { counts } = this.#tally;
    counts.late++;
    counts.received++;
    const stamp = readStamp(key, this.#options.nonce) ?? { room: -1, publisher: -1, sequence: -1 };
    this.#tally.remember({ kind: 'late', subscriber, ...stamp, sentMs: 0 });
  }

  #foreign({ subscriber, room, source, sequence, atMs }: ForeignEvent): void {
    const { counts } = this.#tally;
    counts.received++;
    const incident = { subscriber, room, publisher: -1, sequence, sentMs: atMs };
    if (!this.#memberships.knows(room, subscriber, atMs)) {
      const tally = this.#tally.room(room);
      if (tally !== undefined) tally.leaked++;
      this.#tally.trouble('leaked', subscriber, { kind: 'leaked', ...incident });
      return;
    }
    const key = `${subscriber}/${room}/${source}`;
    let window = this.#windows.get(key);
    if (!window) this.#windows.set(key, (window = new SequenceWindow()));
    const arrival = window.accept(sequence);
    // A duplicate is a class of its own in the books; a reordered one is an arrival like any other.
    if (arrival !== 'duplicate') counts.foreign++;
    if (arrival === 'new') return;
    const kind = arrival === 'duplicate' ? 'duplicated' : 'reordered';
    this.#tally.trouble(kind, subscriber, { kind, ...incident });
  }

  #settle(horizonMs: number, endMs: number): void {
    const { drainMs } = this.#options;
    for (const [key, record] of this.#messages) {
      const sentMs = record.state === 'unknown' ? record.firstSeenMs : record.sentMs;
      if (sentMs + drainMs > horizonMs) continue;
      this.#messages.delete(key);
      this.#settler.settle(record, sentMs + drainMs <= endMs);
      this.#settled.add(key);
    }
    for (const key of this.#settled) {
      if (this.#settled.size <= mostSettled) break;
      this.#settled.delete(key);
    }
  }
}
