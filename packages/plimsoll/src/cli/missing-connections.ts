/** Connections are made before the clock starts, so that making them is in no latency; where that failed, the first requests make them. */
import { formatCount } from '../kernel/units.ts';
import { byCount } from '../report/figures.ts';

/** What to say of a test that is ready to start; undefined where every connection was made, or none was to be. */
export function missingConnections(prepared: {
  readonly vus: number;
  readonly connections: number;
  readonly connectionErrors: Readonly<Record<string, number>>;
}): string | undefined {
  const { vus, connections, connectionErrors } = prepared;
  const errors = byCount(connectionErrors).map(([kind, count]) => `${kind} ${formatCount(count)}`);
  if (errors.length === 0) return undefined;
  return `${formatCount(vus - connections)} of ${formatCount(vus)} connections could not be made before the start: ${errors.join(', ')}; the first requests are to make them, and their latency holds that`;
}
