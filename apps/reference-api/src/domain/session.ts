/** An optimisation session: one model, one technique, from its start to its end. Names are those on the wire. */
export const sessionStatuses = ['running', 'completed', 'failed', 'cancelled'] as const;
export type SessionStatus = (typeof sessionStatuses)[number];

export const techniques = ['quantisation', 'pruning', 'distillation', 'low_rank', 'weight_sharing'] as const;
export type Technique = (typeof techniques)[number];

export interface Session {
  readonly id: string;
  readonly model_id: string;
  readonly model_name: string;
  readonly technique: Technique;
  readonly status: SessionStatus;
  /** 0 to 100. */
  readonly progress_percent: number;
  /** ISO 8601 in UTC, with milliseconds, as all times on the wire. */
  readonly started_at: string;
  /** null while it runs. */
  readonly ended_at: string | null;
  /** Of a completed session: 0 to 100. */
  readonly size_reduction_percent: number | null;
  /** Of a completed session: how many times faster the model is. */
  readonly speed_up: number | null;
  /** Of a failed session. */
  readonly error: string | null;
}

/** What the list is asked for, every default filled in. Both dates are inclusive. */
export interface SessionQuery {
  readonly status?: SessionStatus;
  readonly modelId?: string;
  readonly startedFromMs?: number;
  readonly startedToMs?: number;
  readonly skip: number;
  readonly limit: number;
}

export interface SessionPage {
  /** Newest first; equal times by id, descending. */
  readonly sessions: readonly Session[];
  /** Of all that match, whatever skip and limit. */
  readonly total: number;
  readonly skip: number;
  readonly limit: number;
}
