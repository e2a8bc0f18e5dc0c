/** `plimsoll quick URL`: one request, again and again, without a file. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { createLocalSession } from '../../engine/local-session.ts';
import { loadConfig } from '../../input/config.ts';
import { withinLimits } from '../../input/limits.ts';
import { UsageError, type ExitCode } from '../../kernel/errors.ts';
import { watchInterrupts } from '../interrupt.ts';
import { headers } from '../option-values.ts';
import { announceStop } from '../output.ts';
import { quickPlan } from '../quick-plan.ts';
import { RunLog } from '../run-log.ts';

export interface QuickOptions {
  readonly connections?: number;
  readonly rate?: number;
  readonly duration?: number;
  readonly requests?: number;
  readonly method?: string;
  readonly header?: readonly string[];
  readonly body?: string;
  readonly timeout?: number;
  readonly insecure?: true;
  readonly allow?: readonly string[];
  readonly sourceAddress?: readonly string[];
  readonly seed?: number;
  readonly workers?: number;
  readonly debug?: true;
  readonly json?: true;
  readonly store: boolean;
  readonly color: boolean;
}

export async function quick(url: string, options: QuickOptions, words: readonly string[]): Promise<ExitCode> {
  const interruption = watchInterrupts(announceStop);
  const { config, root } = await loadConfig(process.cwd());
  const { connections, rate, duration, requests, method, body, timeout, seed, workers } = options;
  const wanted = quickPlan({
    url,
    connections,
    rate,
    durationMs: duration,
    requests,
    method,
    headers: headers(options.header ?? []),
    body: body === undefined ? undefined : bodyText(body),
    timeoutMs: timeout,
    insecure: options.insecure === true,
    allow: [...(config.allow ?? []), ...(options.allow ?? [])],
    sourceAddresses: options.sourceAddress ?? [],
    seed,
    workers,
    debug: options.debug === true,
    root,
    cores: availableParallelism(),
  });
  const plan = { ...wanted, tests: wanted.tests.map((test) => withinLimits(test, config.limits ?? {})) };
  const log = new RunLog();
  const session = createLocalSession(plan, log.events);
  // While the worker's thread starts, the rest of the program is loaded and the target asked whether it is there. What
  // keeps the thread from starting is told by the test that needs it.
  session.load().catch(() => undefined);
  const { checkPlan, performRun } = await import('../perform-run.ts');
  checkPlan(plan);
  return performRun({
    plan,
    session,
    log,
    interruption,
    name: 'quick',
    words,
    config,
    store: options.store,
    bail: false,
    json: options.json === true,
    colour: options.color ? undefined : false,
  });
}

/** As curl: '@file' is a file's content. */
function bodyText(body: string): string {
  if (!body.startsWith('@')) return body;
  const path = body.slice(1);
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`--body: ${path} cannot be read`, { cause: error, hint: 'after @ stands the path of a file' });
  }
}
