/**
 * `npm run bench:api`: the reference API, naive against optimised. Each of its parts, with the standard times, writes its
 * tables into the guide.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { formatRange, formatValue, type Row } from '../goal.ts';
import { lookAtMachine, type Machine } from '../machine.ts';
import { endAll } from '../processes.ts';
import { Scratch } from '../scratch.ts';
import { median, ratioOf, spread } from '../statistics.ts';
import { inTurn, withBareRoute, withServices } from './in-turn.ts';
import { burstMeanMs, putMeanMs, steadily, suiteMeansMs, throughput } from './load.ts';
import { parseApiOptions, type ApiBenchOptions, type Times } from './options.ts';
import { residentMb, type Backend, type Service } from './service.ts';
import { socketTables } from './socket-tables.ts';
import { measureSockets } from './sockets.ts';
import { apiTables, withTables, type ApiReport, type Comparison, type Place, type Throughput } from './tables.ts';

const guide = new URL('../../../docs/load-testing-guide.md', import.meta.url);
const backends: readonly Backend[] = ['embedded', 'production'];

const paths = {
  dashboard: '/dashboard/stats',
  sessions: '/optimization/sessions',
  'config GET': '/config/optimization-criteria',
} as const;
type Endpoint = keyof typeof paths;

const tests: Readonly<Record<string, Endpoint>> = {
  test_dashboard_concurrent_requests: 'dashboard',
  test_sessions_concurrent_requests: 'sessions',
};
/**
 * The suite's 100 GETs by 100 users are over before either side is warm, and of a few thousand the generator's start and the
 * making of the connections are as large a part as the service: so many more by as many show what a GET takes.
 */
const configBurst = { connections: 100, requests: 100_000 } as const;

const naive = ['--profile', 'naive'];
const configurations: readonly (readonly [name: string, flags: readonly string[]])[] = [
  ['naive', naive],
  ['with the dashboard cache', [...naive, '--dashboard-cache', 'on']],
  ['with indexes', [...naive, '--indexes', 'on']],
  ['with the batched look-up', [...naive, '--batched-lookup', 'on']],
  ['with the result cache', [...naive, '--result-cache', 'on']],
  ['with the config cache', [...naive, '--config-cache', 'on']],
  ['optimised', ['--profile', 'optimised']],
];

/** Returns the exit code: 0 also where goals are missed, for the tables are what was asked for; 2 for a wrong word. */
export async function benchApi(words: readonly string[]): Promise<number> {
  const options = readOptions(words);
  if (options === undefined) return 2;
  const scratch = new Scratch();
  const leave = (): void => {
    endAll();
    scratch.remove();
  };
  process.once('exit', leave);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  const { parts, times, isStandard } = options;
  const head = { date: new Date().toISOString().slice(0, 10), machine: await lookAtMachine() };
  const show = (tables: string, place: Place): void => {
    console.log(`\n${tables}`);
    if (isStandard) writeFileSync(guide, withTables(readFileSync(guide, 'utf8'), tables, place));
  };
  if (parts.includes('http')) show(apiTables(await measureHttp(times, scratch, head)), 'bench:api');
  if (parts.includes('sockets')) show(socketTables(await measureSockets(times, scratch, head)), 'bench:api sockets');
  console.log(
    isStandard
      ? 'docs/load-testing-guide.md is written.'
      : 'Other times than the standard ones: the guide stays as it is.',
  );
  return 0;
}

