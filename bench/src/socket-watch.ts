/** Watches a client while it holds its connections, and what its server counts at the same moments. */
import { setTimeout as pause } from 'node:timers/promises';
import type { SocketAssignment, SocketClient, SocketTally } from './contenders/socket-clients.ts';
import { watched, type MemorySample } from './memory-watch.ts';
import type { SocketCounts } from './socket-counts.ts';
import type { SocketServer } from './socket-server.ts';
import { median } from './statistics.ts';

/** A look at the client while all its connections stood. */
export interface HeldSample extends MemorySample {
  readonly counts: SocketCounts;
}

export interface HeldRun {
  readonly tally: SocketTally;
  readonly samples: readonly HeldSample[];
}

const everyMs = 250;
/** From the last connection to the first look that counts. */
const settleMs = 2000;

/** Errors: the client failed, or did not hold all its connections long enough to be looked at. */
export async function watchHeld(
  client: SocketClient,
  assignment: SocketAssignment,
  server: SocketServer,
): Promise<HeldRun> {
  await untilNobody(server);
  const held: HeldSample[] = [];
  let settled = 0;
  const run = await watched(client.command(assignment), {
    everyMs,
    limitMs: (assignment.seconds + 60) * 1000,
    onSample: (sample) => {
      // From then on the client may be closing its connections, which takes thousands of them a while.
      if (sample.atSeconds >= assignment.seconds) return;
      void server.counts().then((counts) => {
        if (counts.open < assignment.connections) settled = 0;
        else if (++settled > settleMs / everyMs) held.push({ ...sample, counts });
      }, ignore);
    },
  });
  const tally = client.told(run);
  // The client may have begun to close while the last look was taken.
  const samples = held.slice(0, -1);
  if (tally.opened !== assignment.connections || samples.length < 2) {
    const looks = `${samples.length} looks found all of them open`;
    throw new Error(`${client.title}: ${tally.opened} of ${assignment.connections} connections stood, and ${looks}`);
  }
  return { tally, samples };
}

/** The last client's connections are gone. */
async function untilNobody(server: SocketServer): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if ((await server.counts()).open === 0) return;
    await pause(100);
  }
  throw new Error('the connections of the last run are still open after 10 s');
}

/** What a run with so many connections took. */
export interface HeldFigures {
  readonly connections: number;
  readonly residentMb: number;
  readonly cpuSeconds: number;
}

export function figuresOf({ samples }: HeldRun, connections: number): HeldFigures {
  const residentMb = median(samples.map((sample) => sample.residentMb));
  return { connections, residentMb, cpuSeconds: samples.at(-1)!.cpuSeconds };
}

/** What one connection more takes: the difference of two runs of the same length, by the difference in connections. */
export function perConnection(many: HeldFigures, few: HeldFigures): { kilobytes: number; cpuUs: number } {
  const more = many.connections - few.connections;
  return {
    kilobytes: ((many.residentMb - few.residentMb) * 1000) / more,
    cpuUs: ((many.cpuSeconds - few.cpuSeconds) * 1e6) / more,
  };
}

/** Messages that the server sent between the first and the last look, and the CPU time they took. */
export function feedOf({ samples }: HeldRun): { messages: number; messagesPerCpuSecond: number; busyShare: number } {
  const [first, last] = [samples[0]!, samples.at(-1)!];
  const messages = last.counts.sent - first.counts.sent;
  const cpuSeconds = last.cpuSeconds - first.cpuSeconds;
  return {
    messages,
    messagesPerCpuSecond: messages / cpuSeconds,
    busyShare: cpuSeconds / (last.atSeconds - first.atSeconds),
  };
}

function ignore(): void {
  // A look that failed is a look less; too few of them are said at the end.
}
