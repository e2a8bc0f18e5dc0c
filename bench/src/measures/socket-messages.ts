/** What receiving a message takes, one frame in each read, against `ws`. */
import { plimsollSockets, wsFed, type SocketAssignment, type SocketClient } from '../contenders/socket-clients.ts';
import { socketsPerSecond } from '../load/socket-pace.ts';
import type { SocketServer } from '../socket-server.ts';
import { feedOf, watchHeld } from '../socket-watch.ts';
import type { SocketMeasure } from './measure.ts';
import { comparedReading, socketRounds } from './socket-rounds.ts';

/** For starting up and settling. */
const moreSeconds = 4;
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
    const percent = (figures.busyShare * 100).toFixed(0);
    throw new Error(`${client.title} was ${percent} % busy: too much for one frame a read`);
  }
  return figures;
}

export const socketMessages: SocketMeasure = {
  name: 'socket-messages',
  rows: [
    {
      measure: 'messages received per CPU second against `ws`, one frame a read',
      goal: { must: 1.3, aim: 1.7, higherIsBetter: true },
      unit: 'times',
    },
  ],
  async measure(circumstances) {
    const { sockets: connections, seconds } = circumstances;
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
