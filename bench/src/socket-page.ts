/** The part of sockets in docs/benchmarks.md, out of what was measured, and nothing else. Pure. */
import { openers } from './load/socket-pace.ts';
import { formatFigure, type Compared, type Row } from './goal.ts';
import { countOutcomes, goalTable } from './goal-table.ts';
import { markdownTable } from './markdown-table.ts';
import { settingLines, type Setting } from './setting.ts';
import { spread } from './statistics.ts';
import { disturbanceLines, type Disturbances } from './undisturbed.ts';

export interface SocketReport extends Setting {
  readonly rows: readonly Row[];
  readonly disturbances: Disturbances;
}

export function socketPart(report: SocketReport): string {
  const { rows, repeats, disturbances } = report;
  const commands = new Map(comparedIn(rows).map(({ title, command }) => [command, title]));
  return `## Sockets

${settingLines(report)}

### Sockets against the goals

${goalTable(rows)}

${countOutcomes(rows)} Lower is better, unless the goal is written with ≥.

### Client against client

In alternation, median of ${repeats} rounds with the least and the greatest. 1 KB is 1,000 bytes.

${comparedTable(rows)}

Commands:

${[...commands].map(([command, title]) => `- ${title}: \`${command}\``).join('\n')}

### How sockets are measured

- The servers are \`ws\` and \`socket.io\`, each in a process of its own, the same one for both clients, without compression.
  They listen on 127.0.0.1, and the clients connect from four loop-back addresses in turn, each run
  from four of its own, because closed connections hold their ports for a minute. Both clients open at the same
  pace: 2,000 WebSockets a second, or 1,000 Socket.IO clients.
- plimsoll is the whole tool with one worker; the others are Node programs that do nothing but hold the connections
  (\`bench/src/programs\`). Where the cost of a connection is measured, ${openers} VUs share them and open them by Node's
  timers, as the other clients do; else each has a VU of its own. A garbage collection is forced on nobody.
${disturbanceLines(disturbances)}
- Memory per connection: resident memory of the client's process while all connections are idle, from two seconds after
  the last one stood, less that of a run of the same client and length with 10 connections just before it, divided by the difference in
  connections. So the start-up is in neither, nor are the VUs of plimsoll. CPU per connection opened comes from the
  same runs in the same way: user and system time of all threads of the client, from /proc, up to the last look at it.
- Messages: texts of 100 bytes, 50 a second on each connection. The time between two messages of a connection is long
  enough for the client to have read the first: a frame for each read; a run in which a client was busier than 90 % of a
  core does not count. Each client has a handler that counts, and its count has to agree with what the server sent. The
  CPU time is that between the first and the last look, so neither starting nor connecting is in it.
- Held connections: the server pings each of them every 10 s and cuts those that owe it a pong by the next ping; the client
  pings on each every 20 s. Counted are those not open at the end, those cut, and the client's pings without a pong.
- Fan-out: unexplained is the sum of what does not agree: owed and delivered + lost; all arrivals and the classes they were
  put into; what the server counted that it sent and what the tool received; and what was published, times the
  subscribers, and what is owed, ambiguous or missed. The worst of the runs counts.`;
}

/** Every figure of the comparisons, client by client, in Markdown. */
export function comparedTable(rows: readonly Row[]): string {
  const lines = comparedIn(rows).map(({ figure, unit, title, version, values }) => {
    const { median, min, max } = spread(values);
    const range = `${formatFigure(min)} – ${formatFigure(max)}`;
    return [figure, title, version, `${formatFigure(median)} ${unit}`, range, values.map(formatFigure).join(', ')];
  });
  return markdownTable(['figure', 'client', 'version', 'median', 'least – greatest', 'each round'], lines);
}

function comparedIn(rows: readonly Row[]): readonly Compared[] {
  return rows.flatMap((row) => ('value' in row ? (row.compared ?? []) : []));
}
