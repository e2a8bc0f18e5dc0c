/** What the test and its server's process say to each other. Structured clones: typed arrays stay what they are. */

export interface OriginSettings {
  readonly certificate?: { readonly cert: string; readonly key: string };
  /** 0, the default: any free port. */
  readonly port?: number;
  /** Closes a connection that has been idle for so long, with nothing said beforehand. */
  readonly closeIdleAfterMs?: number;
  /** Says so beforehand: `Keep-Alive: timeout=`, in whole seconds. */
  readonly announceIdleSeconds?: number;
  /** Closes after each answer: with `connection: close`, or without a word. */
  readonly closeEach?: 'announced' | 'silently';
  /** Stops for a while, counted from the first request's arrival. */
  readonly freeze?: Freeze;
  /** Ends its process so long after the first request's arrival. */
  readonly dieAfterMs?: number;
  readonly seed?: number;
}

export interface Freeze {
  readonly afterMs: number;
  readonly forMs: number;
  /** hold: takes requests, keeps all answers back. block: the whole process does nothing, not even accept. */
  readonly how: 'hold' | 'block';
}

/** Everything under one first part of the path: '/item' for '/item/7?x=1'. */
export interface PathRecord {
  /** Requests whose head has come in. */
  readonly arrived: number;
  /** Whole answers by status. */
  readonly answered: Readonly<Record<string, number>>;
  /** Connections reset without an answer. */
  readonly reset: number;
  /** Answers broken off on purpose. */
  readonly cut: number;
  /** The client went away before the end of the answer. */
  readonly abandoned: number;
  /** Neither answered nor given up when the record was taken. */
  readonly open: number;
  /** Per whole answer, in the order of their ends: ms from the first request's arrival, and from arrival to end. */
  readonly arrivalsMs: Float64Array;
  readonly servicesMs: Float64Array;
}

export interface OriginRecord {
  readonly paths: Readonly<Record<string, PathRecord>>;
  readonly connections: {
    readonly opened: number;
    readonly open: number;
    readonly mostOpen: number;
    readonly closedIdle: number;
  };
  /** ms from the first request's arrival; as they really were. */
  readonly frozen: { readonly fromMs: number; readonly toMs: number } | undefined;
}

export type ToOrigin = { readonly type: 'record' } | { readonly type: 'die' };
export type FromOrigin =
  { readonly type: 'listening'; readonly port: number } | { readonly type: 'record'; readonly record: OriginRecord };
