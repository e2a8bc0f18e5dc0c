/** Many connections from one address of this machine: the system then searches long for a free port, and connecting gets slow. */
import { formatCount } from '../kernel/units.ts';
import type { HttpPlan } from '../model/plan.ts';
import type { Snapshot } from '../stats/snapshot.ts';

/** From one source address to one address and port; at 18,000 connecting took five times as long at p99. */
export const quickForConnections = 12_000;

/** What to say of the connections held at the end of a second; undefined where there are few enough. */
export function crowdedPorts(snapshots: readonly Snapshot[], http: HttpPlan): string | undefined {
  if (http.socketPath !== undefined) return undefined;
  const sources = Math.max(1, http.sourceAddresses?.length ?? 0);
  const held = snapshots.reduce(
    (sum, { generator, sockets }) => sum + generator.openConnections + (sockets?.open ?? 0),
    0,
  );
  const each = Math.floor(held / sources);
  if (each <= quickForConnections) return undefined;
  return `${formatCount(each)} connections are held from one source address: beyond ${formatCount(quickForConnections)} to one address and port the system takes long to find a free port, and connecting gets slow; give more source addresses with --source-address`;
}
