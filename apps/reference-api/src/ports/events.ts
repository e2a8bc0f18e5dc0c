/** What happens on the platform, for whoever listens. */
import type { Session } from '../domain/session.ts';

export type SessionEventName =
  'session_started' | 'session_progress' | 'session_completed' | 'session_failed' | 'session_cancelled';

export interface SessionEvent {
  readonly name: SessionEventName;
  readonly session: Session;
}

export interface EventPublisher {
  publish(event: SessionEvent): void;
}
