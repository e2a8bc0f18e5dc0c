/** The events of the sockets as they go over the wire, and what a client may ask for. */
import { z } from 'zod';
import type { Session } from '../domain/session.ts';
import type { SessionEventName } from '../ports/events.ts';

export interface SessionMessage {
  readonly event_id: string;
  readonly session_id: string;
  /** Grows by one with each event of this session that this instance publishes. */
  readonly sequence: number;
  readonly instance: string;
  /** Milliseconds since 1970, with fractions. */
  readonly sent_at: number;
  readonly session: Session;
}

export interface SystemStatus {
  readonly state: 'ready' | 'stopping';
  readonly instance: string;
}

export type ServerEvents = Record<SessionEventName, (message: SessionMessage) => void> & {
  system_status: (status: SystemStatus) => void;
};

/** Whatever a client sends is unknown until it has been looked at. */
export interface ClientEvents {
  join: (request: unknown, acknowledge: unknown) => void;
  leave: (request: unknown, acknowledge: unknown) => void;
}

export type RoomAnswer = { readonly ok: true; readonly room: string } | { readonly ok: false; readonly error: string };

const roomSchema = z.union([
  z.strictObject({ session_id: z.string().regex(/^[\w-]{1,100}$/) }),
  z.strictObject({ all: z.literal(true) }),
]);

/** The room of everything that happens. */
export const allRoom = 'all';

export function roomOf(sessionId: string): string {
  return `session:${sessionId}`;
}

/** undefined: it names no room. */
export function requestedRoom(request: unknown): string | undefined {
  const parsed = roomSchema.safeParse(request);
  if (!parsed.success) return undefined;
  return 'all' in parsed.data ? allRoom : roomOf(parsed.data.session_id);
}
