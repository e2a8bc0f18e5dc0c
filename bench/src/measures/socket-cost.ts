/** What an idle WebSocket and an idle Socket.IO client take, against the clients that Node programs use. */
import {
  plimsollHolding,
  socketIoClient,
  wsIdle,
  type SocketAssignment,
  type SocketClient,
} from '../contenders/socket-clients.ts';
import { ioClientsPerSecond, socketsPerSecond } from '../load/socket-pace.ts';
import type { SocketServer } from '../socket-server.ts';
import { figuresOf, perConnection, watchHeld, type HeldFigures } from '../socket-watch.ts';
import type { SocketMeasure } from './measure.ts';
import { comparedReading, socketRounds } from './socket-rounds.ts';

/** Subtracted: what the client takes with next to no connections. */
const few = 10;
/** For starting up, for settling, and to be looked at. */
const moreSeconds = 5;

type Cost = ReturnType<typeof perConnection>;

/** The cost of one connection more than a few, which are measured beside them: on a slower machine they cost more, too. */
async function cost(client: SocketClient, assignment: SocketAssignment, server: SocketServer): Promise<Cost> {
  const figuresWith = async (connections: number): Promise<HeldFigures> =>
    figuresOf(await watchHeld(client, { ...assignment, connections }, server), connections);
  const base = await figuresWith(few);
  return perConnection(await figuresWith(assignment.connections), base);
}

const shownCost = ({ kilobytes, cpuUs }: Cost): string =>
  `${kilobytes.toFixed(2).padStart(8)} KB, ${cpuUs.toFixed(0)} µs CPU a connection`;

function secondsFor(connections: number, perSecond: number, seconds: number): number {
  return Math.ceil(connections / perSecond) + moreSeconds + Math.ceil(0.3 * seconds);
}

export const socketCost: SocketMeasure = {
  name: 'socket-cost',
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
        ...{ server: 'ws-server', ours: plimsollHolding('idle-sockets'), against: wsIdle, connections },
        seconds: secondsFor(connections, socketsPerSecond, seconds),
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

export const socketIoCost: SocketMeasure = {
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
    const ours = plimsollHolding('idle-socket-io');
    const both = await socketRounds(
      {
        ...{ server: 'socket-io-server', ours, against: socketIoClient, connections },
        seconds: secondsFor(connections, ioClientsPerSecond, circumstances.seconds),
        ...{ figures: cost, shown: shownCost },
      },
      circumstances,
    );
    const figure = `memory per Socket.IO client, ${connections} idle ones`;
    return [comparedReading(both, figure, 'KB', ({ kilobytes }) => kilobytes)];
  },
};
