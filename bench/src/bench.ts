/** `npm run bench`: measures, prints, and writes into docs/benchmarks.md the parts that were measured completely. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { messageOf } from './alternation.ts';
import { plimsollVersion } from './contenders/plimsoll.ts';
import { countOutcomes, goalTable } from './goal-table.ts';
import { httpNames, measureHttp } from './http-bench.ts';
import { contenderTable, httpPart } from './http-page.ts';
import { startHostProbe } from './host-probe.ts';
import { lookAtMachine } from './machine.ts';
import type { Circumstances } from './measures/measure.ts';
import { parseOptions, parts, standard, type BenchOptions, type Part } from './options.ts';
import { nginxVersion } from './nginx.ts';
import { nothingYet, page, partsOf, type PartTexts } from './page.ts';
import { endAll } from './processes.ts';
import { Scratch } from './scratch.ts';
import type { Setting } from './setting.ts';
import { setTimeout as pause } from 'node:timers/promises';
import { measureSockets, socketNames } from './socket-bench.ts';
import { comparedTable, socketPart } from './socket-page.ts';
import { Undisturbed } from './undisturbed.ts';

const pagePath = new URL('../../docs/benchmarks.md', import.meta.url);

/** Returns the exit code: 0 also where goals are missed, for the page is what was asked for; 2 for a wrong word. */
export async function bench(words: readonly string[]): Promise<number> {
  let options: BenchOptions;
  try {
    options = parseOptions(words, { http: httpNames, sockets: socketNames });
    await plimsollVersion();
    if (options.wanted.http.length > 0) await nginxVersion();
    // A page that cannot be written into is found before the minutes that it takes to measure.
    if (options.publishes.length > 0) standing();
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
    for (const part of parts.filter((each) => options.wanted[each].length > 0)) {
      const text = await measuredPart(part, options, scratch);
      if (options.publishes.includes(part)) {
        writeFileSync(pagePath, page({ ...standing(), [part]: text }));
        say(`docs/benchmarks.md: the part '${part}' is written.`);
      } else {
        say(`A partial run: the part '${part}' of docs/benchmarks.md stays as it is.`);
      }
    }
    return 0;
  } finally {
    leave();
  }
}

async function measuredPart(part: Part, options: BenchOptions, scratch: Scratch): Promise<string> {
  const { seconds, repeats } = options;
  const setting = await settingOf(options);
  const { look, stop } = await startHostProbe();
  try {
    const undisturbed = new Undisturbed({ look, pause, nowMs: () => performance.now(), say });
    await undisturbed.calibrate();
    return await measured[part](options, setting, { scratch, seconds, repeats, say, undisturbed });
  } finally {
    stop();
  }
}

/** Prints the tables, and gives the part of the page. */
type MeasurePart = (options: BenchOptions, setting: Setting, common: Circumstances) => Promise<string>;

const measured: Readonly<Record<Part, MeasurePart>> = {
  async http(options, setting, common) {
    const report = await measureHttp(options, setting, common);
    say(`\n${contenderTable(report.contenders)}\n\n${goalTable(report.rows)}\n\n${countOutcomes(report.rows)}`);
    return httpPart(report);
  },
  async sockets(options, setting, common) {
    const report = await measureSockets(options, setting, common);
    say(`\n${comparedTable(report.rows)}\n\n${goalTable(report.rows)}\n\n${countOutcomes(report.rows)}`);
    return socketPart(report);
  },
};

/** Each part looks for itself whether the machine is quiet, and which day it is. */
async function settingOf({ seconds, repeats }: BenchOptions): Promise<Setting> {
  if (seconds !== standard.seconds) say(`All times are ${seconds / standard.seconds} of what the tables name.`);
  const machine = await lookAtMachine();
  say(`before it the machine was ${(machine.busyBefore * 100).toFixed(1)} % busy`);
  return { date: new Date().toISOString().slice(0, 10), machine, seconds, repeats };
}

/** The page as it is. Errors: it has no marks. */
function standing(): PartTexts {
  return existsSync(pagePath) ? partsOf(readFileSync(pagePath, 'utf8')) : nothingYet;
}

function say(line: string): void {
  console.log(line);
}
