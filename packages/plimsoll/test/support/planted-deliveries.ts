/** Rooms whose messages are delivered with exactly the faults that were planted, each of them counted; knows no transport. */

/** Of subscriber and room; every n-th message of the room, from the n-th on. */
export interface PlantedFaults {
  readonly drop?: EveryNth;
  readonly duplicate?: EveryNth;
  /** The n-th is sent after the one that follows it. */
  readonly swap?: EveryNth;
  /** Sent so much later. */
  readonly late?: EveryNth & { readonly byMs: number };
  /** Each message to this one. */
  readonly lag?: { readonly subscriber: number; readonly byMs: number };
  readonly delay?: { readonly room: number; readonly byMs: number };
  /** To somebody outside of the room. */
  readonly leak?: { readonly room: number; readonly subscriber: number; readonly every: number };
  /** Answers to joins of these subscribers come so late; the room is joined at once. */
  readonly lateJoin?: { readonly subscribers: readonly number[]; readonly byMs: number };
  /** The connection of this one ends where its room's message of that number would have come. */
  readonly ends?: readonly { readonly subscriber: number; readonly at: number; readonly how: PlantedEnd }[];
}

interface EveryNth {
  readonly subscriber: number;
  readonly every: number;
  /** Only of the first messages of the room. */
  readonly upTo?: number;
}

/** In order, as the transport does it, or without a word. */
type PlantedEnd = 'close' | 'reset';

export interface PlantedCounts {
  published: number;
  sent: number;
  dropped: number;
  duplicated: number;
  swapped: number;
  /** Of the swapped pairs, those of one publisher: only these have an order. */
  reordered: number;
  late: number;
  leaked: number;
  /** Joins, whoever made them. */
  joined: number;
}

export interface PlantedMessage {
  readonly room: number;
  /** On the clock that all processes of a machine share; undefined: its publisher has not said. */
  readonly dueMs?: number | undefined;
  /** nonce.room.publisher.sequence, or whatever the publisher said. */
  readonly stamp?: string;
  /** Of an event of the server's own. */
  readonly source?: string;
  readonly sequence?: number;
}

export interface Peer {
  send(message: PlantedMessage): void;
  end(how: PlantedEnd): void;
  onceGone(gone: () => void): void;
}

interface Member {
  readonly peer: Peer;
  readonly subscriber: number;
  /** A message held back for the next one. */
  held: PlantedMessage | undefined;
}

export class PlantedDeliveries {
  readonly counts: PlantedCounts = {
    published: 0,
    sent: 0,
    dropped: 0,
    duplicated: 0,
    swapped: 0,
    reordered: 0,
    late: 0,
    leaked: 0,
    joined: 0,
  };
  /** By room: of each delivery, how long after the message was due it was handed to the socket. */
  readonly sentAfterMs: number[][] = [];
  readonly #faults: PlantedFaults;
  readonly #rooms = new Map<number, Map<number, Member>>();
  readonly #numbers = new Map<number, number>();

  constructor(faults: PlantedFaults) {
    this.#faults = faults;
  }

  join(peer: Peer, rooms: readonly number[], subscriber: number, answer: () => void): void {
    for (const room of rooms) {
      this.counts.joined++;
      const members = this.#rooms.get(room) ?? new Map<number, Member>();
      this.#rooms.set(room, members.set(subscriber, { peer, subscriber, held: undefined }));
    }
    peer.onceGone(() => {
      this.#leave(peer, subscriber);
    });
    const { lateJoin } = this.#faults;
    if (lateJoin?.subscribers.includes(subscriber) === true) setTimeout(answer, lateJoin.byMs);
    else answer();
  }

  publish(room: number, content: (number: number) => Partial<PlantedMessage>): void {
    const number = (this.#numbers.get(room) ?? 0) + 1;
    this.#numbers.set(room, number);
    this.counts.published++;
    const { delay, leak } = this.#faults;
    const message: PlantedMessage = { room, ...content(number) };
    const send = (): void => {
      for (const member of this.#rooms.get(room)?.values() ?? []) this.#deliver(member, message, number);
    };
    if (delay?.room === room) setTimeout(send, delay.byMs);
    else send();
    if (leak?.room === room && number % leak.every === 0) this.#leak(leak.subscriber, message);
  }

  #leave(peer: Peer, subscriber: number): void {
    for (const members of this.#rooms.values()) {
      if (members.get(subscriber)?.peer === peer) members.delete(subscriber);
    }
  }

  #deliver(member: Member, message: PlantedMessage, number: number): void {
    const { drop, duplicate, swap, late, lag, ends = [] } = this.#faults;
    const { peer, subscriber } = member;
    const hits = (fault: EveryNth | undefined): boolean =>
      fault?.subscriber === subscriber && number % fault.every === 0 && number <= (fault.upTo ?? Infinity);
    const end = ends.find((each) => each.subscriber === subscriber && each.at === number);
    if (end !== undefined) {
      // At once: what comes from now on is not for it.
      this.#leave(peer, subscriber);
      peer.end(end.how);
      return;
    }
    if (hits(drop)) {
      this.counts.dropped++;
      return;
    }
    if (hits(late)) {
      this.counts.late++;
      this.#sendLater(member, message, late!.byMs);
      return;
    }
    if (lag?.subscriber === subscriber) {
      this.#sendLater(member, message, lag.byMs);
      return;
    }
    if (hits(swap)) {
      member.held = message;
      return;
    }
    this.#send(member, message);
    if (hits(duplicate)) {
      this.counts.duplicated++;
      this.#send(member, message);
    }
    if (member.held === undefined) return;
    this.counts.swapped++;
    if (publisherOf(member.held) === publisherOf(message)) this.counts.reordered++;
    this.#send(member, member.held);
    member.held = undefined;
  }

  #leak(subscriber: number, message: PlantedMessage): void {
    for (const members of this.#rooms.values()) {
      const member = members.get(subscriber);
      if (member === undefined) continue;
      this.counts.leaked++;
      member.peer.send(message);
      return;
    }
  }

  #sendLater(member: Member, message: PlantedMessage, byMs: number): void {
    setTimeout(() => {
      this.#send(member, message);
    }, byMs);
  }

  #send({ peer }: Member, message: PlantedMessage): void {
    this.counts.sent++;
    if (message.dueMs !== undefined) (this.sentAfterMs[message.room] ??= []).push(sharedMs() - message.dueMs);
    peer.send(message);
  }
}

function publisherOf({ stamp, source }: PlantedMessage): string | undefined {
  return source ?? stamp?.split('.')[2];
}

/** The axis of the tool's own clock, read without it. */
function sharedMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
