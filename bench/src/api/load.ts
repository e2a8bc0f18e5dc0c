/** The tool put to work on the API: the suite's own tests, and one URL at full speed. */
import { fileURLToPath } from 'node:url';
import { run, start, ended } from '../processes.ts';
import type { Service } from './service.ts';

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

/** Requests per second that 50 connections get at full speed. */
export async function throughput(url: string, token: string, seconds: number): Promise<number> {
  const header = `Authorization: Bearer ${token}`;
  const args = [cli, 'quick', url, '-c', '50', '-d', `${seconds}s`, '-H', header, '--json', '--no-store'];
  const [result] = await testsOf(args);
  return result!.rate;
}

/** So many requests a second for so long; resolves at the end. */
export async function steadily(url: string, token: string, perSecond: number, seconds: number): Promise<void> {
  const header = `Authorization: Bearer ${token}`;
  const args = [cli, 'quick', url, '-r', `${perSecond}/s`, '-d', `${seconds}s`, '-H', header, '--json', '--no-store'];
  await ended(start({ program: process.execPath, args }, ['ignore', 'ignore', 'ignore']), (seconds + 60) * 1000);
}

async function testsOf(args: readonly string[]): Promise<readonly TestResult[]> {
  const { stdout, stderr } = await run({ program: process.execPath, args }, 300_000);
  if (stdout === '') throw new Error(stderr);
  const { tests } = JSON.parse(stdout) as { tests: readonly TestResult[] };
  for (const { name, success } of tests) {
    if (success < 1) throw new Error(`${name}: only ${(success * 100).toFixed(1)} % of the requests succeeded`);
  }
  return tests;
}
