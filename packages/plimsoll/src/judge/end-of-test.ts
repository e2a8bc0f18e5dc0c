/** How a test ended, as judging needs it: the engine's own account, without the engine. */
export interface EndOfTest {
  /** Length of the load window. */
  readonly durationMs: number;
  /** '' as planned. */
  readonly stopped: string;
  /** From the plan and the seed alone; null in VU models. */
  readonly plannedArrivals: number | null;
  readonly lostWorkers: readonly {
    readonly worker: number;
    readonly how: 'died' | 'stuck';
    readonly message: string;
    /** Its part of the plan, from 0 to 1. */
    readonly share: number;
    readonly atSeconds: number;
  }[];
  readonly failure?: {
    readonly during: 'setUp' | 'prepare' | 'tearDown' | 'run';
    readonly error: { readonly message: string; readonly hint: string; readonly place: string };
  };
  /** Still going on: nothing that only holds at the end is asked for. */
  readonly partial: boolean;
}
