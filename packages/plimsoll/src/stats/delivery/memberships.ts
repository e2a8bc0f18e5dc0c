/**
 * Who was in which room, and when. A message's publishing is held against it: inside an acknowledged stay by more than the
 * guard a subscriber is owed the message; nearer to its ends nobody can say; outside it is not.
 */
import type { MembershipChange } from './delivery-batch.ts';

export interface RoomStay {
  readonly requestedMs: number;
  /** Infinity: not acknowledged. */
  joinedMs: number;
  /** Infinity: still in. */
  leftMs: number;
  /** It did not go by its own will. */
  wasTorn: boolean;
}

export type Claim = 'owed' | 'ambiguous' | 'outside' | 'away';

export class Memberships {
  readonly #guardMs: number;
  readonly #rooms = new Map<number, Map<number, RoomStay[]>>();
  /** By subscriber: rooms whose last join came to nothing. */
  readonly #unjoined = new Map<number, Set<number>>();
  /** By subscriber: the rooms it has ever asked for. */
  readonly #roomsOf = new Map<number, Set<number>>();

  constructor(guardMs: number) {
    this.#guardMs = guardMs;
  }

  add({ subscriber, room, change, atMs }: MembershipChange): void {
    if (change === 'requested') {
      this.#staysIn(room, subscriber).push({
        requestedMs: atMs,
        joinedMs: Infinity,
        leftMs: Infinity,
        wasTorn: false,
      });
      return;
    }
    const stays = this.of(room, subscriber);
    const stay = stays?.at(-1);
    if (stay?.leftMs !== Infinity) return;
    if (change === 'joined') {
      stay.joinedMs = atMs;
      this.#letIn(subscriber, room);
      return;
    }
    const isIn = stay.joinedMs !== Infinity;
    // Who was away and was not let in is away still.
    const wasTorn = change === 'unjoined' ? isIn || stays?.at(-2)?.wasTorn === true : change !== 'left';
    this.#end(stay, atMs, wasTorn);
    // One that was asked for in the last moment may have been under way.
    const isGivenUp = change === 'unjoined' || change === 'lost' || atMs - stay.requestedMs >= this.#guardMs;
    if (!isIn && isGivenUp) this.#unjoined.set(subscriber, (this.#unjoined.get(subscriber) ?? new Set()).add(room));
  }

  /** Subscribers that are not in a room that they have asked for, because a join came to nothing. */
  get unjoined(): number {
    return this.#unjoined.size;
  }

  #letIn(subscriber: number, room: number): void {
    const rooms = this.#unjoined.get(subscriber);
    rooms?.delete(room);
    if (rooms?.size === 0) this.#unjoined.delete(subscriber);
  }

  /** All open stays of a subscriber end here: nothing more is known of it. */
  end(subscriber: number, atMs: number): void {
    for (const room of this.#roomsOf.get(subscriber) ?? []) {
      const stay = this.of(room, subscriber)?.at(-1);
      if (stay?.leftMs === Infinity) this.#end(stay, atMs, false);
    }
  }

  /** Everybody who has ever asked for the room. */
  in(room: number): ReadonlyMap<number, readonly RoomStay[]> | undefined {
    return this.#rooms.get(room);
  }

  of(room: number, subscriber: number): RoomStay[] | undefined {
    return this.#rooms.get(room)?.get(subscriber);
  }

  /** Whether the subscriber had asked for the room by then. */
  knows(room: number, subscriber: number, byMs: number): boolean {
    return this.of(room, subscriber)?.some((stay) => stay.requestedMs <= byMs) ?? false;
  }

  /** 'away': its connection had gone, and it had not asked for the room again. */
  claim(stays: readonly RoomStay[], sentMs: number): Claim {
    const guardMs = this.#guardMs;
    let nextRequestedMs = Infinity;
    let claim: Claim = 'outside';
    for (let at = stays.length - 1; at >= 0; at--) {
      const { requestedMs, joinedMs, leftMs, wasTorn } = stays[at]!;
      if (sentMs >= joinedMs + guardMs && sentMs <= leftMs - guardMs) return 'owed';
      // Nothing arrives on a connection that is gone: behind its end there is no doubt.
      if (wasTorn && sentMs > leftMs && sentMs < nextRequestedMs) return 'away';
      if (sentMs >= requestedMs - guardMs && sentMs <= leftMs + guardMs) claim = 'ambiguous';
      nextRequestedMs = requestedMs;
    }
    return claim;
  }

  #end(stay: RoomStay, atMs: number, wasTorn: boolean): void {
    stay.leftMs = atMs;
    stay.wasTorn = wasTorn;
  }

  #staysIn(room: number, subscriber: number): RoomStay[] {
    const members = this.#rooms.get(room) ?? new Map<number, RoomStay[]>();
    const stays = members.get(subscriber) ?? [];
    const rooms = this.#roomsOf.get(subscriber) ?? new Set<number>();
    this.#rooms.set(room, members.set(subscriber, stays));
    this.#roomsOf.set(subscriber, rooms.add(room));
    return stays;
  }
}
