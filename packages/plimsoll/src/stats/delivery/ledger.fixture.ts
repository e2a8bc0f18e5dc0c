/** A fan-out played by hand: what workers would have told, second by second. */
import type { DeliveryBatch, ForeignEvent, MembershipChange, Publication, ReturnEvent } from './delivery-batch.ts';
import { DeliveryLedger, type LedgerOptions } from './delivery-ledger.ts';
import { DeliveryTotals } from './delivery-totals.ts';
import { writeStamp } from './message-record.ts';

const nonce = 'run';

type Told =
  | { readonly atMs: number; readonly membership: MembershipChange }
  | { readonly atMs: number; readonly publication: Publication }
  | { readonly atMs: number; readonly arrival: { readonly subscriber: number; readonly key: string } }
  | { readonly atMs: number; readonly foreign: ForeignEvent }
  | { readonly atMs: number; readonly returned: ReturnEvent };

export class PlayedFanOut {
  readonly #told: (Told & { readonly worker: number })[] = [];
  readonly #workers: number;
  readonly #options: Partial<LedgerOptions>;

  constructor(workers = 1, options: Partial<LedgerOptions> = {}) {
    this.#workers = workers;
    this.#options = options;
  }

  #workerOf(subscriber: number): number {
    return subscriber % this.#workers;
  }

  change(subscriber: number, room: number, change: MembershipChange['change'], atMs: number): this {
    const worker = this.#workerOf(subscriber);
    this.#told.push({ atMs, membership: { subscriber, room, change, atMs }, worker });
    return change === 'cut' || change === 'lost' ? this.returned(subscriber, 'gone', atMs) : this;
  }

  joined(subscriber: number, room: number, atMs = 0): this {
    return this.change(subscriber, room, 'requested', atMs).change(subscriber, room, 'joined', atMs);
  }

  /** Returns the key that an arrival names it by. `tookMs`: until its publisher told of it. */
  publish(
    sequence: number,
    atMs: number,
    given: { room?: number; publisher?: number; id?: string; ok?: boolean; tookMs?: number } = {},
  ): string {
    const { room = 0, publisher = 0, ok = true, tookMs = 1, id } = given;
    const key = writeStamp(nonce, { room, publisher, sequence });
    const own = id === undefined ? {} : { ownKey: `#${id}` };
    const publication = { key, ...own, room, publisher, sequence, dueMs: atMs, sentMs: atMs, ok };
    this.#told.push({ atMs: atMs + tookMs, publication, worker: publisher % this.#workers });
    return own.ownKey ?? key;
  }

  arrive(subscriber: number, key: string, atMs: number): this {
    this.#told.push({ atMs, arrival: { subscriber, key }, worker: this.#workerOf(subscriber) });
    return this;
  }

  foreign(subscriber: number, room: number, source: string, sequence: number, atMs: number): this {
    const event = { subscriber, room, source, sequence, atMs };
    this.#told.push({ atMs, foreign: event, worker: this.#workerOf(subscriber) });
    return this;
  }

  returned(subscriber: number, what: ReturnEvent['what'], atMs: number): this {
    this.#told.push({ atMs, returned: { subscriber, what, atMs }, worker: this.#workerOf(subscriber) });
    return this;
  }

  /** Each worker tells each second, the last worker first; then everything is settled. */
  play(endMs: number, drainUs = 0): DeliveryTotals {
    const ledger = new DeliveryLedger({ nonce, guardMs: 100, drainMs: 2000, sentinels: 0, ...this.#options });
    const totals = new DeliveryTotals();
    const sorted = this.#told.toSorted((a, b) => a.atMs - b.atMs);
    for (let fromMs = 0; fromMs < endMs; fromMs += 1000) {
      for (let worker = this.#workers - 1; worker >= 0; worker--) {
        const part = sorted.filter(
          (each) => each.worker === worker && each.atMs >= fromMs && each.atMs < fromMs + 1000,
        );
        ledger.add(batchOf(worker, part, fromMs + 1000, drainUs));
      }
      totals.add(ledger.advance(fromMs + 1000));
    }
    totals.add(ledger.finish(endMs));
    return totals;
  }
}

function batchOf(worker: number, told: readonly Told[], untilMs: number, drainUs: number): DeliveryBatch {
  const arrivals = told.flatMap((each) => ('arrival' in each ? [{ ...each.arrival, atMs: each.atMs }] : []));
  const foreign = told.flatMap((each) => ('foreign' in each ? [each.foreign] : []));
  const keys = [...new Set(arrivals.map(({ key }) => key))];
  return {
    worker,
    untilMs,
    memberships: told.flatMap((each) => ('membership' in each ? [each.membership] : [])),
    published: told.flatMap((each) => ('publication' in each ? [each.publication] : [])),
    keys,
    received: Uint32Array.from(arrivals.flatMap(({ key, subscriber }) => [keys.indexOf(key), subscriber])),
    receivedMs: Float64Array.from(arrivals.map(({ atMs }) => atMs)),
    foreign,
    returns: told.flatMap((each) => ('returned' in each ? [each.returned] : [])),
    heard: arrivals.length + foreign.length,
    drainUs,
  };
}
