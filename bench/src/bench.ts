/** `npm run bench`: measures, prints, and after a complete run writes docs/benchmarks.md. */
import { writeFileSync } from 'node:fs';
import { alternate, messageOf, type Alternation } from './alternation.ts';
import { artilleryIn } from './contenders/artillery.ts';
import type { Contender } from './contenders/contender.ts';
import { peers } from './contenders/peers.ts';
import { ownContenders, plimsollVersion } from './contenders/plimsoll.ts';
import { proveCpuTime } from './cpu-time.ts';
import type { Row } from './goal.ts';
import { hardFileLimit, lookAtMachine } from './machine.ts';
import { arrivals } from './measures/arrivals.ts';
import { heldSockets } from './measures/held-sockets.ts';
import { histogram } from './measures/histogram.ts';
import type { Circumstances, Measure } from './measures/measure.ts';
import { idleMemory, idleVus, memoryGrowth, peakMemory } from './measures/memory.ts';
import { listedPeers, ratioMeasures, ratioRow } from './measures/ratios.ts';
import { socketCost, socketIoCost, socketMessages } from './measures/sockets.ts';
import { startTime } from './measures/start-time.ts';
import { startNginx } from './nginx.ts';
import { parseOptions, standard, type BenchOptions } from './options.ts';
import { comparedTable, contenderTable, countOutcomes, goalTable, page, type Report } from './page.ts';
import { endAll } from './processes.ts';
import { Scratch } from './scratch.ts';

const httpMeasures: readonly Measure[] = [peakMemory, idleMemory, memoryGrowth, arrivals, histogram, startTime];
const socketMeasures: readonly Measure[] = [socketCost, socketMessages, heldSockets, socketIoCost];
const measures = [...httpMeasures, ...socketMeasures];
const names = [...new Set([...ratioMeasures, { name: 'peers' }, ...measures].map(({ name }) => name))];
const pagePath = new URL('../../docs/benchmarks.md', import.meta.url);

/** Returns the exit code: 0 also where goals are missed, for the page is what was asked for; 2 for a wrong word. */
export async function bench(words: readonly string[]): Promise<number> {
  let options: BenchOptions;
  try {
    options = parseOptions(words, names);
    await plimsollVersion();
  } catch (error) {
    say(`bench: ${messageOf(error)}`);
    return 2;
  }
  const scratch = new Scratch();
  const leave = (): void => {
    endAll();
    scratch.remove();
  };
  process.once('exit', leave);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  try {
    const report = await measureAll(options, scratch);
    say(
      `\n${contenderTable(report.contenders)}\n\n${comparedTable(report.rows)}\n\n${goalTable(report.rows)}\n\n${countOutcomes(report.rows)}`,
    );
    if (options.isStandard) writeFileSync(pagePath, page(report));
    say(options.isStandard ? 'docs/benchmarks.md is written.' : 'A partial run: docs/benchmarks.md stays as it is.');
    return 0;
  } finally {
    leave();
  }
}

async function measureAll(options: BenchOptions, scratch: Scratch): Promise<Report> {
  const { seconds, repeats, sockets } = options;
  const { connections } = standard;
  const machine = await lookAtMachine();
  const proof = await proveCpuTime();
  const most = Math.min(idleVus + 100, hardFileLimit() - 200);
  const target = await startNginx(scratch, most);
  if (seconds !== standard.seconds) say(`All times are ${seconds / standard.seconds} of what the tables name.`);
  if (sockets !== standard.sockets) say(`All counts of sockets are ${sockets / standard.sockets} of what they name.`);
  say(`${target.version}; before it the machine was ${(machine.busyBefore * 100).toFixed(1)} % busy`);
  const circumstances: Circumstances = { target, scratch, connections, seconds, repeats, sockets, say };
  const alternation = await alternate({ ...circumstances, contenders: wantedContenders(options, scratch) });
  const rows = await allRows(options, circumstances, alternation);
  target.stop();
  return {
    date: new Date().toISOString().slice(0, 10),
    machine,
    targetVersion: target.version,
    connections,
    seconds,
    repeats,
    proof,
    rows,
    contenders: [...alternation.results.values()],
    absent: [...alternation.absent.values()],
  };
}

/** Those that the wanted lines of the table compare, each once. */
function wantedContenders(options: BenchOptions, scratch: Scratch): Contender[] {
  const wanted = new Set(
    ratioMeasures.filter(({ name }) => isWanted(options, name)).flatMap(({ ours, against }) => [ours, against]),
  );
  if (isWanted(options, 'peers')) for (const name of listedPeers) wanted.add(name);
  const artillery = artilleryIn(options.artillery ?? scratch.folder('artillery-install'));
  return [...ownContenders, ...peers, artillery].filter(({ name }) => wanted.has(name));
}

async function allRows(options: BenchOptions, circumstances: Circumstances, alternation: Alternation): Promise<Row[]> {
  const ratios = ratioMeasures.filter(({ name }) => isWanted(options, name));
  const rows = ratios.map((ratio) => ratioRow(ratio, alternation));
  for (const measure of measures.filter(({ name }) => isWanted(options, name))) {
    say(`measuring: ${measure.name}`);
    rows.push(...(await rowsOf(measure, circumstances)));
  }
  return rows;
}

async function rowsOf(measure: Measure, circumstances: Circumstances): Promise<Row[]> {
  try {
    const readings = await measure.measure(circumstances);
    return measure.rows.map((row, index) => ({ ...row, ...readings[index]! }));
  } catch (error) {
    say(`${measure.name}: ${messageOf(error)}`);
    return measure.rows.map((row) => ({ ...row, missing: messageOf(error) }));
  }
}

function isWanted({ only }: BenchOptions, name: string): boolean {
  return only?.includes(name) ?? true;
}

function say(line: string): void {
  console.log(line);
}
