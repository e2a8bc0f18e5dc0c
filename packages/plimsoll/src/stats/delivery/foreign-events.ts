/**
 * Events that the tool did not publish. Nobody knows who was owed them, but each source numbers its own in each room: for every
 * subscriber that stream has an order and duplicates, and what comes of a room that it had not asked for is a leak.
 */
import type { ForeignEvent } from './delivery-batch.ts';
import type { DeliveryTally } from './delivery-tally.ts';
import { inMap } from './in-map.ts';
import type { Memberships } from './memberships.ts';
import { SequenceWindow } from './sequence-window.ts';

type BySubscriber = Map<number, SequenceWindow>;

export class ForeignEvents {
  readonly #memberships: Memberships;
  readonly #tally: DeliveryTally;
  /** By room, source and subscriber: no text is made for an event. */
  readonly #windows = new Map<number, Map<string, BySubscriber>>();

  constructor(memberships: Memberships, tally: DeliveryTally) {
    this.#memberships = memberships;
    this.#tally = tally;
  }

  add({ subscriber, room, source, sequence, atMs }: ForeignEvent): void {
    const { counts } = this.#tally;
    counts.received++;
    const incident = { subscriber, room, publisher: -1, sequence, sentMs: atMs };
    if (!this.#memberships.knows(room, subscriber, atMs)) {
      const tally = this.#tally.room(room);
      if (tally !== undefined) tally.leaked++;
      this.#tally.trouble('leaked', subscriber, { kind: 'leaked', ...incident });
      return;
    }
    const arrival = this.#windowOf(room, source, subscriber).accept(sequence);
    // A duplicate is a class of its own in the books; a reordered one is an arrival like any other.
    if (arrival !== 'duplicate') counts.foreign++;
    if (arrival === 'new') return;
    const kind = arrival === 'duplicate' ? 'duplicated' : 'reordered';
    this.#tally.trouble(kind, subscriber, { kind, ...incident });
  }

  #windowOf(room: number, source: string, subscriber: number): SequenceWindow {
    const ofRoom = inMap(this.#windows, room, () => new Map<string, BySubscriber>());
    const ofSource = inMap(ofRoom, source, () => new Map<number, SequenceWindow>());
    return inMap(ofSource, subscriber, () => new SequenceWindow());
  }
}
