/** `plimsoll run [filter…]`: finds test files, runs what matches, prints, stores, judges. */
import { availableParallelism } from 'node:os';
import { pathToFileURL } from 'node:url';
import { createLocalSession } from '../../engine/local-session.ts';
import { bundleTestFiles } from '../../input/bundle.ts';
import { loadConfig, type LoadedConfig } from '../../input/config.ts';
import { filesNamedBy, findTestFiles } from '../../input/discover.ts';
import { planBeforeDiscovery, planRun, type PlanBasis, type RunWishes } from '../../input/plan.ts';
import type { Service } from '../../input/serve.ts';
import { pickTarget } from '../../input/target.ts';
import { exitCodes, UsageError, type ExitCode } from '../../kernel/errors.ts';
import type { RunPlan } from '../../model/plan.ts';
import { watchInterrupts } from '../interrupt.ts';
import { announceStop, standardOutput } from '../output.ts';
import { RunLog } from '../run-log.ts';

export interface RunOptions {
  readonly suite?: string;
  readonly target?: string;
  readonly config?: string;
  readonly allow?: readonly string[];
  readonly vus?: number;
  readonly rate?: number;
  readonly duration?: number;
  readonly iterations?: number;
  readonly seed?: number;
  readonly envFile?: readonly string[];
  readonly workers?: number;
  readonly sourceAddress?: readonly string[];
  readonly bail?: true;
  readonly dryRun?: true;
  readonly debug?: true;
  readonly json?: true;
  readonly store: boolean;
  readonly color: boolean;
}

export async function run(
  filters: readonly string[],
  options: RunOptions,
  words: readonly string[],
): Promise<ExitCode> {
  const interruption = watchInterrupts(announceStop);
  for (const file of options.envFile ?? []) loadEnvFile(file);
  const loaded = await loadConfig(process.cwd(), options.config);
  const basis = await planBasis(filters, options, loaded);
  const log = new RunLog();
  const session = createLocalSession(planBeforeDiscovery(basis), log.events);
  let service: Service | undefined;
  try {
    // While the worker loads the tests, the rest of the program is loaded.
    const [found, { checkPlan, performRun }] = await Promise.all([session.load(), import('../perform-run.ts')]);
    const plan = planRun(found, basis);
    checkPlan(plan);
    if (options.dryRun === true) return await showPlan(plan, options.json === true);
    session.usePlan(plan);
    service = await serviceFor(loaded, options, basis.target.url, log);
    return await performRun({
      plan,
      session,
      log,
      interruption,
      name: nameOf(plan, filters, options.suite),
      words,
      config: loaded.config,
      store: options.store,
      bail: options.bail === true,
      json: options.json === true,
      colour: options.color ? undefined : false,
    });
  } finally {
    await session.close();
    await service?.stop();
  }
}

async function planBasis(
  filters: readonly string[],
  options: RunOptions,
  { config, root }: LoadedConfig,
): Promise<PlanBasis> {
  const named = filesNamedBy(filters, root, process.cwd());
  const files = named ?? findTestFiles(root);
  if (files.length === 0) {
    throw new UsageError(`no test file found: nothing below ${root} is called *.load.ts`, {
      hint: "write a first one with 'plimsoll init'",
    });
  }
  const target = pickTarget(config, options.target);
  const { path } = await bundleTestFiles(root, files);
  const wishes: RunWishes = {
    // Files named outright are bundled alone: every test in them is meant.
    filters: named ? [] : filters,
    suite: options.suite,
    allow: options.allow ?? [],
    vus: options.vus,
    rate: options.rate,
    durationMs: options.duration,
    iterations: options.iterations,
    seed: options.seed,
    workers: options.workers,
    sourceAddresses: options.sourceAddress ?? [],
    debug: options.debug === true,
  };
  return { config, target, wishes, root, bundleUrl: pathToFileURL(path).href, cores: availableParallelism() };
}

function loadEnvFile(path: string): void {
  try {
    process.loadEnvFile(path);
  } catch (error) {
    throw new UsageError(`--env-file: ${path} cannot be read`, { cause: error });
  }
}

async function showPlan(plan: RunPlan, json: boolean): Promise<ExitCode> {
  const { describePlan, planWithoutSecrets } = await import('../dry-run.ts');
  standardOutput().write(json ? `${JSON.stringify(planWithoutSecrets(plan), null, 2)}\n` : describePlan(plan));
  return exitCodes.passed;
}

/** The project's own service is needless where another place was asked for by name. */
async function serviceFor(
  { config, root }: LoadedConfig,
  options: RunOptions,
  target: string,
  log: RunLog,
): Promise<Service | undefined> {
  const { serve } = config;
  if (!serve) return undefined;
  const isElsewhere = options.target !== undefined && originOf(target) !== originOf(serve.url);
  if (isElsewhere) return undefined;
  const { startService } = await import('../../input/serve.ts');
  const { onServiceLine: onLine, onProblem: onDeath } = log.events;
  return startService(serve, root, { onLine, onDeath });
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : url;
}

function nameOf({ tests }: RunPlan, filters: readonly string[], suite: string | undefined): string {
  const [only] = tests;
  if (tests.length === 1 && only) return only.name;
  return [suite, ...filters].filter((part) => part !== undefined).join('-') || 'run';
}
