/** A fan-out played by hand: what workers would have told, second by second. */
import type {
  Beginning,
  DeliveryBatch,
  ForeignEvent,
  MembershipChange,
  Publication,
  ReturnEvent,
} from './delivery-batch.ts';
import type { DeliveryDelta } from './delivery-delta.ts';
import { DeliveryLedger, type LedgerOptions } from './delivery-ledger.ts';
import { DeliveryTotals } from './delivery-totals.ts';
import { writeStamp } from './message-record.ts';

const nonce = 'run';

/** Counts of a fan-out in which nothing went wrong. */
export const clean = { lost: 0, duplicated: 0, reordered: 0, late: 0, ambiguous: 0, leaked: 0, unknown: 0, missed: 0 };

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
  /** By worker, when it died. */
  readonly #lost = new Map<number, number>();

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

  /** Returns the key that an arrival names it by. `tookMs`: until the publishing ended, and its publisher told of it. */
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

  /** From then on the worker tells nothing, and the host knows it from the next second on. */
  lose(worker: number, atMs: number): this {
    this.#lost.set(worker, atMs);
    return this;
  }

  returned(subscriber: number, what: ReturnEvent['what'], atMs: number): this {
    this.#told.push({ atMs, returned: { subscriber, what, atMs }, worker: this.#workerOf(subscriber) });
    return this;
  }

  /** Each worker tells each second, the last worker first; then everything is settled. `onSecond`: what each of these brought. */
  play(endMs: number, drainUs = 0, onSecond: (delta: DeliveryDelta) => void = () => undefined): DeliveryTotals {
    const ledger = new DeliveryLedger({ nonce, guardMs: 100, drainMs: 2000, sentinels: 0, ...this.#options });
    const totals = new DeliveryTotals();
    const add = (delta: DeliveryDelta): void => {
      onSecond(delta);
      totals.add(delta);
    };
    const sorted = this.#told.toSorted((a, b) => a.atMs - b.atMs);
    for (let fromMs = 0; fromMs < endMs; fromMs += 1000) {
      const untilMs = fromMs + 1000;
      for (let worker = this.#workers - 1; worker >= 0; worker--) {
        if ((this.#lost.get(worker) ?? Infinity) < untilMs) {
          ledger.lose(worker);
          continue;
        }
        const own = sorted.filter((each) => each.worker === worker);
        const part = own.filter(({ atMs }) => atMs >= fromMs && atMs < untilMs);
        ledger.add({ ...batchOf(worker, part, untilMs, drainUs), begun: begunOf(own, fromMs, untilMs) });
      }
      add(ledger.advance(untilMs));
    }
    add(ledger.finish(endMs));
    return totals;
  }
}

/** What was begun in this second, and ends behind it. */
function begunOf(told: readonly Told[], fromMs: number, untilMs: number): readonly Beginning[] {
  return told.flatMap((each) => {
    if (!('publication' in each) || each.atMs < untilMs) return [];
    const { ownKey: _, ok: __, ...beginning } = each.publication;
    return beginning.sentMs >= fromMs && beginning.sentMs < untilMs ? [beginning] : [];
  });
}

function batchOf(
  worker: number,
  told: readonly Told[],
  untilMs: number,
  drainUs: number,
): Omit<DeliveryBatch, 'begun'> {
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
