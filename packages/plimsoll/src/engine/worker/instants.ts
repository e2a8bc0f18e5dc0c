/** A request that has ended: its instants in ms of the clock, and how. */
export interface Instants {
  /** Where latency starts. */
  readonly dueMs: number;
  readonly issuedMs: number;
  readonly status: number;
  readonly errorKind: string;
  readonly sentMs: number;
  readonly firstByteMs: number;
  /** 32 hexadecimal digits; '' where it has none. */
  readonly traceId: string;
}
