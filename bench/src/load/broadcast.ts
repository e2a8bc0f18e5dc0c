/**
 * The sockets' load of `npm run bench:api`: the suite's broadcasting test with five times the clients and sessions. The API
 * needs OPTIMISER_STEP_MS=2000 and --rate-limits off.
 */
import { fanOut, type Http } from 'plimsoll';
import type { SessionMessage } from '../../../loadtests/api-types.ts';
import { signIn } from '../../../loadtests/sign-in.ts';
import { startSessions } from '../../../loadtests/start-sessions.ts';
import { broadcastSize } from './broadcast-size.ts';

const { clients, listenToAll, sessions, seconds, groups } = broadcastSize;
const listensToAll = (client: number): boolean => client < listenToAll;

fanOut(
  'broadcast',
  {
    subscribers: clients,
    rooms: sessions,
    joins: (client, rooms) => {
      const all = Array.from({ length: rooms }, (_, room) => room);
      return listensToAll(client) ? all : all.filter((room) => room % groups === client % groups);
    },
    publishers: 4,
    rate: sessions / seconds,
    duration: `${seconds}s`,
    spacing: 'constant',
    drain: '1s',
    // What holds and what does not is for the tables to say.
    thresholds: ['delivery.reach >= 0%'],
    setup: async ({ http }) => {
      const token = await signIn(http);
      const ids = await startSessions(http, token, sessions);
      return { token, sessions: ids, cpuSeconds: await serverCpuSeconds(http) };
    },
    // The processor time of the load alone: neither that of the start, nor that of the set-up.
    teardown: async ({ http, data }) => {
      const spent = (await serverCpuSeconds(http)) - data.cpuSeconds;
      console.error(`server CPU: ${spent.toFixed(3)} s`);
    },
  },
  {
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
      if (room >= 0 && name === 'session_cancelled') return { id };
      return room < 0 && listensToAll(subscriber.index) ? undefined : { room, source, sequence };
    },
  },
);

async function serverCpuSeconds(http: Http): Promise<number> {
  const metrics = (await http.get('/metrics')).orThrow().text();
  const found = /^process_cpu_seconds_total ([\d.e+-]+)/m.exec(metrics)?.[1];
  if (found === undefined) throw new Error('the metrics say nothing of process_cpu_seconds_total');
  return Number(found);
}
