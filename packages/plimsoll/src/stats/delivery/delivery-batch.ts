/**
 * What a worker tells the host of a fan-out, each second and before its snapshot of that second: who joined and left, what
 * was published, what arrived. Plain data and typed arrays; instants are milliseconds of the clock that all threads share.
 */

export interface MembershipChange {
  readonly subscriber: number;
  readonly room: number;
  /**
   * 'requested': the join was asked for; 'joined': it was acknowledged; 'left': by its own will, at the end. 'cut': the storm
   * took its connection; 'lost': the connection ended by itself; 'unjoined': a join came to nothing, and the connection was
   * given up.
   */
  readonly change: 'requested' | 'joined' | 'left' | 'cut' | 'lost' | 'unjoined';
  readonly atMs: number;
}

/** A message whose publishing has begun. */
export interface Beginning {
  /** The stamp. Receptions name a message by it. */
  readonly key: string;
  readonly room: number;
  readonly publisher: number;
  /** From 0, of this publisher in this room. */
  readonly sequence: number;
  /** Where delivery latency starts. */
  readonly dueMs: number;
  /** When the test's own code began to publish it. */
  readonly sentMs: number;
}

/** What has become of the publishing. */
export interface Publication extends Beginning {
  /** '#' and the service's own id, where publishing gave one back: receptions may name the message by it as well. */
  readonly ownKey?: string;
  /** false: the test's code threw, or said so; nobody is owed it. */
  readonly ok: boolean;
}

/** An event that the tool did not publish: it has an order, duplicates and leaks, but nobody can say who was owed it. */
export interface ForeignEvent {
  readonly subscriber: number;
  readonly room: number;
  readonly source: string;
  readonly sequence: number;
  readonly atMs: number;
}

/** 'gone': its connection was cut or lost; then a subscriber on its way back, or there: all its rooms joined again. */
export interface ReturnEvent {
  readonly subscriber: number;
  readonly what: 'gone' | 'attempt' | 'back';
  readonly atMs: number;
}

export interface DeliveryBatch {
  readonly worker: number;
  /** Everything of this worker up to here has been told. */
  readonly untilMs: number;
  readonly memberships: readonly MembershipChange[];
  /** Of those that have not ended, and were not told before. */
  readonly begun: readonly Beginning[];
  readonly published: readonly Publication[];
  /** The keys that `received` refers to. */
  readonly keys: readonly string[];
  /** Pairs: index of the key, subscriber; in the order in which they arrived. */
  readonly received: Uint32Array;
  /** When each of them arrived. */
  readonly receivedMs: Float64Array;
  readonly foreign: readonly ForeignEvent[];
  readonly returns: readonly ReturnEvent[];
  /** Events counted as they came, apart from the lists: the books hold one against the other. */
  readonly heard: number;
  /** Time the worker needs from one delivery to the next where the next stands ready, in µs; 0 while that has not been seen. */
  readonly drainUs: number;
}
