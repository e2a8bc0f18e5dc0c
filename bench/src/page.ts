/** docs/benchmarks.md out of what was measured, and nothing else. Pure. */
import type { Absent, ContenderResult } from './alternation.ts';
import { formatFigure, formatLimit, formatValue, judge, type Compared, type Outcome, type Row } from './goal.ts';
import type { Machine } from './machine.ts';
import { spread } from './statistics.ts';

export interface Report {
  /** '2026-01-31' */
  readonly date: string;
  readonly machine: Machine;
  readonly targetVersion: string;
  readonly connections: number;
  readonly seconds: number;
  readonly repeats: number;
  /** CPU time as measured from outside and as the burner itself knew it, in seconds. */
  readonly proof: { readonly measured: number; readonly known: number };
  readonly rows: readonly Row[];
  readonly contenders: readonly ContenderResult[];
  readonly absent: readonly Absent[];
}

/** Above this share the machine had something else to do, and the page says so. */
const quietShare = 0.05;

export function page(report: Report): string {
  const { machine, seconds, repeats, connections, targetVersion, proof } = report;
  return `# Benchmarks

Written by \`npm run bench\` on ${report.date}; not edited by hand. Every figure was measured in that one run.

${machine.cores} cores of ${machine.cpu}, ${machine.memoryGb} GB, ${machine.os}, Linux ${machine.kernel}, Node ${machine.node}.
Before the run the machine was ${percent(machine.busyBefore)} busy${
    machine.busyBefore > quietShare ? ': **it was not quiet, and the figures are worth less for it**' : ''
  }.

## Against the goals

${goalTable(report.rows)}

${countOutcomes(report.rows)} Lower is better, unless the goal is written with ≥. 1 MB is 10⁶ bytes.

## CPU time per request

${connections} keep-alive connections for ${seconds} s, in alternation, median of ${repeats} with the least and the greatest.

${contenderTable(report.contenders)}
${report.absent.map(({ contender, reason }) => `\nNot measured: ${contender.title}: ${reason}.\n`).join('')}
Commands:

${report.contenders.map(({ contender, command }) => `- ${contender.title}: \`${command}\``).join('\n')}

${socketSection(report)}## How it is measured

- The target is ${targetVersion} with one worker on the same machine, over loop-back. It serves a file of 100 bytes; every
  POST it answers with a fixed JSON text. Its settings are in \`bench/src/nginx.ts\`.
- CPU time is user + system of the whole process with all its threads, from its start to its end, as the kernel counts it
  for a process that has been waited for (\`time\` of bash). Before the run this was held against a program that counts its
  own: ${proof.measured.toFixed(3)} s measured, ${proof.known.toFixed(3)} s known.
- It is divided by the requests that were answered completely and rightly, as the contender reports them. The target's own
  counter has to agree, or the contender is left out.
- A ratio is that of the two medians; beside it stand the least and the greatest ratio within one round. The rounds begin
  with another contender each time.
- artillery is bounded by count: its VUs make a fixed number of requests, about what takes it as long as the others.
- Memory is resident memory as /proc tells it; peaks are the kernel's own.
- Again: \`npm run bench\`, on a machine that does nothing else. A part of it, printed and not written:
  \`npm run bench -- --only quick,scripted --seconds 3 --repeats 3\`.
`;
}

/** The table of the goals, in Markdown. */
export function goalTable(rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const { measure, goal, unit } = row;
    const limits = [formatLimit(goal.must, unit, goal), formatLimit(goal.aim, unit, goal)];
    if ('missing' in row) return [measure, '—', limits[0]!, '**not measured**', limits[1]!, '', row.missing];
    const verdict = judge(row.value, goal);
    const value = formatValue(row.value, unit);
    return [measure, value, limits[0]!, shown(verdict.must), limits[1]!, verdict.aim ?? '', row.note];
  });
  return table(['measure', 'measured', 'must', 'met?', 'aim', 'met?', 'more'], lines);
}

/** '12 of 15 musts are met.' */
export function countOutcomes(rows: readonly Row[]): string {
  const met = rows.filter((row) => 'value' in row && judge(row.value, row.goal).must === 'met').length;
  return `${met} of ${rows.length} musts are met.`;
}

export function contenderTable(contenders: readonly ContenderResult[]): string {
  const lines = contenders.map(({ contender, version, cpuUs, samples }) => [
    contender.title,
    version,
    contender.method,
    cpuUs.median.toFixed(2),
    `${cpuUs.min.toFixed(2)} – ${cpuUs.max.toFixed(2)}`,
    samples.map(({ requestsPerSecond }) => Math.round(requestsPerSecond)).join(', '),
  ]);
  const heads = ['tool', 'version', 'request', 'CPU µs per request', 'least – greatest', 'requests/s of each round'];
  return table(heads, lines);
}

/** Who was compared in the socket rows, and how. Nothing where none of them was measured. */
function socketSection({ rows, repeats }: Report): string {
  const compared = comparedIn(rows);
  if (compared.length === 0) return '';
  const commands = new Map(compared.map(({ title, command }) => [command, title]));
  return `## Sockets

The clients in alternation, median of ${repeats} rounds with the least and the greatest. 1 KB is 1,000 bytes.

${comparedTable(rows)}

Commands:

${[...commands].map(([command, title]) => `- ${title}: \`${command}\``).join('\n')}

- The servers are \`ws\` and \`socket.io\` in a process of their own, started anew for each measure, without compression. They listen
  on 127.0.0.1, and the clients connect from four loop-back addresses in turn. Every client opens at the same pace: 2,000
  WebSockets a second, or 500 Socket.IO clients.
- plimsoll is the whole tool with one worker, and has a VU for every connection; the others are Node programs that do nothing
  but hold the connections (\`bench/src/programs\`). A garbage collection is forced on nobody.
- Memory per connection: resident memory of the client's process while all connections are idle, from two seconds after the
  last one stood, minus that of a run of the same length with 10 connections, by the difference in connections. CPU per connection
  opened is the difference of the same two runs: user and system time of all threads up to the last look at the idle client.
- Messages: texts of 100 bytes, 50 a second on each connection. The time between two messages of a connection is long enough for
  the client to have read the first: a frame for each read; above 90 % of a core a run does not count. Each client has a
  handler that counts, and what it counted has to agree with what the server sent. CPU time is that of the client's process between
  the first and the last look, so neither starting nor connecting is in it.
- Held connections: the server pings every one each 10 s and cuts who owes it a pong by the next; the client pings on every one each 20 s.

`;
}

/** Every figure of the socket rows, client by client, in Markdown. */
export function comparedTable(rows: readonly Row[]): string {
  const lines = comparedIn(rows).map(({ figure, unit, title, version, values }) => {
    const { median, min, max } = spread(values);
    const each = values.map(formatFigure).join(', ');
    return [
      figure,
      title,
      version,
      `${formatFigure(median)} ${unit}`,
      `${formatFigure(min)} – ${formatFigure(max)}`,
      each,
    ];
  });
  return table(['figure', 'client', 'version', 'median', 'least – greatest', 'each round'], lines);
}

function comparedIn(rows: readonly Row[]): readonly Compared[] {
  return rows.flatMap((row) => ('value' in row ? (row.compared ?? []) : []));
}

function shown(outcome: Outcome): string {
  return outcome === 'met' ? outcome : `**${outcome}**`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** A bar in a cell would end it, and so would a line break. */
function table(heads: readonly string[], lines: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ')).join(' | ')} |`;
  return [row(heads), row(heads.map(() => '---')), ...lines.map(row)].join('\n');
}
