/** The tool put to work on the API: the suite's own tests, and one URL at full speed. */
import { fileURLToPath } from 'node:url';
import { run } from '../processes.ts';
import type { Service } from './service.ts';
import type { SocketFigures } from './socket-tables.ts';
import { wasSent } from './was-sent.ts';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const cli = `${repository}packages/plimsoll/bin/plimsoll.js`;

interface Latency {
  readonly mean: number;
  readonly p95: number | null;
}
interface TestResult {
  readonly name: string;
  readonly success: number;
  readonly rate: number;
  readonly latency: Latency;
  readonly series: readonly { readonly name: string; readonly latency: Latency }[];
}

/** The mean latency in ms of each of the suite's tests named. Errors: a test in which requests failed. */
export async function suiteMeansMs(service: Service, tests: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const config = `${repository}loadtests/plimsoll.config.ts`;
  const args = [cli, 'run', ...tests, '--config', config, '--target', service.url, '--json', '--no-store'];
  const results = await testsOf(args);
  return new Map(results.map(({ name, latency }) => [name, latency.mean]));
}

/** The mean latency in ms of so many GETs by so many connections. */
export async function burstMeanMs(url: string, token: string, connections: number, requests: number): Promise<number> {
  const header = `Authorization: Bearer ${token}`;
  const args = [cli, 'quick', url, '-c', `${connections}`, '-n', `${requests}`, '-H', header, '--json', '--no-store'];
  const [result] = await testsOf(args);
  return result!.latency.mean;
}

/** The mean latency in ms of the PUTs of the suite. */
export async function putMeanMs(service: Service): Promise<number> {
  const config = `${repository}loadtests/plimsoll.config.ts`;
  const name = 'test_config_update_sequential';
  const args = [cli, 'run', name, '--config', config, '--target', service.url, '--json', '--no-store'];
  const [result] = await testsOf(args);
  return result!.series.find((series) => series.name.startsWith('PUT'))!.latency.mean;
}

/** Good answers per second that 50 connections get at full speed: a naive service refuses some of what is too much for it. */
export async function throughput(url: string, token: string, seconds: number, mayRefuse = false): Promise<number> {
  const header = `Authorization: Bearer ${token}`;
  const args = [cli, 'quick', url, '-c', '50', '-d', `${seconds}s`, '-H', header, '--json', '--no-store'];
  const [result] = (await runOf<TestResult>(args, { mayRefuse })).tests;
  return result!.rate * result!.success;
}

/** So many requests a second for so long; resolves at the end. Errors: it ended otherwise. */
export async function steadily(url: string, token: string, perSecond: number, seconds: number): Promise<void> {
  const header = `Authorization: Bearer ${token}`;
  const args = [cli, 'quick', url, '-r', `${perSecond}/s`, '-d', `${seconds}s`, '-H', header, '--json', '--no-store'];
  const { code, stdout, stderr } = await run({ program: process.execPath, args }, (seconds + 60) * 1000);
  if (!wasSent(code, stdout)) throw new Error(`the load on ${url} ended with exit code ${String(code)}: ${stderr}`);
}

interface BroadcastResult extends TestResult {
  readonly durationSeconds: number;
  readonly sockets: { readonly messagesIn: number; readonly bytesIn: number; readonly connect: Latency };
  readonly delivery: {
    readonly leaked: number;
    readonly lost: number;
    readonly latency: Percentiles;
    readonly perMessage: { readonly skew: Percentiles };
  };
  readonly exceptions: readonly { readonly message: string }[];
  readonly books: { readonly breaches: readonly string[] };
}
type Percentiles = Readonly<Record<'p50' | 'p95', number>>;

/** Errors: something was thrown, or the books do not balance: then nothing can be said of the sockets. */
export async function broadcastFigures(service: Service): Promise<SocketFigures> {
  const file = `${repository}bench/src/load/broadcast.ts`;
  const { tests, stderr } = await runOf<BroadcastResult>([
    cli,
    ...['run', file, '--target', service.url, '--json', '--no-store'],
  ]);
  const { sockets, delivery, durationSeconds, exceptions, books } = tests[0]!;
  const cpuSeconds = /server CPU: ([\d.]+) s/.exec(stderr)?.[1];
  const wrong = [...exceptions.map(({ message }) => message), ...books.breaches];
  if (wrong.length > 0 || cpuSeconds === undefined) throw new Error(`broadcast: ${wrong.join('; ') || stderr}`);
  return {
    deliveryP50: delivery.latency.p50,
    deliveryP95: delivery.latency.p95,
    skew: delivery.perMessage.skew.p50,
    connectMean: sockets.connect.mean,
    messages: sockets.messagesIn,
    bytes: sockets.bytesIn,
    testSeconds: durationSeconds,
    leaked: delivery.leaked,
    lost: delivery.lost,
    serverCpuSeconds: Number(cpuSeconds),
  };
}

async function testsOf(args: readonly string[]): Promise<readonly TestResult[]> {
  return (await runOf<TestResult>(args)).tests;
}

async function runOf<T extends TestResult>(
  args: readonly string[],
  { mayRefuse = false } = {},
): Promise<{ readonly tests: readonly T[]; readonly stderr: string }> {
  const { stdout, stderr } = await run({ program: process.execPath, args }, 300_000);
  if (stdout === '') throw new Error(stderr);
  const { tests } = JSON.parse(stdout) as { tests: readonly T[] };
  for (const { name, success } of tests) {
    if (success < 1 && !mayRefuse)
      throw new Error(`${name}: only ${(success * 100).toFixed(1)} % of the requests succeeded`);
  }
  return { tests, stderr };
}
