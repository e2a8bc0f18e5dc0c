/** `npm run bench:api`: the reference API, naive against optimised; a complete run writes the tables of the guide. */
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Row } from '../goal.ts';
import { lookAtMachine } from '../machine.ts';
import { end, endAll, start } from '../processes.ts';
import { Scratch } from '../scratch.ts';
import { median } from '../statistics.ts';
import { burstMeanMs, putMeanMs, steadily, suiteMeansMs, throughput } from './load.ts';
import { residentMb, startService, type Backend, type Service } from './service.ts';
import { apiTables, withTables, type ApiReport, type Comparison, type Throughput } from './tables.ts';

const guide = new URL('../../../docs/load-testing-guide.md', import.meta.url);
const barePath = new URL('../../api/bare-route.mjs', import.meta.url);
const backends: readonly Backend[] = ['embedded', 'production'];
const standard = { repeats: 3, seconds: 5, memorySeconds: 600 };

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
/** The suite's 100 GETs by 100 users are over before either side is warm: so many more by as many show what a GET takes. */
const configBurst = { connections: 100, requests: 5000 } as const;

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

type Times = typeof standard;

/** Returns the exit code: 0 also where goals are missed, for the tables are what was asked for; 2 for a wrong word. */
export async function benchApi(words: readonly string[]): Promise<number> {
  const times = readTimes(words);
  if (times === undefined) return 2;
  const scratch = new Scratch();
  const leave = (): void => {
    endAll();
    scratch.remove();
  };
  process.once('exit', leave);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  const machine = await lookAtMachine();
  const comparisons = await compare(times, scratch);
  const throughputs = await measureThroughputs(times, scratch);
  const rows = [
    ...comparisonRows(comparisons),
    ...throughputRows(throughputs),
    ...(await bareRows(times, scratch, throughputs)),
    await putRow(times, scratch),
    await memoryRow(times, scratch),
  ];
  const date = new Date().toISOString().slice(0, 10);
  const report: ApiReport = { date, machine, comparisons, throughputs, rows, ...times };
  console.log(`\n${apiTables(report)}`);
  const isStandard = Object.entries(standard).every(([name, value]) => times[name as keyof Times] === value);
  if (isStandard) writeFileSync(guide, withTables(readFileSync(guide, 'utf8'), apiTables(report)));
  console.log(isStandard ? 'docs/load-testing-guide.md is written.' : 'A partial run: the guide stays as it is.');
  return 0;
}

