/**
 * Messages whose books are closed, as far as something may still come of them: for one more drain who had them, so that what
 * comes again is a duplicate and not late; then what they were, so that it is late and not unknown.
 */
import type { MessageRecord } from './message-record.ts';

const nobody = new Uint32Array(0);

export class SettledMessage {
  readonly room: number;
  readonly publisher: number;
  readonly sequence: number;
  readonly sentMs: number;
  readonly state: MessageRecord['state'];
  readonly isHeardById: boolean;
  /** Ascending. */
  #had: Uint32Array;
  /** Those who had it since. */
  readonly #since = new Set<number>();

  constructor({ room, publisher, sequence, sentMs, state, isHeardById, arrivals }: MessageRecord) {
    this.room = room;
    this.publisher = publisher;
    this.sequence = sequence;
    this.sentMs = sentMs;
    this.state = state;
    this.isHeardById = isHeardById;
    this.#had = new Uint32Array(arrivals.size);
    let at = 0;
    for (const subscriber of arrivals.keys()) this.#had[at++] = subscriber;
    this.#had.sort();
  }

  /** false: this subscriber has had it before. */
  arrive(subscriber: number): boolean {
    if (this.#since.has(subscriber) || contains(this.#had, subscriber)) return false;
    this.#since.add(subscriber);
    return true;
  }

  forgetWhoHadIt(): void {
    this.#had = nobody;
    this.#since.clear();
  }
}

export class SettledMessages {
  readonly #mostNames: number;
  readonly #byName = new Map<string, SettledMessage>();
  /** Those of whom it is known who had them, and until when; in the order in which they were settled. */
  readonly #remembered: { readonly message: SettledMessage; readonly untilMs: number }[] = [];

  constructor(mostNames: number) {
    this.#mostNames = mostNames;
  }

  find(name: string): SettledMessage | undefined {
    return this.#byName.get(name);
  }

  add(names: readonly string[], message: SettledMessage, untilMs: number): void {
    for (const name of names) this.#byName.set(name, message);
    this.#remembered.push({ message, untilMs });
  }

  /** Of those whose time is over who had them, and of the oldest everything. */
  forget(nowMs: number): void {
    const first = this.#remembered.findIndex(({ untilMs }) => untilMs > nowMs);
    const over = this.#remembered.splice(0, first < 0 ? this.#remembered.length : first);
    for (const { message } of over) message.forgetWhoHadIt();
    for (const name of this.#byName.keys()) {
      if (this.#byName.size <= this.#mostNames) break;
      this.#byName.delete(name);
    }
  }
}

function contains(sorted: Uint32Array, value: number): boolean {
  let from = 0;
  let to = sorted.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (sorted[middle]! < value) from = middle + 1;
    else to = middle;
  }
  return sorted[from] === value;
}
