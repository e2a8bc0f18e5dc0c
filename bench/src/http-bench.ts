/** Measures the part of HTTP: the contenders in turn against nginx, then one measure after the other. */
import { alternate } from './alternation.ts';
import { artilleryIn } from './contenders/artillery.ts';
import type { Contender } from './contenders/contender.ts';
import { peers } from './contenders/peers.ts';
import { ownContenders } from './contenders/plimsoll.ts';
import { proveCpuTime } from './cpu-time.ts';
import type { HttpReport } from './http-page.ts';
import { hardFileLimit } from './machine.ts';
import { arrivals } from './measures/arrivals.ts';
import { histogram } from './measures/histogram.ts';
import { rowsOf, type Circumstances, type HttpMeasure } from './measures/measure.ts';
import { idleMemory, idleVus, memoryGrowth, peakMemory } from './measures/memory.ts';
import { listedPeers, ratioMeasures, ratioRow } from './measures/ratios.ts';
import { startTime } from './measures/start-time.ts';
import { startNginx } from './nginx.ts';
import { standard, type BenchOptions } from './options.ts';
import type { Setting } from './setting.ts';

const measures: readonly HttpMeasure[] = [peakMemory, idleMemory, memoryGrowth, arrivals, histogram, startTime];

export const httpNames = [...new Set([...ratioMeasures, { name: 'peers' }, ...measures].map(({ name }) => name))];

export async function measureHttp(options: BenchOptions, setting: Setting, common: Circumstances): Promise<HttpReport> {
  const { scratch, say } = common;
  const { connections } = standard;
  const wanted = options.wanted.http;
  const proof = await proveCpuTime();
  const most = Math.min(idleVus + 100, hardFileLimit() - 200);
  const target = await startNginx(scratch, most);
  say(target.version);
  const circumstances = { ...common, target, connections };
  const alternation = await alternate({ ...circumstances, contenders: wantedContenders(options, circumstances) });
  const ratios = ratioMeasures.filter(({ name }) => wanted.includes(name));
  const rows = ratios.map((ratio) => ratioRow(ratio, alternation));
  rows.push(...(await rowsOf(measures, wanted, circumstances)));
  target.stop();
  return {
    ...setting,
    targetVersion: target.version,
    connections,
    proof,
    rows,
    contenders: [...alternation.results.values()],
    absent: [...alternation.absent.values()],
    disturbances: common.undisturbed.told(),
  };
}

/** Those that the wanted lines of the table compare, each once. */
function wantedContenders({ wanted: { http }, artillery }: BenchOptions, { scratch }: Circumstances): Contender[] {
  const wanted = new Set(
    ratioMeasures.filter(({ name }) => http.includes(name)).flatMap(({ ours, against }) => [ours, against]),
  );
  if (http.includes('peers')) for (const name of listedPeers) wanted.add(name);
  const installed = artilleryIn(artillery ?? scratch.folder('artillery-install'));
  return [...ownContenders, ...peers, installed].filter(({ name }) => wanted.has(name));
}
