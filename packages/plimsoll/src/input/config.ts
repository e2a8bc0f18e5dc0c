/** Finds, loads and checks `plimsoll.config.ts`. */
import { existsSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { builtIn } from '../kernel/built-in.ts';
import { ConfigurationError, PlimsollError } from '../kernel/errors.ts';
import type { Config } from '../model/config.ts';
import { parseThreshold } from '../model/parse-threshold.ts';
import type { Bundle } from './bundle.ts';

const names = ['plimsoll.config.ts', 'plimsoll.config.mts', 'plimsoll.config.js', 'plimsoll.config.mjs'];

export interface LoadedConfig {
  readonly config: Config;
  /** The project: where the configuration lies, else where the user stands. Test files are looked for below it. */
  readonly root: string;
  /** The file's name, or '' without one. */
  readonly file: string;
}

/**
 * @param named as given by `--config`, relative to `cwd`
 * @throws ConfigurationError naming each key that is wrong
 */
export async function loadConfig(cwd: string, named?: string): Promise<LoadedConfig> {
  const path = named === undefined ? findConfig(cwd) : resolve(cwd, named);
  if (path === undefined) return { config: {}, root: cwd, file: '' };
  if (!existsSync(path)) throw new ConfigurationError(`there is no configuration file ${named ?? path}`);
  const [root, file] = [dirname(path), basename(path)];
  const bundle = await compiled(root, file);
  const value = await evaluate(bundle.path, file);
  const fingerprint = fingerprintOf(value);
  if (bundle.note !== fingerprint) {
    const { configIssues } = await import('./config-issues.ts');
    const issues = configIssues(value);
    if (issues.length > 0) throw notValid(file, issues);
    bundle.cache.annotate(fingerprint);
  }
  const config = value as Config;
  checkReferences(file, config);
  return { config, root, file };
}

function findConfig(cwd: string): string | undefined {
  return names.map((name) => resolve(cwd, name)).find((path) => existsSync(path));
}

async function compiled(root: string, file: string): Promise<Bundle> {
  const { bundleConfig } = await import('./bundle.ts');
  try {
    return await bundleConfig(root, file);
  } catch (error) {
    if (!(error instanceof PlimsollError)) throw error;
    throw new ConfigurationError(error.message, { cause: error });
  }
}

async function evaluate(path: string, file: string): Promise<unknown> {
  process.setSourceMapsEnabled(true);
  try {
    const module = (await import(pathToFileURL(path).href)) as { default?: unknown };
    return module.default;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const place = new RegExp(`${file.replaceAll('.', '\\.')}:\\d+:\\d+`).exec((error as Error).stack ?? '');
    throw new ConfigurationError(`${place?.[0] ?? file} throws: ${message}`, { cause: error });
  }
}

/** Of what can be checked: two values with the same fingerprint are both valid or both not. */
function fingerprintOf(value: unknown): string {
  const plain = (_: string, part: unknown): unknown => (typeof part === 'function' ? 'function' : part);
  const text = JSON.stringify([value], plain);
  return builtIn.crypto().createHash('sha256').update(text).digest('hex');
}

/** What one key says about another, and what is a language of its own. Errors: ThresholdSyntaxError with the place. */
function checkReferences(file: string, { targets, defaultTarget, thresholds = [] }: Config): void {
  // The compiler gives up on a union of thousands of texts here.
  for (const threshold of thresholds as readonly (string | readonly string[])[]) {
    parseThreshold(typeof threshold === 'string' ? threshold : (threshold[0] ?? ''), file);
  }
  if (defaultTarget === undefined || targets?.[defaultTarget] !== undefined) return;
  const known = Object.keys(targets ?? {});
  const issue = `defaultTarget: expected one of the targets (${known.join(', ') || 'there is none'}), got "${defaultTarget}"`;
  throw notValid(file, [issue]);
}

function notValid(file: string, issues: readonly string[]): ConfigurationError {
  return new ConfigurationError([`${file} is not valid`, ...issues.map((issue) => `  ${issue}`)].join('\n'));
}
