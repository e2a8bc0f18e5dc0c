/** Which stored run is meant: by path, folder name, the run's own name, the start of either, or 'latest'. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { exitCodes, PlimsollError } from '../kernel/errors.ts';
import { latestMarker, runsFolder } from './run-name.ts';

/** No stored run is called that. */
export class RunNotFoundError extends PlimsollError {
  readonly code = 'RUN_NOT_FOUND';
  readonly exitCode = exitCodes.usage;
}

export interface FoundRun {
  /** The run's folder. */
  readonly path: string;
  /** How many runs were meant; the newest is the one found. */
  readonly candidates: number;
}

/**
 * @param storeRoot the configuration's `store`
 * @param wanted 'latest', a path to a run's folder or its result.json, a run's name, or the start of a name or time
 * Errors: RunNotFoundError.
 */
export async function findRun(storeRoot: string, wanted = 'latest'): Promise<FoundRun> {
  const runs = runsFolder(storeRoot);
  const names = await runNames(runs);
  if (wanted === 'latest') return { path: join(runs, await latestOf(runs, names)), candidates: 1 };
  if (names.includes(wanted)) return { path: join(runs, wanted), candidates: 1 };
  const path = await asPath(wanted);
  if (path !== undefined) return { path, candidates: 1 };
  const meant = [
    names.filter((name) => nameOfRun(name) === wanted),
    names.filter((name) => name.startsWith(wanted) || nameOfRun(name).startsWith(wanted)),
  ].find((matches) => matches.length > 0);
  const newest = meant?.at(-1);
  if (meant === undefined || newest === undefined) throw notFound(wanted, runs, names);
  return { path: join(runs, newest), candidates: meant.length };
}

/** Oldest first. */
async function runNames(runs: string): Promise<string[]> {
  try {
    const entries = await readdir(runs, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
  } catch {
    return [];
  }
}

/** '2026-01-31T09-30-00.000Z-dashboard-2' → 'dashboard-2' */
function nameOfRun(folder: string): string {
  return folder.replace(/^[\d-]+T[\d-]+(?:\.\d+)?Z-/, '');
}

async function latestOf(runs: string, names: readonly string[]): Promise<string> {
  const marked = await readFile(latestMarker(runs), 'utf8').catch(() => '');
  const latest = names.includes(marked.trim()) ? marked.trim() : names.at(-1);
  if (latest === undefined) throw notFound('latest', runs, names);
  return latest;
}

async function asPath(wanted: string): Promise<string | undefined> {
  const found = await stat(wanted).catch(() => undefined);
  if (found?.isDirectory()) return resolve(wanted);
  return found?.isFile() && basename(wanted) === 'result.json' ? dirname(resolve(wanted)) : undefined;
}

function notFound(wanted: string, runs: string, names: readonly string[]): RunNotFoundError {
  if (names.length === 0) {
    return new RunNotFoundError(`no run is stored in ${runs}`, {
      hint: "make one with 'plimsoll run' or 'plimsoll quick'",
    });
  }
  const last = names.slice(-5).reverse().join(', ');
  return new RunNotFoundError(`no stored run is called '${wanted}'`, { hint: `the last ones are ${last}` });
}