function readOptions(words: readonly string[]): ApiBenchOptions | undefined {
  try {
    return parseApiOptions(words);
  } catch (error) {
    console.log(`bench:api: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

async function measureHttp(
  times: Times,
  scratch: Scratch,
  head: { readonly date: string; readonly machine: Machine },
): Promise<ApiReport> {
  const comparisons = await compare(times, scratch);
  const throughputs = await measureThroughputs(times, scratch);
  const rows = [
    ...comparisonRows(comparisons),
    ...throughputRows(throughputs),
    ...(await bareRows(times, scratch)),
    await putRow(times, scratch),
    await memoryRow(times, scratch),
  ];
  return { ...head, comparisons, throughputs, rows, burst: configBurst, ...times };
}

async function withService<T>(
  flags: readonly string[],
  scratch: Scratch,
  work: (service: Service) => Promise<T>,
): Promise<T> {
  return await withServices('embedded', [['one', flags]], scratch, ([one]) => work(one!.service));
}

/** All configurations of a backend in turn. The first round warms both sides up, and is left out. */
async function compare({ repeats }: Times, scratch: Scratch): Promise<Comparison[]> {
  const comparisons: Comparison[] = [];
  for (const backend of backends) {
    const meansMs = new Map<string, Record<string, number[]>>(configurations.map(([name]) => [name, {}]));
    await withServices(backend, configurations, scratch, (services) =>
      inTurn(services, repeats + 1, async ({ name, service }, round) => {
        const suite = await suiteMeansMs(service, Object.keys(tests));
        const means = new Map([...suite].map(([test, ms]) => [tests[test]!, ms]));
        const { connections, requests } = configBurst;
        const url = service.url + paths['config GET'];
        means.set('config GET', await burstMeanMs(url, service.token, connections, requests));
        const shown = [...means].map(([endpoint, ms]) => `${endpoint} ${ms.toFixed(2)} ms`).join(', ');
        console.log(`round ${round} of ${repeats}, ${backend}, ${name}: ${shown}`);
        if (round > 0) for (const [endpoint, ms] of means) (meansMs.get(name)![endpoint] ??= []).push(ms);
      }),
    );
    for (const [configuration, flags] of configurations) {
      comparisons.push({ backend, configuration, flags, meansMs: meansMs.get(configuration)! });
    }
  }
  return comparisons;
}

/** Naive and optimised in turn. */
async function measureThroughputs({ repeats, seconds }: Times, scratch: Scratch): Promise<Throughput[]> {
  const found: Throughput[] = [];
  const both = configurations.filter(([name]) => name === 'naive' || name === 'optimised');
  for (const backend of backends) {
    const perSecond = new Map<string, Record<string, number[]>>(both.map(([name]) => [name, {}]));
    await withServices(backend, both, scratch, (services) =>
      inTurn(services, repeats, async ({ name, service: { url, token } }, round) => {
        for (const [endpoint, path] of Object.entries(paths)) {
          if (round === 0) await throughput(url + path, token, 1, name === 'naive');
          const rate = await throughput(url + path, token, seconds, name === 'naive');
          console.log(`round ${round + 1} of ${repeats}, ${backend}, ${name}: ${endpoint} ${rate.toFixed(0)}/s`);
          (perSecond.get(name)![endpoint] ??= []).push(rate);
        }
      }),
    );
    for (const [profile] of both) found.push({ backend, profile, perSecond: perSecond.get(profile)! });
  }
  return found;
}

const mostOfNaive: Readonly<Record<Endpoint, number>> = { dashboard: 0.6, sessions: 0.5, 'config GET': 0.5 };

function comparisonRows(comparisons: readonly Comparison[]): Row[] {
  const meansOf = (backend: Backend, configuration: string, endpoint: Endpoint): readonly number[] =>
    comparisons.find((each) => each.backend === backend && each.configuration === configuration)!.meansMs[endpoint]!;
  return backends.flatMap((backend) =>
    (Object.keys(paths) as Endpoint[]).map((endpoint) => {
      const [after, before] = [meansOf(backend, 'optimised', endpoint), meansOf(backend, 'naive', endpoint)];
      const { median: value, min, max } = ratioOf(after, before);
      const means = `${median(after).toFixed(2)} ms against ${median(before).toFixed(2)} ms`;
      return {
        measure: `${endpoint}, mean latency, optimised against naive, ${backend}`,
        goal: { must: mostOfNaive[endpoint] },
        unit: 'times',
        value,
        note: `${formatRange(min, max, 'times')} in ${after.length} rounds; ${means}`,
      };
    }),
  );
}

/** Ten times the upper figure of the first system, in requests per second. */
const atLeast: Readonly<Record<Endpoint, number>> = { dashboard: 1500, sessions: 1200, 'config GET': 3000 };

function throughputRows(throughputs: readonly Throughput[]): Row[] {
  const { perSecond } = throughputs.find(({ backend, profile }) => backend === 'embedded' && profile === 'optimised')!;
  return (Object.keys(paths) as Endpoint[]).map((endpoint) => {
    const { median: value, min, max } = spread(perSecond[endpoint]!);
    return {
      measure: `${endpoint}, throughput, against ten times the first system's best`,
      goal: { must: atLeast[endpoint], higherIsBetter: true },
      unit: 'requests/s',
      value,
      note: formatRange(min, max, 'requests/s'),
    };
  });
}

