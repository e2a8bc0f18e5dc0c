/** What the sockets of this instance say of themselves, for metrics. */
import type { SessionEventName } from './events.ts';

export interface SocketState {
  /** Clients connected now. */
  readonly open: number;
  readonly counts: {
    readonly published: Readonly<Record<SessionEventName, number>>;
    /** Attempts to connect, by reason. */
    readonly refused: Readonly<Record<string, number>>;
    /** Clients that did not read. */
    readonly cut: number;
  };
}
