/** docs/benchmarks.md out of what was measured, and nothing else. Pure. */
import type { Absent, ContenderResult } from './alternation.ts';
import { formatLimit, formatValue, judge, type Outcome, type Row } from './goal.ts';
import type { Machine } from './machine.ts';

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

${countOutcomes(report.rows)} Lower is better everywhere. 1 MB is 10⁶ bytes.

## CPU time per request

${connections} keep-alive connections for ${seconds} s, in alternation, median of ${repeats} with the least and the greatest.

${contenderTable(report.contenders)}
${report.absent.map(({ contender, reason }) => `\nNot measured: ${contender.title}: ${reason}.\n`).join('')}
Commands:

${report.contenders.map(({ contender, command }) => `- ${contender.title}: \`${command}\``).join('\n')}

## How it is measured

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
    const limits = [formatLimit(goal.must, unit), formatLimit(goal.aim, unit)];
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
