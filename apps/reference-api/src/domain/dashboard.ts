/** What the dashboard shows: zeroes on an empty database. */
export interface DashboardStats {
  readonly total_models: number;
  readonly active_sessions: number;
  readonly completed_sessions: number;
  readonly failed_sessions: number;
  /** Cancelled ones included. */
  readonly total_sessions: number;
  /** Of the completed sessions. */
  readonly average_size_reduction_percent: number;
  readonly average_speed_up: number;
  readonly computed_at: string;
}
