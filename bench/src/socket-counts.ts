/** What a server of the socket rows tells of itself. */
export interface SocketCounts {
  /** Connected now. */
  readonly open: number;
  /** Messages. */
  readonly sent: number;
  readonly pings: number;
  readonly pongs: number;
  /** Cut, because they had not answered a ping by the next. */
  readonly silent: number;
}

export const nothingCounted: SocketCounts = { open: 0, sent: 0, pings: 0, pongs: 0, silent: 0 };
