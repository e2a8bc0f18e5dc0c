/**
 * Keeps the memory of a long run level. V8 doubles the space for new objects whenever enough of them survives a
 * collection, and in the host that happens once, most of a minute into a run, for nothing: what it keeps each second
 * does not grow. After ten seconds the space has the size that the work needs, and keeps it.
 * (docs/decisions/young-generation-of-workers.md)
 */
import { setFlagsFromString } from 'node:v8';

const settledMs = 10_000;

/** From ten seconds on, for the rest of the process, workers included. Called when a run begins. */
export function keepHeapSteady(): void {
  setTimeout(() => {
    // Each growth is by this factor; it is read when it happens.
    setFlagsFromString('--semi-space-growth-factor=1');
  }, settledMs).unref();
}
