/**
 * An answer that is an error, thrown anywhere and written in one place. On the wire it is always
 * `{ error, message, details, timestamp, request_id }`; nothing else of a failure ever reaches a client.
 */
export interface ErrorDetail {
  /** 'limit', 'constraints.max_latency_ms'; 'body' or 'url' where it is the whole of it, 'request' where it may be either. */
  readonly field: string;
  readonly message: string;
}

const names = {
  400: 'bad_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  409: 'conflict',
  413: 'too_large',
  415: 'unsupported_media_type',
  429: 'rate_limited',
  500: 'internal',
  503: 'unavailable',
} as const;
export type ErrorStatus = keyof typeof names;

export class ApiError extends Error {
  readonly status: ErrorStatus;
  readonly details: readonly ErrorDetail[];
  /** Sent as Retry-After. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    status: ErrorStatus,
    message: string,
    more: { details?: readonly ErrorDetail[]; retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause });
    this.status = status;
    this.details = more.details ?? [];
    this.retryAfterSeconds = more.retryAfterSeconds;
  }

  /** The `error` of the answer: 'bad_request'. */
  override get name(): string {
    return names[this.status];
  }
}

export function nameOfStatus(status: number): string {
  return status in names ? names[status as ErrorStatus] : status < 500 ? names[400] : names[500];
}
