/** Where each worker stands, from the spans of its snapshots: one that comes late shows an event loop that stood still. */
import type { Snapshot } from './snapshot.ts';

/** Sums of spans differ from the true time by rounding. */
const roundingMs = 1;

export interface SnapshotTime {
  /** From the start of the load. */
  readonly startMs: number;
  /** After the end of the second in which the one before it was taken; 0 where it came earlier. */
  readonly lateMs: number;
}

export class WorkerClocks {
  readonly #endsMs = new Map<number, number>();

  /** Takes a worker's next snapshot. */
  advance({ worker, spanMs }: Snapshot): SnapshotTime {
    const startMs = this.#endsMs.get(worker) ?? 0;
    const endMs = startMs + spanMs;
    this.#endsMs.set(worker, endMs);
    const dueMs = (Math.floor((startMs + roundingMs) / 1000) + 1) * 1000;
    return { startMs, lateMs: Math.max(0, endMs - dueMs) };
  }

  /** How far the furthest worker has got. */
  get elapsedMs(): number {
    return Math.max(0, ...this.#endsMs.values());
  }
}

/** Whether a snapshot that starts here holds nothing of the first `untilMs`. */
export function startsAfter(startMs: number, untilMs: number): boolean {
  return startMs + roundingMs >= untilMs;
}
