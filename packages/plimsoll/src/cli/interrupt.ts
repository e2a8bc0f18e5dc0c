/**
 * Ctrl-C, SIGTERM and a closed terminal: once ends the run in order, twice ends it now. Before anything can be stopped in
 * order, once is enough.
 */
import { exitCodes } from '../kernel/errors.ts';

export interface Interruption {
  readonly interrupted: boolean;
  /** Called at the first signal. */
  onInterrupt(stop: () => void): void;
}

/** @param announce says what happens at the first signal */
export function watchInterrupts(announce: () => void): Interruption {
  const stops: (() => void)[] = [];
  let interrupted = false;
  const receive = (): void => {
    // What is on disk is whole at any moment: files are replaced in one step.
    if (interrupted || stops.length === 0) process.exit(exitCodes.interrupted);
    interrupted = true;
    announce();
    for (const stop of stops) stop();
  };
  process.on('SIGINT', receive);
  process.on('SIGTERM', receive);
  // The terminal is gone. The system and the shell may both say so: that is not the second Ctrl-C of a person.
  process.on('SIGHUP', () => {
    if (!interrupted) receive();
  });
  return {
    get interrupted() {
      return interrupted;
    },
    onInterrupt(stop) {
      stops.push(stop);
    },
  };
}
