/** What one worker has to tell of a fan-out since its last word. Hot path: an arrival is two numbers and a look-up of its key. */
import type { Clock } from '../../../kernel/clock.ts';
import { assertReceived } from './received.ts';
import type { Received } from '../../../model/fan-out.ts';
import type {
  Beginning,
  DeliveryBatch,
  ForeignEvent,
  MembershipChange,
  Publication,
  ReturnEvent,
} from '../../../stats/delivery/delivery-batch.ts';

export class DeliveryRecorder {
  readonly #clock: Clock;
  #memberships: MembershipChange[] = [];
  /** By stamp. */
  readonly #begun = new Map<string, Beginning>();
  #published: Publication[] = [];
  #foreign: ForeignEvent[] = [];
  #returns: ReturnEvent[] = [];
  readonly #keys = new Map<string, number>();
  #received = new Uint32Array(1024);
  #receivedMs = new Float64Array(512);
  #count = 0;
  #heard = 0;
  // What the worker itself needs from one arrival to the next, where the next was there already: whatever stands ready at
  // once is read in one turn of the event loop, one after the other.
  #gapsMs = 0;
  #gaps = 0;
  #lastMs = 0;
  #isTurnOpen = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  change(subscriber: number, rooms: readonly number[], change: MembershipChange['change']): void {
    const atMs = this.#clock.now();
    for (const room of rooms) this.#memberships.push({ subscriber, room, change, atMs });
    // Among its returns, and so in their order: it may be back, and gone again, within a second.
    if (change === 'cut' || change === 'lost') this.returning(subscriber, 'gone');
  }

  /** `published` follows, with the same key, unless the end of the test comes first. */
  publishing(beginning: Beginning): void {
    this.#begun.set(beginning.key, beginning);
  }

  published(publication: Publication): void {
    this.#begun.delete(publication.key);
    this.#published.push(publication);
  }

  returning(subscriber: number, what: ReturnEvent['what']): void {
    this.#returns.push({ subscriber, what, atMs: this.#clock.now() });
  }

  /** Errors: TestFileError; then it is in no book. */
  received(subscriber: number, received: Received, atMs: number): void {
    this.#watchTurn(atMs);
    if (received === undefined || received === null) return;
    if (typeof received !== 'string') assertReceived(received);
    this.#heard++;
    if (typeof received === 'string') this.#arrived(received, subscriber, atMs);
    else if ('id' in received) this.#arrived(ownKey(received.id), subscriber, atMs);
    else {
      const { room, source, sequence } = received;
      this.#foreign.push({ subscriber, room, source, sequence, atMs });
    }
  }

  take(worker: number): DeliveryBatch {
    const batch: DeliveryBatch = {
      worker,
      untilMs: this.#clock.now(),
      memberships: this.#memberships,
      begun: [...this.#begun.values()],
      published: this.#published,
      keys: [...this.#keys.keys()],
      received: this.#received.slice(0, 2 * this.#count),
      receivedMs: this.#receivedMs.slice(0, this.#count),
      foreign: this.#foreign,
      returns: this.#returns,
      heard: this.#heard,
      drainUs: this.#gaps > 0 ? (this.#gapsMs / this.#gaps) * 1000 : 0,
    };
    this.#memberships = [];
    this.#begun.clear();
    this.#published = [];
    this.#foreign = [];
    this.#returns = [];
    this.#keys.clear();
    this.#count = 0;
    this.#heard = 0;
    return batch;
  }

  #arrived(key: string, subscriber: number, atMs: number): void {
    let index = this.#keys.get(key);
    if (index === undefined) this.#keys.set(key, (index = this.#keys.size));
    const at = this.#count++;
    if (at === this.#receivedMs.length) this.#grow();
    this.#received[2 * at] = index;
    this.#received[2 * at + 1] = subscriber;
    this.#receivedMs[at] = atMs;
  }

  #grow(): void {
    const received = new Uint32Array(2 * this.#received.length);
    received.set(this.#received);
    this.#received = received;
    const receivedMs = new Float64Array(2 * this.#receivedMs.length);
    receivedMs.set(this.#receivedMs);
    this.#receivedMs = receivedMs;
  }

  #watchTurn(atMs: number): void {
    if (this.#isTurnOpen) {
      this.#gapsMs += atMs - this.#lastMs;
      this.#gaps++;
    } else {
      this.#isTurnOpen = true;
      this.#clock.soon(this.#endTurn);
    }
    this.#lastMs = atMs;
  }

  readonly #endTurn = (): void => {
    this.#isTurnOpen = false;
  };
}

/** Apart from stamps, which begin otherwise. */
export function ownKey(id: string | number): string {
  return `#${id}`;
}
