/** Measures the part of sockets, one measure after the other. */
import { heldSockets } from './measures/held-sockets.ts';
import { rowsOf, type Circumstances, type SocketMeasure } from './measures/measure.ts';
import { socketFanOut } from './measures/socket-fan-out.ts';
import { socketCost, socketIoCost } from './measures/socket-cost.ts';
import { socketMessages } from './measures/socket-messages.ts';
import { standard, type BenchOptions } from './options.ts';
import type { Setting } from './setting.ts';
import type { SocketReport } from './socket-page.ts';

const measures: readonly SocketMeasure[] = [socketCost, socketMessages, heldSockets, socketFanOut, socketIoCost];

export const socketNames = measures.map(({ name }) => name);

export async function measureSockets(
  { wanted, sockets }: BenchOptions,
  setting: Setting,
  common: Circumstances,
): Promise<SocketReport> {
  if (sockets !== standard.sockets) {
    common.say(`All counts of sockets are ${sockets / standard.sockets} of what the tables name.`);
  }
  const rows = await rowsOf(measures, wanted.sockets, { ...common, sockets });
  return { ...setting, rows, disturbances: common.undisturbed.told() };
}
