import { fanOut, group, loadTest, perVuIterations } from 'plimsoll';
import type { SessionMessage } from './api-types.ts';
import { signIn } from './sign-in.ts';
import { startSessions } from './start-sessions.ts';

/** Sessions, each with a room of its own; cancelling one is the event that is broadcast. */
const sessionCount = 40;
const clientCount = 20;
/** These have joined the room of everything. */
const listensToAll = (client: number): boolean => client < 5;

/**
 * A connection that is not made is a request that failed, and without a word `success >= 99%` would hold for those: the suite
 * asks for nine in ten, and says so in both places.
 */
const nineInTen = ['connect.success >= 90%', 'success >= 90%'] as const;

group('TestWebSocketLoad', () => {
  loadTest(
    'test_websocket_multiple_connections',
    {
      load: perVuIterations({ vus: 50, iterations: 1 }),
      connections: 'lazy',
      thresholds: [...nineInTen, 'connect.mean < 1s', 'join: latency.p95 < 1s'],
      setup: async ({ http }) => ({ token: await signIn(http) }),
    },
    async ({ io, data, sleep }) => {
      const socket = await io.connect({ auth: { token: data.token } });
      if (!socket.ok) return;
      await socket.step('join', () => socket.emitWithAck('join', { all: true }));
      // All fifty are open at once.
      await sleep('1s');
      await socket.close();
    },
  );

  fanOut(
    'test_websocket_event_broadcasting_load',
    {
      subscribers: clientCount,
      rooms: sessionCount,
      // The others listen to the sessions that are theirs.
      joins: (client, rooms) => {
        const all = Array.from({ length: rooms }, (_, room) => room);
        return listensToAll(client) ? all : all.filter((room) => 5 + (room % (clientCount - 5)) === client);
      },
      rate: sessionCount / 4,
      duration: '4s',
      spacing: 'constant',
      drain: '2s',
      thresholds: [
        ...nineInTen,
        'delivery.reach >= 90%',
        'delivery.p95 < 100ms',
        'delivery.leaked == 0',
        'delivery.duplicated == 0',
      ],
      setup: async ({ http }) => {
        const token = await signIn(http);
        return { token, sessions: await startSessions(http, token, sessionCount) };
      },
    },
    {
      connect: ({ io, data }) => io.connect({ auth: { token: data.token } }),
      joinAll: async ({ socket, rooms, subscriber, data }) => {
        // The room of everything is the room of every session.
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
        if (room >= 0 && name === 'session_cancelled') return { id };
        // Whoever listens to everything hears of other people's sessions too; for all others they are a leak.
        return room < 0 && listensToAll(subscriber.index) ? undefined : { room, source, sequence };
      },
    },
  );
});
