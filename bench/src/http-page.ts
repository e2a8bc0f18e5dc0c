/** The part of HTTP in docs/benchmarks.md, out of what was measured, and nothing else. Pure. */
import type { Absent, ContenderResult } from './alternation.ts';
import type { Row } from './goal.ts';
import { countOutcomes, goalTable } from './goal-table.ts';
import { markdownTable } from './markdown-table.ts';
import { settingLines, type Setting } from './setting.ts';
import { disturbanceLines, type Disturbances } from './undisturbed.ts';

export interface HttpReport extends Setting {
  readonly targetVersion: string;
  readonly connections: number;
  /** CPU time as measured from outside and as the burner itself knew it, in seconds. */
  readonly proof: { readonly measured: number; readonly known: number };
  readonly rows: readonly Row[];
  readonly contenders: readonly ContenderResult[];
  readonly absent: readonly Absent[];
  readonly disturbances: Disturbances;
}

export function httpPart(report: HttpReport): string {
  const { seconds, repeats, connections, targetVersion, proof, disturbances } = report;
  return `## HTTP

${settingLines(report)}

### HTTP against the goals

${goalTable(report.rows)}

${countOutcomes(report.rows)} Lower is better everywhere. 1 MB is 10⁶ bytes.

### CPU time per request

${connections} keep-alive connections for ${seconds} s, in alternation, median of ${repeats} with the least and the greatest.

${contenderTable(report.contenders)}
${report.absent.map(({ contender, reason }) => `\nNot measured: ${contender.title}: ${reason}.\n`).join('')}
Commands:

${report.contenders.map(({ contender, command }) => `- ${contender.title}: \`${command}\``).join('\n')}

### How HTTP is measured

- The target is ${targetVersion} with one worker on the same machine, over loop-back. It serves a file of 100 bytes; every
  POST it answers with a fixed JSON text. Its settings are in \`bench/src/nginx.ts\`.
- CPU time is user + system of the whole process with all its threads, from its start to its end, as the kernel counts it
  for a process that has been waited for (\`time\` of bash). Before the run this was held against a program that counts its
  own: ${proof.measured.toFixed(3)} s measured, ${proof.known.toFixed(3)} s known.
- It is divided by the requests that were answered completely and rightly, as the contender reports them. The target's own
  counter has to agree, or the contender is left out.
- A ratio is that of the two medians; beside it stand the least and the greatest ratio within one round. The rounds begin
  with another contender each time.
${disturbanceLines(disturbances)}
- artillery is bounded by count: its VUs make a fixed number of requests, about what takes it as long as the others.
- Memory is resident memory as /proc tells it; peaks are the kernel's own.`;
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
  return markdownTable(heads, lines);
}