/** A Fastify route that only sends the same bytes, in turn with the service: cached answers reach half of its rate or more. */
async function bareRows({ repeats, seconds }: Times, scratch: Scratch): Promise<Row[]> {
  const rows: Row[] = [];
  await withService(['--profile', 'optimised'], scratch, async ({ token, url }) => {
    for (const [endpoint, path] of Object.entries(paths)) {
      const answer = await fetch(url + path, { headers: { authorization: `Bearer ${token}` } });
      const own = { name: 'api', url: url + path, rates: [] as number[] };
      await withBareRoute(await answer.text(), async (bareUrl) => {
        const bare = { name: 'bare', url: bareUrl, rates: [] as number[] };
        await inTurn([own, bare], repeats, async (each, round) => {
          console.log(`bare route: round ${round + 1} of ${repeats}, ${endpoint}, ${each.name}`);
          if (round === 0) await throughput(each.url, token, 1);
          each.rates.push(await throughput(each.url, token, seconds));
        });
        rows.push(bareRow(endpoint, own.rates, bare.rates));
      });
    }
  });
  return rows;
}

function bareRow(endpoint: string, own: readonly number[], bare: readonly number[]): Row {
  const { median: value, min, max } = ratioOf(bare, own);
  const rates = `${Math.round(median(own)).toLocaleString('en')} against ${formatValue(median(bare), 'requests/s')}`;
  return {
    measure: `${endpoint}, time per request against a bare Fastify route with the same bytes`,
    goal: { must: 2 },
    unit: 'times',
    value,
    note: `${formatRange(min, max, 'times')} in ${own.length} rounds; ${rates}`,
  };
}

async function putRow({ repeats }: Times, scratch: Scratch): Promise<Row> {
  const means: number[] = [];
  await withService(['--profile', 'optimised'], scratch, async (service) => {
    for (let round = 0; round <= repeats; round++) means.push(await putMeanMs(service));
  });
  const value = median(means.slice(1));
  return {
    measure: 'config PUT, mean latency',
    goal: { must: 40 },
    unit: 'ms',
    value,
    note: 'written through to the disk',
  };
}

async function memoryRow({ memorySeconds }: Times, scratch: Scratch): Promise<Row> {
  console.log(`memory: ${memorySeconds} s`);
  const perSecond = 200;
  const samples: number[] = [];
  await withService(['--profile', 'optimised'], scratch, async ({ url, token, pid }) => {
    const loads = Object.values(paths).map((path) => steadily(url + path, token, perSecond, memorySeconds));
    const ending = Promise.all(loads).then(() => true);
    do samples.push(residentMb(pid));
    while (!(await Promise.race([pause(1000, false), ending])));
  });
  const settled = Math.min(30, Math.floor(samples.length / 4));
  const window = Math.max(1, Math.min(30, Math.floor(samples.length / 4)));
  const before = median(samples.slice(settled, settled + window));
  const after = median(samples.slice(-window));
  return {
    measure: `growth of memory under ${3 * perSecond} GETs a second`,
    goal: { must: 60 },
    unit: 'MB',
    value: after - before,
    note: `from ${before.toFixed(1)} to ${after.toFixed(1)} MB, the first ${settled} s left out`,
  };
}
