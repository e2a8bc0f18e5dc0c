/** How many files, sockets included, this process may have open. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { CapacityError } from '../kernel/errors.ts';
import { formatCount } from '../kernel/units.ts';
import { maximumVus, initialVus } from '../model/load-model.ts';
import type { TestPlan } from '../model/plan.ts';

/** Node's own, the workers', the result files, DNS. */
const reservedFiles = 100;

/** The soft limit; Infinity when there is none, null when the platform does not tell. */
export function fileLimit(): number | null {
  try {
    return limitIn(readFileSync('/proc/self/limits', 'utf8'));
  } catch {
    return askShell();
  }
}

/** `Max open files            1024                 4096                 files` → 1024 */
export function limitIn(limits: string): number | null {
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1];
  return soft === undefined ? null : toNumber(soft);
}

function askShell(): number | null {
  if (process.platform === 'win32') return null;
  try {
    return toNumber(execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).trim());
  } catch {
    return null;
  }
}

function toNumber(text: string): number | null {
  if (text === 'unlimited') return Number.POSITIVE_INFINITY;
  return /^\d+$/.test(text) ? Number(text) : null;
}

/**
 * Whether the VUs that a test starts with fit under the limit, one connection each. VUs that it may grow to are not
 * counted: when they come and do not fit, the result says so.
 *
 * @throws CapacityError before anything is sent
 */
export function assertFilesSuffice(tests: readonly Pick<TestPlan, 'name' | 'scenarios'>[], limit: number | null): void {
  if (limit === null) return;
  for (const { name, scenarios } of tests) {
    const vus = scenarios.reduce((sum, { load }) => sum + initialVus(load), 0);
    if (vus + reservedFiles <= limit) continue;
    const most = scenarios.reduce((sum, { load }) => sum + maximumVus(load), 0);
    throw new CapacityError(
      `'${name}' needs ${formatCount(vus)} connections, and this shell allows ${formatCount(limit)} open files`,
      { hint: `run 'ulimit -n ${most + 1000}' first` },
    );
  }
}
