/** The contenders in turn, round after round, so that a machine that changes its mood changes it for all of them. */
import type { Assignment, Contender, ContenderName } from './contenders/contender.ts';
import { timed } from './cpu-time.ts';
import type { Target } from './nginx.ts';
import type { Command } from './processes.ts';
import type { Scratch } from './scratch.ts';
import { rotated, spread, type Spread } from './statistics.ts';
import type { Undisturbed } from './undisturbed.ts';

export interface Sample {
  /** CPU time of the whole process, start-up included, by completed requests, in µs. */
  readonly cpuUsPerRequest: number;
  readonly completed: number;
  /** Completed by seconds of the whole process. */
  readonly requestsPerSecond: number;
}

export interface ContenderResult {
  readonly contender: Contender;
  readonly version: string;
  /** As a person would type it. */
  readonly command: string;
  readonly samples: readonly Sample[];
  readonly cpuUs: Spread;
}

export interface Absent {
  readonly contender: Contender;
  readonly reason: string;
}

export interface Alternation {
  readonly results: ReadonlyMap<ContenderName, ContenderResult>;
  readonly absent: ReadonlyMap<ContenderName, Absent>;
}

export interface AlternationOptions {
  readonly contenders: readonly Contender[];
  readonly target: Target;
  readonly scratch: Scratch;
  readonly connections: number;
  readonly seconds: number;
  readonly repeats: number;
  readonly say: (line: string) => void;
  readonly undisturbed: Undisturbed;
}

interface Seat {
  readonly contender: Contender;
  readonly version: string;
  readonly assignment: Assignment;
  readonly samples: Sample[];
}

/** A contender that is missing, or fails twice in a row, is left out with the reason said: never a figure without a run. */
export async function alternate(options: AlternationOptions): Promise<Alternation> {
  const { contenders, repeats, say, undisturbed } = options;
  const absent = new Map<ContenderName, Absent>();
  const leave = (contender: Contender, error: unknown): void => {
    const reason = messageOf(error);
    absent.set(contender.name, { contender, reason });
    say(`${contender.title}: left out, ${reason}`);
  };
  let seats: Seat[] = [];
  for (const contender of contenders) {
    try {
      const version = await contender.version();
      seats.push({ contender, version, assignment: assign(contender, options), samples: [] });
    } catch (error) {
      leave(contender, error);
    }
  }
  undisturbed.begin();
  for (let round = 0; round < repeats; round++) {
    for (const seat of rotated(seats, round)) {
      try {
        const once = () => undisturbed.run(() => measure(seat, options.target));
        const sample = await once().catch((error: unknown) => {
          say(`${seat.contender.title}: once more, for ${messageOf(error)}`);
          return once();
        });
        seat.samples.push(sample);
        say(`round ${round + 1}/${repeats}  ${seat.contender.title.padEnd(36)} ${describe(sample)}`);
      } catch (error) {
        leave(seat.contender, error);
        seats = seats.filter((other) => other !== seat);
      }
    }
  }
  return { results: new Map(seats.map((seat) => [seat.contender.name, resultOf(seat)])), absent };
}

function assign({ name }: Contender, { target, scratch, connections, seconds }: AlternationOptions): Assignment {
  const { origin, fileUrl, ordersUrl } = target;
  return { origin, fileUrl, ordersUrl, connections, seconds, folder: scratch.folder(name) };
}

/**
 * One run. The target's own counter must agree with what the contender says, within the connections open at the end.
 *
 * Errors: the contender fails, or counts wrongly.
 */
async function measure({ contender, assignment }: Seat, target: Target): Promise<Sample> {
  const before = await target.status();
  const run = await timed(contender.command(assignment), (assignment.seconds * 3 + 120) * 1000);
  const after = await target.status();
  const completed = contender.completed(run, assignment);
  // The question about the status is a request, too; tools that try the target out first make a few more.
  const served = after.requests - before.requests - 1;
  if (completed === 0 || completed > served || served > completed + 2 * assignment.connections) {
    throw new Error(`it reports ${completed} answers, and the target counts ${served}`);
  }
  const cpuUsPerRequest = (run.cpuSeconds * 1e6) / completed;
  return { cpuUsPerRequest, completed, requestsPerSecond: completed / run.wallSeconds };
}

function resultOf({ contender, version, assignment, samples }: Seat): ContenderResult {
  const cpuUs = spread(samples.map((sample) => sample.cpuUsPerRequest));
  return { contender, version, command: shownCommand(contender.command(assignment)), samples, cpuUs };
}

/** As a person would type it. Ports and folders differ from run to run and mean nothing to a reader. */
export function shownCommand({ program, args, shown }: Command): string {
  // Of a tool that runs on Node, the script's path is in the arguments and its name in `shown`.
  const words = shown === undefined ? [program, ...args] : [shown, ...args.slice(1)];
  return words.map(shortened).join(' ');
}

function shortened(word: string): string {
  const portless = word.replace(/(:\/\/127\.0\.0\.1):\d+/, '$1:PORT');
  return portless.startsWith('/') && portless.length > 1 && portless.lastIndexOf('/') > 0
    ? portless.slice(portless.lastIndexOf('/') + 1)
    : portless;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function describe({ cpuUsPerRequest, requestsPerSecond }: Sample): string {
  return `${cpuUsPerRequest.toFixed(2).padStart(8)} µs CPU a request, ${Math.round(requestsPerSecond)}/s`;
}
