/** Two clients in turn, round after round, against a server of their own: what every socket row has in common. */
import { messageOf, shownCommand } from '../alternation.ts';
import { freshSources, type SocketAssignment, type SocketClient } from '../contenders/socket-clients.ts';
import { formatFigure, type Compared } from '../goal.ts';
import { allowFiles } from '../machine.ts';
import { startSocketServer, type SocketServer } from '../socket-server.ts';
import { ratioOf, rotated, spread } from '../statistics.ts';
import type { Circumstances, Reading } from './measure.ts';

export interface SocketRounds<Figures> {
  readonly server: 'ws-server' | 'socket-io-server';
  readonly ours: SocketClient;
  readonly against: SocketClient;
  readonly connections: number;
  readonly seconds: number;
  /** One client's figures of one round. */
  readonly figures: (client: SocketClient, assignment: SocketAssignment, server: SocketServer) => Promise<Figures>;
  readonly shown: (figures: Figures) => string;
}

export interface ClientFigures<Figures> {
  readonly title: string;
  readonly version: string;
  readonly command: string;
  readonly rounds: readonly Figures[];
}

/** Errors: too few files, a client that is missing, or one that fails twice in a row. */
export async function socketRounds<Figures>(
  wanted: SocketRounds<Figures>,
  { scratch, repeats, say, undisturbed }: Circumstances,
): Promise<readonly [ClientFigures<Figures>, ClientFigures<Figures>]> {
  allowFiles(wanted.connections);
  const clients = [wanted.ours, wanted.against];
  const versions = await Promise.all(clients.map((client) => client.version()));
  const server = await startSocketServer(wanted.server);
  try {
    const assignments = clients.map(({ name }) => ({
      port: server.port,
      connections: wanted.connections,
      seconds: wanted.seconds,
      folder: scratch.folder(`sockets-${name}`),
      sources: freshSources(),
    }));
    const rounds = clients.map((): Figures[] => []);
    undisturbed.begin();
    for (let round = 0; round < repeats; round++) {
      for (const seat of rotated([0, 1], round)) {
        const client = clients[seat]!;
        const once = () =>
          undisturbed.run(() => wanted.figures(client, { ...assignments[seat]!, sources: freshSources() }, server));
        const figures = await once().catch((error: unknown) => {
          say(`${client.title}: once more, for ${messageOf(error)}`);
          return once();
        });
        rounds[seat]!.push(figures);
        say(`round ${round + 1}/${repeats}  ${client.title.padEnd(36)} ${wanted.shown(figures)}`);
      }
    }
    const of = (seat: number): ClientFigures<Figures> => ({
      title: clients[seat]!.title,
      version: versions[seat]!,
      command: shownCommand(clients[seat]!.command(assignments[seat]!)),
      rounds: rounds[seat]!,
    });
    return [of(0), of(1)];
  } finally {
    server.stop();
  }
}

/**
 * The ratio of the medians of one figure, and what the page tells of both sides.
 *
 * Errors: a figure that is not above 0, as the cost of a few connections can be: the process itself differs more from run
 * to run, and a ratio of such figures would meet any goal.
 */
export function comparedReading<Figures>(
  [ours, against]: readonly [ClientFigures<Figures>, ClientFigures<Figures>],
  figure: string,
  unit: string,
  value: (figures: Figures) => number,
): Reading {
  const [a, b] = [ours.rounds.map(value), against.rounds.map(value)];
  const lost = [...a, ...b].find((each) => !(each > 0));
  if (lost !== undefined) {
    throw new Error(`${figure}: ${formatFigure(lost)} ${unit} in a round; too few connections to tell it from noise`);
  }
  const { median, min, max } = ratioOf(a, b);
  const sides = `${formatFigure(spread(a).median)} ${unit} against ${formatFigure(spread(b).median)} ${unit}`;
  const compared = [ours, against].map(({ title, version, command }, side): Compared => ({
    ...{ figure, unit, title, version, command },
    values: [a, b][side]!,
  }));
  return { value: median, note: `${sides}; ${min.toFixed(3)} to ${max.toFixed(3)} within a round`, compared };
}
