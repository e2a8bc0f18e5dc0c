/** What a WebSocket and a Socket.IO client take, and a message, against the clients that Node programs use. */
import {
  plimsollSockets,
  socketIoClient,
  wsFed,
  wsIdle,
  type SocketAssignment,
  type SocketClient,
} from '../contenders/socket-clients.ts';
import { ioClientsPerSecond, socketsPerSecond } from '../load/socket-pace.ts';
import type { SocketServer } from '../socket-server.ts';
import { feedOf, figuresOf, perConnection, watchHeld } from '../socket-watch.ts';
import type { Measure } from './measure.ts';
import { comparedReading, socketRounds } from './socket-rounds.ts';

/** Subtracted: what the client takes with next to no connections. */
const few = 10;
/** For starting up, for settling, and to be looked at. */
const moreSeconds = 5;

type Cost = ReturnType<typeof perConnection>;

async function cost(client: SocketClient, assignment: SocketAssignment, server: SocketServer): Promise<Cost> {
  const figures = [];
  for (const connections of [few, assignment.connections]) {
    figures.push(figuresOf(await watchHeld(client, { ...assignment, connections }, server), connections));
  }
  return perConnection(figures[1]!, figures[0]!);
}

const shownCost = ({ kilobytes, cpuUs }: Cost): string =>
  `${kilobytes.toFixed(2).padStart(8)} KB, ${cpuUs.toFixed(0)} µs CPU a connection`;

export const socketCost: Measure = {
  name: 'sockets',
  rows: [
    {
      measure: '10,000 idle connections to a `ws` server: memory per connection against `ws` as a client',
      goal: { must: 1, aim: 0.7 },
      unit: 'times',
    },
    { measure: 'CPU per connection opened against `ws`', goal: { must: 0.8, aim: 0.6 }, unit: 'times' },
  ],
  async measure(circumstances) {
    const { sockets: connections, seconds } = circumstances;
    const both = await socketRounds(
      {
        ...{ server: 'ws-server', ours: plimsollSockets('idle-sockets'), against: wsIdle, connections },
        seconds: Math.ceil(connections / socketsPerSecond) + moreSeconds + Math.ceil(seconds / 2),
        ...{ figures: cost, shown: shownCost },
      },
      circumstances,
    );
    return [
      comparedReading(both, `memory per connection, ${connections} idle ones`, 'KB', ({ kilobytes }) => kilobytes),
      comparedReading(both, 'CPU per connection opened', 'µs', ({ cpuUs }) => cpuUs),
    ];
  },
};

export const socketIoCost: Measure = {
  name: 'socket-io',
  rows: [
    {
      measure: '5,000 Socket.IO clients: memory per client against socket.io-client',
      goal: { must: 0.5, aim: 0.35 },
      unit: 'times',
    },
  ],
  async measure(circumstances) {
    const connections = Math.ceil(circumstances.sockets / 2);
    const both = await socketRounds(
      {
        ...{
          server: 'socket-io-server',
          ours: plimsollSockets('idle-socket-io'),
          against: socketIoClient,
          connections,
        },
        seconds: Math.ceil(connections / ioClientsPerSecond) + moreSeconds + Math.ceil(circumstances.seconds / 2),
        ...{ figures: cost, shown: shownCost },
      },
      circumstances,
    );
    const figure = `memory per Socket.IO client, ${connections} idle ones`;
    return [comparedReading(both, figure, 'KB', ({ kilobytes }) => kilobytes)];
  },
};

/** Above it the client may have found several frames in a read. */
const mostBusy = 0.9;

type Feed = ReturnType<typeof feedOf>;

/** Errors: the client was too busy for one frame a read, or does not count what was sent. */
async function feed(client: SocketClient, assignment: SocketAssignment, server: SocketServer): Promise<Feed> {
  const before = await server.counts();
  const run = await watchHeld(client, assignment, server);
  const after = await server.counts();
  const received = run.tally.received + before.sent;
  if (received < run.samples.at(-1)!.counts.sent || received > after.sent) {
    throw new Error(`${client.title} received ${run.tally.received}, and the server sent ${after.sent - before.sent}`);
  }
  const figures = feedOf(run);
  if (figures.busyShare > mostBusy) {
    throw new Error(
      `${client.title} was ${(figures.busyShare * 100).toFixed(0)} % busy: too much for one frame a read`,
    );
  }
  return figures;
}

export const socketMessages: Measure = {
  name: 'socket-messages',
  rows: [
    {
      measure: 'messages received per CPU second against `ws`, one frame a read',
      goal: { must: 1.3, aim: 1.7, atLeast: true },
      unit: 'times',
    },
  ],
  async measure(circumstances) {
    const { sockets, seconds } = circumstances;
    const connections = Math.ceil(sockets / 10);
    const both = await socketRounds(
      {
        ...{ server: 'ws-server', ours: plimsollSockets('socket-feed'), against: wsFed, connections },
        seconds: Math.ceil(connections / socketsPerSecond) + moreSeconds + seconds,
        figures: feed,
        shown: ({ messages, messagesPerCpuSecond, busyShare }) =>
          `${Math.round(messagesPerCpuSecond)} messages a CPU second, ${messages} in all, ${(busyShare * 100).toFixed(0)} % busy`,
      },
      circumstances,
    );
    const figure = `messages per CPU second, ${connections} connections`;
    return [comparedReading(both, figure, '/s', ({ messagesPerCpuSecond }) => messagesPerCpuSecond)];
  },
};
