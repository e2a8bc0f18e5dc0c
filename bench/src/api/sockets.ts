/** The sockets of the reference API: every event to everybody, against rooms and compression. */
import { broadcastSize } from '../load/broadcast-size.ts';
import type { Scratch } from '../scratch.ts';
import { inTurn, withServices } from './in-turn.ts';
import { broadcastFigures } from './load.ts';
import type { Times } from './options.ts';
import type { SocketFigures, SocketReport } from './socket-tables.ts';

const configurations: readonly (readonly [name: string, flags: readonly string[]])[] = [
  ['naive', ['--profile', 'naive']],
  ['with rooms', ['--profile', 'naive', '--rooms', 'on']],
  ['optimised', ['--profile', 'optimised']],
];

/** All configurations in turn. The first round warms them up, and is left out. */
export async function measureSockets(
  { repeats }: Times,
  scratch: Scratch,
  head: Pick<SocketReport, 'date' | 'machine'>,
): Promise<SocketReport> {
  const rounds = new Map<string, SocketFigures[]>(configurations.map(([name]) => [name, []]));
  const env = { OPTIMISER_STEP_MS: `${broadcastSize.stepMs}` };
  await withServices(
    'embedded',
    configurations,
    scratch,
    (services) =>
      inTurn(services, repeats + 1, async ({ name, service }, round) => {
        console.log(`sockets: round ${round} of ${repeats}, ${name}`);
        const figures = await broadcastFigures(service);
        if (round > 0) rounds.get(name)!.push(figures);
      }),
    env,
  );
  const comparisons = configurations.map(([configuration, flags]) => ({
    configuration,
    flags,
    rounds: rounds.get(configuration)!,
  }));
  return { ...head, repeats, comparisons };
}
