/** What happened on the sockets of this instance since the start. */
import type { SessionEventName } from '../ports/events.ts';

export class SocketCounts {
  readonly published: Record<SessionEventName, number> = {
    session_started: 0,
    session_progress: 0,
    session_completed: 0,
    session_failed: 0,
    session_cancelled: 0,
  };
  readonly refused = { unauthorized: 0, too_many_connections: 0 };
  /** Clients that did not read. */
  cut = 0;
}
