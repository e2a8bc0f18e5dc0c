/** The roles of a fan-out over sessions: each is a room of its own, and cancelling it is the message. */
import type { FanOutRoles, IoSocket } from 'plimsoll';
import type { SessionMessage } from './api-types.ts';

export interface SessionData {
  readonly token: string;
  /** Their ids, by room. */
  readonly sessions: readonly string[];
}

/** No room of the test. */
const strange = -1;

/** @param listensToAll whether this client joins the room of everything, which is the room of every session */
export function sessionRoles(listensToAll: (client: number) => boolean): FanOutRoles<SessionData, IoSocket> {
  return {
    connect: ({ io, data }) => io.connect({ auth: { token: data.token } }),
    joinAll: async ({ socket, rooms, subscriber, data }) => {
      if (listensToAll(subscriber.index)) return socket.emitWithAck('join', { all: true });
      return Promise.all(rooms.map((room) => socket.emitWithAck('join', { session_id: data.sessions[room] })));
    },
    publish: async ({ http, room, data }) => {
      const id = data.sessions[room]!;
      const cancel = '/optimization/sessions/{id}/cancel';
      (await http.post(cancel, { path: { id }, bearer: data.token })).orThrow();
      return id;
    },
    receive: ({ name, args }, { data, subscriber }) => {
      if (!name.startsWith('session_')) return undefined;
      const { session_id: id, instance: source, sequence } = args[0] as SessionMessage;
      const room = data.sessions.indexOf(id);
      if (room >= 0) return name === 'session_cancelled' ? { id } : { room, source, sequence };
      // Whoever listens to everything hears of other people's sessions too; for all others they are a leak.
      return listensToAll(subscriber.index) ? undefined : { room: strange, source, sequence };
    },
  };
}
