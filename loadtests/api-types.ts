/** What the API answers, as far as the tests look at it. */
export interface Token {
  readonly access_token: string;
}

export interface DashboardStats {
  readonly total_models: number;
  readonly active_sessions: number;
  readonly completed_sessions: number;
  readonly failed_sessions: number;
  readonly total_sessions: number;
}

export interface Session {
  readonly id: string;
  readonly model_id: string;
  readonly model_name: string;
  readonly status: string;
  readonly started_at: string;
}

/** What the sockets tell of a session. */
export interface SessionMessage {
  readonly session_id: string;
  readonly sequence: number;
  readonly instance: string;
}

export interface SessionPage {
  readonly sessions: readonly Session[];
  readonly total: number;
  readonly skip: number;
  readonly limit: number;
}

export interface Criteria {
  readonly name: string;
  readonly constraints: Readonly<Record<string, number>>;
}
