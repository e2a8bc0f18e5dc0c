/**
 * The sockets' load of `npm run bench:api`: the suite's broadcasting test with five times the clients and sessions. The API
 * needs OPTIMISER_STEP_MS=2000 and --rate-limits off.
 */
import { fanOut, type Http, type IoSocket } from 'plimsoll';
import { sessionRoles, type SessionData } from '../../../loadtests/session-broadcast.ts';
import { signIn } from '../../../loadtests/sign-in.ts';
import { startSessions } from '../../../loadtests/start-sessions.ts';
import { broadcastSize } from './broadcast-size.ts';

const { clients, listenToAll, sessions, seconds, groups } = broadcastSize;
const listensToAll = (client: number): boolean => client < listenToAll;

fanOut<IoSocket, SessionData & { readonly cpuSeconds: number }>(
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
  sessionRoles(listensToAll),
);

async function serverCpuSeconds(http: Http): Promise<number> {
  const metrics = (await http.get('/metrics')).orThrow().text();
  const found = /^process_cpu_seconds_total ([\d.e+-]+)/m.exec(metrics)?.[1];
  if (found === undefined) throw new Error('the metrics say nothing of process_cpu_seconds_total');
  return Number(found);
}
