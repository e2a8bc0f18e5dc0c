/** What the guide shows of a run. Pure. */
import { countOutcomes, goalTable } from '../goal-table.ts';
import type { Row } from '../goal.ts';
import type { Machine } from '../machine.ts';
import { median, spread } from '../statistics.ts';
import { backendNames, type Backend } from './service.ts';

/** 'dashboard' → one mean latency in ms for each repeat. */
export type MeansMs = Readonly<Record<string, readonly number[]>>;

export interface Comparison {
  readonly backend: Backend;
  /** 'naive' · 'naive, with indexes' · 'optimised' */
  readonly configuration: string;
  readonly flags: readonly string[];
  readonly meansMs: MeansMs;
}

export interface Throughput {
  readonly backend: Backend;
  readonly profile: string;
  /** 'dashboard' → requests per second, one for each repeat. */
  readonly perSecond: Readonly<Record<string, readonly number[]>>;
}

export interface ApiReport {
  readonly date: string;
  readonly machine: Machine;
  readonly comparisons: readonly Comparison[];
  readonly throughputs: readonly Throughput[];
  readonly rows: readonly Row[];
  /** Of GETs of the configuration. */
  readonly burst: { readonly connections: number; readonly requests: number };
  readonly repeats: number;
  readonly seconds: number;
  readonly memorySeconds: number;
}

const endpoints = ['dashboard', 'sessions', 'config GET'] as const;

export function apiTables(report: ApiReport): string {
  const { machine, repeats, seconds, memorySeconds, burst } = report;
  return `Written by \`npm run bench:api -- --only http\` on ${report.date}; every figure comes from that one run, the generator on the same machine.
${machine.cores} cores of ${machine.cpu}, ${machine.memoryGb} GB, ${machine.os}, Node ${machine.node}; before the run it was ${(machine.busyBefore * 100).toFixed(1)} % busy.

**Goals**

${goalTable(report.rows)}

${countOutcomes(report.rows)} The growth of memory was watched for ${memorySeconds} s. The latencies and rates are those of the tables below; the other goals:

- bare route: \`BODY='…' node bench/api/bare-route.mjs 4898\` and the optimised service, in turn, each by
  \`plimsoll quick URL -c 50 -d ${seconds}s -H 'Authorization: Bearer …'\`, ${repeats} rounds
- config PUT: the series \`PUT\` of \`plimsoll run test_config_update_sequential --config loadtests/plimsoll.config.ts --target URL\`,
  median of ${repeats} runs
- memory: \`plimsoll quick URL -r 200/s -d ${memorySeconds}s -H 'Authorization: Bearer …'\` on the three paths at once, VmRSS of the service

**Mean latency at the load of the suite, one optimisation at a time**

Dashboard and sessions: 100 requests by 10 users, as the suite has it. Config GET: not the suite's 100 requests, but ${burst.requests.toLocaleString('en')} by
${burst.connections} connections, and its goal is judged on those alone. **Of a few thousand it was not met:** of so few, and of the suite's 100 all the more,
the generator's own start and the making of the connections weigh as much as the service, before the optimisation and after it.
All configurations are asked in turn, ${repeats} rounds, each of which begins with another one. Median with the least and the greatest, in ms:

- \`plimsoll run test_dashboard_concurrent_requests test_sessions_concurrent_requests --config loadtests/plimsoll.config.ts --target URL\`
- \`plimsoll quick URL/config/optimization-criteria -c ${burst.connections} -n ${burst.requests} -H 'Authorization: Bearer …'\`

| database, cache | configuration | ${endpoints.join(' | ')} |
| --- | --- | ${endpoints.map(() => '---:').join(' | ')} |
${report.comparisons.map((each) => `| ${backendNames[each.backend]} | ${each.configuration}: \`${each.flags.join(' ')}\` | ${endpoints.map((endpoint) => range(each.meansMs[endpoint]!)).join(' | ')} |`).join('\n')}

**Throughput**

50 connections at full speed for ${seconds} s, naive and optimised in turn, ${repeats} rounds; median with the least and the greatest, in good answers per second: \`plimsoll quick URL -c 50 -d ${seconds}s -H 'Authorization: Bearer …'\`

| database, cache | profile | ${endpoints.join(' | ')} |
| --- | --- | ${endpoints.map(() => '---:').join(' | ')} |
${report.throughputs.map((each) => `| ${backendNames[each.backend]} | ${each.profile} | ${endpoints.map((endpoint) => rates(each.perSecond[endpoint]!)).join(' | ')} |`).join('\n')}
`;
}

function range(values: readonly number[]): string {
  const { min, max } = spread(values);
  return `${figure(median(values))} (${figure(min)} – ${figure(max)})`;
}

function rates(values: readonly number[]): string {
  const { min, max } = spread(values);
  const [middle, least, most] = [median(values), min, max].map((value) => Math.round(value).toLocaleString('en'));
  return `${middle} (${least} – ${most})`;
}

function figure(value: number): string {
  return value.toPrecision(3);
}

/** Where in the guide a part has its place. */
export type Place = 'bench:api' | 'bench:api sockets';

/** The guide with the tables between the marks of their place. Errors: the marks are not there. */
export function withTables(guide: string, tables: string, place: Place): string {
  const marks = [`<!-- ${place} -->`, `<!-- /${place} -->`] as const;
  const [from, to] = marks.map((mark) => guide.indexOf(mark)) as [number, number];
  if (from < 0 || to < from) throw new Error(`the guide has no ${marks.join(' … ')}`);
  return `${guide.slice(0, from + marks[0].length)}\n\n${tables}\n${guide.slice(to)}`;
}