function readTimes(words: readonly string[]): Times | undefined {
  try {
    const options = {
      repeats: { type: 'string' },
      seconds: { type: 'string' },
      'memory-seconds': { type: 'string' },
    } as const;
    const { values } = parseArgs({ args: [...words], options });
    const whole = (text: string | undefined, otherwise: number): number => {
      const value = Number(text ?? otherwise);
      if (Number.isSafeInteger(value) && value >= 1) return value;
      throw new Error(`'${text ?? ''}' is not a whole number from 1`);
    };
    return {
      repeats: whole(values.repeats, standard.repeats),
      seconds: whole(values.seconds, standard.seconds),
      memorySeconds: whole(values['memory-seconds'], standard.memorySeconds),
    };
  } catch (error) {
    console.log(`bench:api: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

async function withService<T>(
  backend: Backend,
  flags: readonly string[],
  scratch: Scratch,
  work: (service: Service) => Promise<T>,
): Promise<T> {
  const service = await startService(backend, flags, scratch.folder('api'));
  try {
    return await work(service);
  } finally {
    await service.stop();
  }
}

async function compare({ repeats }: Times, scratch: Scratch): Promise<Comparison[]> {
  const comparisons: Comparison[] = [];
  for (const backend of backends) {
    for (const [configuration, flags] of configurations) {
      console.log(`comparing: ${backend}, ${configuration}`);
      const meansMs: Record<string, number[]> = {};
      await withService(backend, flags, scratch, async (service) => {
        // The first run warms both sides up, and is left out.
        for (let round = 0; round <= repeats; round++) {
          for (const [test, mean] of await suiteMeansMs(service, Object.keys(tests))) {
            if (round > 0) (meansMs[tests[test]!] ??= []).push(mean);
          }
          const { connections, requests } = configBurst;
          const mean = await burstMeanMs(service.url + paths['config GET'], service.token, connections, requests);
          if (round > 0) (meansMs['config GET'] ??= []).push(mean);
        }
      });
      comparisons.push({ backend, configuration, flags, meansMs });
    }
  }
  return comparisons;
}

async function measureThroughputs({ seconds }: Times, scratch: Scratch): Promise<Throughput[]> {
  const found: Throughput[] = [];
  for (const backend of backends) {
    for (const profile of ['naive', 'optimised']) {
      console.log(`throughput: ${backend}, ${profile}`);
      const perSecond: Record<string, number> = {};
      await withService(backend, ['--profile', profile], scratch, async ({ url, token }) => {
        for (const [endpoint, path] of Object.entries(paths)) {
          await throughput(url + path, token, 1);
          perSecond[endpoint] = await throughput(url + path, token, seconds);
        }
      });
      found.push({ backend, profile, perSecond });
    }
  }
  return found;
}

const mostOfNaive: Readonly<Record<Endpoint, number>> = { dashboard: 0.6, sessions: 0.5, 'config GET': 0.5 };

function comparisonRows(comparisons: readonly Comparison[]): Row[] {
  const meanOf = (backend: Backend, configuration: string, endpoint: Endpoint): number =>
    median(
      comparisons.find((each) => each.backend === backend && each.configuration === configuration)!.meansMs[endpoint]!,
    );
  return backends.flatMap((backend) =>
    (Object.keys(paths) as Endpoint[]).map((endpoint) => {
      const [after, before] = [meanOf(backend, 'optimised', endpoint), meanOf(backend, 'naive', endpoint)];
      return {
        measure: `${endpoint}, mean latency, optimised against naive, ${backend}`,
        goal: { must: mostOfNaive[endpoint] },
        unit: 'times',
        value: after / before,
        note: `${after.toFixed(2)} ms against ${before.toFixed(2)} ms`,
      };
    }),
  );
}

/** Ten times the upper figure of the first system, in requests per second. */
const atLeast: Readonly<Record<Endpoint, number>> = { dashboard: 1500, sessions: 1200, 'config GET': 3000 };

function throughputRows(throughputs: readonly Throughput[]): Row[] {
  const { perSecond } = throughputs.find(({ backend, profile }) => backend === 'embedded' && profile === 'optimised')!;
  return (Object.keys(paths) as Endpoint[]).map((endpoint) => ({
    measure: `${endpoint}, time per request at full speed against a tenth of the first system's best`,
    goal: { must: 1 },
    unit: 'times',
    value: atLeast[endpoint] / perSecond[endpoint]!,
    note: `${Math.round(perSecond[endpoint]!)} requests/s; asked for are ${atLeast[endpoint]}`,
  }));
}

/** A Fastify route that does nothing but send the same bytes: cached answers reach half of its throughput or more. */
async function bareRows({ seconds }: Times, scratch: Scratch, throughputs: readonly Throughput[]): Promise<Row[]> {
  const { perSecond } = throughputs.find(({ backend, profile }) => backend === 'embedded' && profile === 'optimised')!;
  const bodies = await withService('embedded', ['--profile', 'optimised'], scratch, ({ url, token }) =>
    Promise.all(
      Object.values(paths).map(async (path) =>
        (await fetch(url + path, { headers: { authorization: `Bearer ${token}` } })).text(),
      ),
    ),
  );
  const rows: Row[] = [];
  for (const [at, endpoint] of (Object.keys(paths) as Endpoint[]).entries()) {
    console.log(`bare route: ${endpoint}`);
    const bare = await bareThroughput(bodies[at]!, seconds);
    rows.push({
      measure: `${endpoint}, time per request against a bare Fastify route with the same bytes`,
      goal: { must: 2 },
      unit: 'times',
      value: bare / perSecond[endpoint]!,
      note: `${Math.round(perSecond[endpoint]!)} against ${Math.round(bare)} requests/s`,
    });
  }
  return rows;
}

async function bareThroughput(body: string, seconds: number): Promise<number> {
  const url = 'http://127.0.0.1:4898/';
  const program = { program: process.execPath, args: [barePath.pathname, '4898'], env: { BODY: body } };
  const child = start(program, 'ignore');
  try {
    for (let tries = 0; tries < 200; tries++) {
      if ((await fetch(url).catch(() => undefined))?.ok === true) break;
      await pause(50);
    }
    await throughput(url, 'none', 1);
    return await throughput(url, 'none', seconds);
  } finally {
    end(child);
    await pause(200);
  }
}

async function putRow({ repeats }: Times, scratch: Scratch): Promise<Row> {
  const means: number[] = [];
  await withService('embedded', ['--profile', 'optimised'], scratch, async (service) => {
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
  await withService('embedded', ['--profile', 'optimised'], scratch, async ({ url, token, pid }) => {
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
