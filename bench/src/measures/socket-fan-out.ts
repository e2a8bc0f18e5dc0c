/** A broadcast to many subscribers: whether the books hold every delivery, held against the server's own count. */
import type { DeliveryResult } from '../../../packages/plimsoll/src/model/result.ts';
import { onlyTest, resultOf } from '../contenders/plimsoll.ts';
import { freshSources, plimsollSockets } from '../contenders/socket-clients.ts';
import { allowFiles } from '../machine.ts';
import { run } from '../processes.ts';
import type { SocketCounts } from '../socket-counts.ts';
import { startSocketServer } from '../socket-server.ts';
import type { Reading, SocketMeasure } from './measure.ts';

export const socketFanOut: SocketMeasure = {
  name: 'fan-out',
  rows: [
    {
      measure: 'fan-out of 50 messages/s to 2,000 subscribers: deliveries unexplained in the books',
      goal: { must: 0 },
      unit: 'deliveries',
    },
  ],
  async measure({ scratch, sockets, seconds, repeats, say }) {
    const subscribers = Math.ceil(sockets / 5);
    allowFiles(subscribers);
    const runs: BalancedRun[] = [];
    const rounds = Math.min(3, repeats);
    for (let round = 0; round < rounds; round++) {
      const server = await startSocketServer('ws-server');
      try {
        const assignment = {
          ...{ port: server.port, connections: subscribers, seconds },
          ...{ folder: scratch.folder('fan-out'), sources: freshSources() },
        };
        const finished = await run(plimsollSockets('socket-fan-out').command(assignment), (seconds + 120) * 1000);
        const { delivery, books } = onlyTest(resultOf(finished));
        if (delivery === undefined || delivery.owed === 0) throw new Error('it reports no deliveries');
        const counts = await server.counts();
        const unexplained = unexplainedIn(delivery, counts, subscribers);
        runs.push({ delivery, counts, unexplained, breaches: books.breaches });
        say(`round ${round + 1}/${rounds}  ${unexplained} unexplained of ${delivery.owed} owed`);
      } finally {
        server.stop();
      }
    }
    return [fanOutReading(runs)];
  },
};

export type Deliveries = Pick<
  DeliveryResult,
  | ('published' | 'owed' | 'delivered' | 'lost' | 'late' | 'duplicated' | 'leaked' | 'unknown' | 'foreign')
  | ('ambiguous' | 'ambiguousReceived' | 'missed' | 'received')
>;

export interface BalancedRun {
  readonly delivery: Deliveries;
  readonly counts: Pick<SocketCounts, 'sent'>;
  readonly unexplained: number;
  /** Of the tool's own books, of whatever kind. */
  readonly breaches: readonly string[];
}

/** The sum of what does not agree: within the books, between them and the server, and with what there was to deliver. */
export function unexplainedIn(delivery: Deliveries, { sent }: Pick<SocketCounts, 'sent'>, subscribers: number): number {
  const { published, owed, delivered, lost, received, ambiguous, missed } = delivery;
  const { duplicated, late, ambiguousReceived, leaked, unknown, foreign } = delivery;
  const classes = delivered + duplicated + late + ambiguousReceived + leaked + unknown + foreign;
  return (
    Math.abs(owed - delivered - lost) +
    Math.abs(received - classes) +
    Math.abs(sent - received) +
    Math.abs(published * subscribers - owed - ambiguous - missed)
  );
}

/** The worst run. A breach of the tool's books that is not in the sum counts as one. */
export function fanOutReading(runs: readonly BalancedRun[]): Reading {
  const value = ({ unexplained, breaches }: BalancedRun): number => Math.max(unexplained, breaches.length);
  const worst = runs.reduce((a, b) => (value(b) > value(a) ? b : a));
  const { published, owed, delivered, lost, received } = worst.delivery;
  const of = runs.length === 1 ? 'one run' : `the worst of ${runs.length} runs`;
  const breaches = worst.breaches.length === 0 ? '' : `; ${worst.breaches.join('; ')}`;
  const note =
    `${of}: ${published} messages, ${owed} owed = ${delivered} delivered + ${lost} lost; ` +
    `the server sent ${worst.counts.sent}, received ${received}${breaches}`;
  return { value: value(worst), note };
}
