/** How run folders are named and where they lie. */
import { join } from 'node:path';

export function runsFolder(storeRoot: string): string {
  return join(storeRoot, 'runs');
}

/** A small file with the name of the run that started last: a symbolic link would not work everywhere. */
export function latestMarker(runs: string): string {
  return join(runs, 'latest');
}

/**
 * '2026-01-31T09-30-00.123Z-dashboard': sorts by time, and is a legal file name everywhere.
 *
 * @param startedAt ISO time
 */
export function runFolderName(name: string, startedAt: string): string {
  return `${new Date(startedAt).toISOString().replaceAll(':', '-')}-${safeName(name)}`;
}

/** Letters, digits, dots and dashes of ASCII; accents are dropped, everything else becomes a dash. At most 60. */
function safeName(name: string): string {
  const safe = name
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .replace(/[^A-Za-z0-9._]+/g, '-')
    .replace(/\.{2,}/g, '.')
    .slice(0, 60)
    .replace(/^[-.]+|[-.]+$/g, '');
  return safe === '' ? 'run' : safe;
}
