/** Many connections held by one worker for a minute, with heartbeats both ways. */
import { onlyTest, resultOf } from '../contenders/plimsoll.ts';
import { freshSources, plimsollSockets } from '../contenders/socket-clients.ts';
import { socketsPerSecond } from '../load/socket-pace.ts';
import { allowFiles } from '../machine.ts';
import { run } from '../processes.ts';
import type { SocketCounts } from '../socket-counts.ts';
import { startSocketServer } from '../socket-server.ts';
import type { TestResult } from '../../../packages/plimsoll/src/model/result.ts';
import type { Reading, SocketMeasure } from './measure.ts';

export const heldSockets: SocketMeasure = {
  name: 'held-sockets',
  rows: [
    {
      measure: '18,000 connections held by one worker for 60 s with heartbeats: not open at the end, or without a pong',
      goal: { must: 0 },
      unit: 'connections',
    },
  ],
  async measure({ scratch, sockets, seconds: scale }) {
    const connections = Math.round(sockets * 1.8);
    allowFiles(connections);
    const held = 6 * scale;
    const seconds = Math.ceil(connections / socketsPerSecond) + 3 + held;
    const server = await startSocketServer('ws-server');
    try {
      const assignment = {
        ...{ port: server.port, connections, seconds },
        ...{ folder: scratch.folder('held-sockets'), sources: freshSources() },
      };
      const finished = await run(plimsollSockets('held-sockets').command(assignment), (seconds + 120) * 1000);
      return [heldReading(onlyTest(resultOf(finished)), await server.counts(), connections, held)];
    } finally {
      server.stop();
    }
  },
};

/**
 * Each connection counts once: those that the server cut, or that owed the client a pong and were left, are among those not
 * open. Should one of the three figures be larger all the same, it is the one that is told.
 *
 * Errors: nothing opened, or a heartbeat that never was, of the server or of the client.
 */
export function heldReading(
  test: Pick<TestResult, 'sockets' | 'series'>,
  { pings, pongs, silent }: SocketCounts,
  connections: number,
  seconds: number,
): Reading {
  const pinged = test.series.find(({ name }) => name.startsWith('PING '));
  if (test.sockets === undefined || pings === 0) throw new Error('no sockets, or no ping of the server');
  if (pinged === undefined || pinged.expected === 0) throw new Error('no ping of the client was answered');
  const { open } = test.sockets;
  const lost = Math.max(connections - open, silent, pinged.failed);
  const both = `the server pinged ${pings} times and had ${pongs} pongs, the client ${pinged.expected}`;
  return { value: lost, note: `${open} of ${connections} open after ${seconds} s; ${both}` };
}
