/** The tables, alike in SQLite and PostgreSQL. Times are milliseconds since 1970. */
import type { SessionStatus, Technique } from '../domain/session.ts';
import type { Role } from '../domain/user.ts';

export interface ModelsTable {
  id: string;
  name: string;
  framework: string;
  size_mb: number;
}

export interface SessionsTable {
  id: string;
  model_id: string;
  technique: Technique;
  status: SessionStatus;
  progress_percent: number;
  started_at_ms: number;
  ended_at_ms: number | null;
  size_reduction_percent: number | null;
  speed_up: number | null;
  error: string | null;
}

export interface UsersTable {
  name: string;
  role: Role;
  password_hash: string;
}

/** One row at most. */
export interface CriteriaTable {
  id: 1;
  criteria: string;
}

export interface Tables {
  models: ModelsTable;
  sessions: SessionsTable;
  users: UsersTable;
  criteria: CriteriaTable;
}
