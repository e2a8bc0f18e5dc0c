/** Opens a connection for each VU before the clock starts, some at a time, so that no accept queue overflows. */
import type { OriginPool } from './http/vu-connections.ts';

export interface Opened {
  readonly connections: number;
  /** By kind of error; a VU without a connection tries again with its first request. */
  readonly errors: Readonly<Record<string, number>>;
}

export const mostAtOnce = 128;
/** After so many failures in a row the rest would fail as well. */
const mostFailures = 16;

export function openConnections(pools: readonly OriginPool[]): Promise<Opened> {
  return new Promise((resolve) => {
    const errors: Record<string, number> = {};
    let next = 0;
    let pending = 0;
    let connections = 0;
    let failedInARow = 0;
    const more = (): void => {
      while (next < pools.length && pending < mostAtOnce && failedInARow < mostFailures) {
        pending++;
        pools[next++]!.open((error) => {
          pending--;
          if (error === undefined) {
            connections++;
            failedInARow = 0;
          } else {
            failedInARow++;
            errors[error.kind] = (errors[error.kind] ?? 0) + 1;
          }
          more();
        });
      }
      if (pending === 0) resolve({ connections, errors });
    };
    more();
  });
}
