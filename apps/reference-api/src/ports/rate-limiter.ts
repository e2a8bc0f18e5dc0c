/** Requests per user and minute, counted over all instances where the store is shared. */
export interface RateDecision {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Until the window ends. */
  readonly resetSeconds: number;
}

export interface RateLimiter {
  /** Counts one request of the key ('dashboard:ada') in the current window. */
  take(key: string, limit: number, windowSeconds: number): Promise<RateDecision>;
}
