import { fanOut, group, loadTest, perVuIterations, type IoSocket } from 'plimsoll';
import { sessionRoles, type SessionData } from './session-broadcast.ts';
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

  fanOut<IoSocket, SessionData>(
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
    sessionRoles(listensToAll),
  );
});
