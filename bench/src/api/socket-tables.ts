/** What the guide shows of the sockets. Pure. */
import { formatRange, type Row } from '../goal.ts';
import { broadcastSize } from '../load/broadcast-size.ts';
import { countOutcomes, goalTable } from '../goal-table.ts';
import type { Machine } from '../machine.ts';
import { median, ratioOf, spread } from '../statistics.ts';

/** What one run of the load says. Latencies in ms. */
export interface SocketFigures {
  readonly deliveryP50: number;
  readonly deliveryP95: number;
  /** From the first to the last who hears a message, of the message in the middle. */
  readonly skew: number;
  readonly connectMean: number;
  /** Of all clients, with what says that they have joined. */
  readonly messages: number;
  /** Of the frames, as they came. */
  readonly bytes: number;
  /** From the first connection to the last close. */
  readonly testSeconds: number;
  /** To clients that had not joined the room. */
  readonly leaked: number;
  /** Of what was owed to those who had. */
  readonly lost: number;
  readonly serverCpuSeconds: number;
}

export interface SocketComparison {
  readonly configuration: string;
  readonly flags: readonly string[];
  /** One for each round. */
  readonly rounds: readonly SocketFigures[];
}

export interface SocketReport {
  readonly date: string;
  readonly machine: Machine;
  readonly repeats: number;
  /** Naive first, optimised last. */
  readonly comparisons: readonly SocketComparison[];
}

const lines: readonly (readonly [
  title: string,
  of: (figures: SocketFigures) => number,
  form: (value: number) => string,
])[] = [
  ['delivery p50, ms', (each) => each.deliveryP50, figure],
  ['delivery p95, ms', (each) => each.deliveryP95, figure],
  ['skew, ms', (each) => each.skew, figure],
  ['connect mean, ms', (each) => each.connectMean, figure],
  ['messages a client receives, per second', (each) => each.messages / clients / each.testSeconds, figure],
  ['kB a client receives, per second', (each) => each.bytes / 1e3 / clients / each.testSeconds, figure],
  ['messages received in all', (each) => each.messages, whole],
  ['MB received in all', (each) => each.bytes / 1e6, figure],
  ['leaked deliveries', (each) => each.leaked, whole],
  ['lost deliveries', (each) => each.lost, whole],
  ['CPU time of the server, s', (each) => each.serverCpuSeconds, figure],
];

const { clients, listenToAll, sessions, seconds, groups, stepMs } = broadcastSize;
const ownSessions = sessions / groups;

export function socketTables(report: SocketReport): string {
  const { machine, repeats, comparisons } = report;
  const rows = socketRows(comparisons);
  const [before, after] = [cpuOf(comparisons.at(0)!), cpuOf(comparisons.at(-1)!)];
  const cpu = ratioOf(after, before);
  return `**Sockets**

Written by \`npm run bench:api -- --only sockets\` on ${report.date}, the generator on the same machine.
${machine.cores} cores of ${machine.cpu}, ${machine.memoryGb} GB, ${machine.os}, Node ${machine.node}; before the run it was ${(machine.busyBefore * 100).toFixed(1)} % busy.

${sessions} sessions are cancelled over ${seconds} s, and tell of their progress every ${stepMs / 1000} s until then. ${clients} Socket.IO clients listen by WebSocket, ${listenToAll} of them to
everything and each of the others to ${ownSessions} sessions; what is followed from when it was due to each client is the cancelling. All configurations
are asked in turn, ${repeats} rounds, each of which begins with another one, and one before that is left out. Median with the least and the greatest:

- \`OPTIMISER_STEP_MS=${stepMs} SEED_PASSWORD=plimsoll node apps/reference-api/dist/main.js --rate-limits off --profile …\`
- \`plimsoll run bench/src/load/broadcast.ts --target URL\`

| measure | ${comparisons.map(({ configuration, flags }) => `${configuration}: \`${flags.join(' ')}\``).join(' | ')} |
| --- | ${comparisons.map(() => '---:').join(' | ')} |
${lines.map(([title, of, form]) => `| ${title} | ${comparisons.map(({ rounds }) => range(rounds.map(of), form)).join(' | ')} |`).join('\n')}

_Leaked_ is what came to a client that had not joined the room. Skew is the time from the first to the last who hears a message, of the message in the
middle. Bytes are those of the frames, as they came. A message is about ${Math.round(bytesPerMessage(comparisons))} bytes long and so below the size from which the optimised service compresses, 1 KB: what the
columns differ by is the rooms. CPU time is the load's, connecting included, as \`process_cpu_seconds_total\` of \`/metrics\` has it: the optimised service took
${cpu.median.toFixed(2)}× (${cpu.min.toFixed(2)}× – ${cpu.max.toFixed(2)}×) of the naive one's.

${goalTable(rows)}

${countOutcomes(rows)}
`;
}

/** What the suite asks of its own sockets, asked of the optimised service under this load. */
export function socketRows(comparisons: readonly SocketComparison[]): Row[] {
  const { rounds } = comparisons.at(-1)!;
  const row = (measure: string, must: number, unit: Row['unit'], of: (figures: SocketFigures) => number): Row => {
    const { median: value, min, max } = spread(rounds.map(of));
    // Not one may be leaked or lost in any round.
    const isCount = unit === 'deliveries';
    const note = `${formatRange(min, max, unit)} in ${rounds.length} rounds`;
    return {
      measure,
      goal: { must },
      unit,
      value: isCount ? max : value,
      note: isCount ? `in each of ${rounds.length} rounds` : note,
    };
  };
  return [
    row('delivery, p95, optimised', 100, 'ms', (each) => each.deliveryP95),
    row('connect, mean, optimised', 1000, 'ms', (each) => each.connectMean),
    row('leaked, optimised', 0, 'deliveries', (each) => each.leaked),
    row('lost, optimised', 0, 'deliveries', (each) => each.lost),
  ];
}

function cpuOf({ rounds }: SocketComparison): number[] {
  return rounds.map((each) => each.serverCpuSeconds);
}

function bytesPerMessage(comparisons: readonly SocketComparison[]): number {
  return median(comparisons.flatMap(({ rounds }) => rounds.map(({ bytes, messages }) => bytes / messages)));
}

function range(values: readonly number[], form: (value: number) => string): string {
  const { min, max } = spread(values);
  return min === max ? form(min) : `${form(median(values))} (${form(min)} – ${form(max)})`;
}

/** Three digits, never as an exponent. */
function figure(value: number): string {
  return value === 0 || value >= 100 ? whole(value) : value.toPrecision(3);
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}
