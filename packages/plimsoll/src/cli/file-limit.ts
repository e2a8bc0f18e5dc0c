/** How many files, sockets included, this process may have open. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { CapacityError } from '../kernel/errors.ts';
import { formatCount } from '../kernel/units.ts';
import { maximumVus, initialVus } from '../model/load-model.ts';
import type { TestPlan } from '../model/plan.ts';

/** Node's own, the workers', the result files, DNS. */
const reservedFiles = 100;

/** Infinity: there is none. */
export interface FileLimits {
  /** What this process may have open. Node raises it to the hard limit when it starts, where the system lets it. */
  readonly soft: number;
  /** So far a shell may raise it, and no further. */
  readonly hard: number;
}

/** null when the platform does not tell. */
export function fileLimits(): FileLimits | null {
  try {
    return limitsIn(readFileSync('/proc/self/limits', 'utf8'));
  } catch {
    return askShell();
  }
}

/** `Max open files            1024                 4096                 files` → 1024 and 4096 */
export function limitsIn(limits: string): FileLimits | null {
  const [, soft, hard] = /^Max open files\s+(\d+|unlimited)\s+(\d+|unlimited)/m.exec(limits) ?? [];
  return toLimits(soft, hard);
}

function askShell(): FileLimits | null {
  if (process.platform === 'win32') return null;
  try {
    const told = execFileSync('sh', ['-c', 'ulimit -Sn; ulimit -Hn'], { encoding: 'utf8' });
    return toLimits(...told.trim().split('\n'));
  } catch {
    return null;
  }
}

function toLimits(softText = '', hardText = ''): FileLimits | null {
  const soft = toNumber(softText);
  const hard = toNumber(hardText);
  return soft === null || hard === null ? null : { soft, hard };
}

function toNumber(text: string): number | null {
  if (text === 'unlimited') return Number.POSITIVE_INFINITY;
  return /^\d+$/.test(text) ? Number(text) : null;
}

/** What lets this machine have more open files than the hard limit. */
export const raiseHardLimit =
  'raise it where it is set (limits.conf, LimitNOFILE of systemd, --ulimit nofile of docker)';

/**
 * Whether the VUs that a test starts with fit under the limit, one connection each. VUs that it may grow to are not
 * counted: when they come and do not fit, the result says so.
 *
 * @throws CapacityError before anything is sent
 */
export function assertFilesSuffice(
  tests: readonly Pick<TestPlan, 'name' | 'scenarios'>[],
  limits: FileLimits | null,
): void {
  if (limits === null) return;
  const { soft, hard } = limits;
  for (const { name, scenarios } of tests) {
    const vus = scenarios.reduce((sum, { load }) => sum + initialVus(load), 0);
    const needed = vus + reservedFiles;
    if (needed <= soft) continue;
    const most = scenarios.reduce((sum, { load }) => sum + maximumVus(load), 0);
    throw new CapacityError(
      `'${name}' needs ${formatCount(vus)} connections, and this shell allows ${formatCount(soft)} open files`,
      {
        hint:
          needed > hard
            ? `no more than ${formatCount(hard)}, the hard limit, can be had with 'ulimit': ${raiseHardLimit}, or share the load out over more machines`
            : `run 'ulimit -n ${Math.min(most + 1000, hard)}' first`,
      },
    );
  }
}
