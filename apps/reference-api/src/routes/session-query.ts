/** The list's query string → a SessionQuery. */
import { z } from 'zod';
import { ApiError, type ErrorDetail } from '../domain/api-error.ts';
import { sessionStatuses, type SessionQuery } from '../domain/session.ts';
import { plainText } from '../http/validation.ts';

const date = z.string().max(40).describe('2026-11-24, or with time and zone: 2026-11-24T09:30:00Z');

export const sessionQuerySchema = z.strictObject({
  status: z.enum(sessionStatuses).optional(),
  model_id: z.string().min(1).max(64).regex(plainText).optional(),
  start_date: date.optional().describe('Started then or later. 2026-11-24, or 2026-11-24T09:30:00Z'),
  end_date: date.optional().describe('Started then or before; a day counts to its end (UTC)'),
  skip: z.int().min(0).max(1_000_000).default(0).optional(),
  limit: z.int().min(1).max(100).default(50).optional(),
});
export type SessionQueryString = z.infer<typeof sessionQuerySchema>;

const dayMs = 86_400_000;
const form =
  /^(\d{4})-(\d{2})-(\d{2})(?:T([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d))?$/;

/** Errors: ApiError 400 that names the date which cannot be, or the two that are the wrong way round. */
export function toSessionQuery({
  status,
  model_id,
  start_date,
  end_date,
  skip,
  limit,
}: SessionQueryString): SessionQuery {
  const details: ErrorDetail[] = [];
  const startedFromMs = instant(start_date, 'start_date', details)?.fromMs;
  const startedToMs = instant(end_date, 'end_date', details)?.toMs;
  if (startedFromMs !== undefined && startedToMs !== undefined && startedFromMs > startedToMs) {
    details.push({ field: 'end_date', message: 'is before start_date' });
  }
  if (details.length > 0) throw new ApiError(400, 'the querystring is not valid', { details });
  return {
    ...(status !== undefined && { status }),
    ...(model_id !== undefined && { modelId: model_id }),
    ...(startedFromMs !== undefined && { startedFromMs }),
    ...(startedToMs !== undefined && { startedToMs }),
    skip: skip ?? 0,
    limit: limit ?? 50,
  };
}

function instant(
  text: string | undefined,
  field: string,
  details: ErrorDetail[],
): { readonly fromMs: number; readonly toMs: number } | undefined {
  if (text === undefined) return undefined;
  const match = form.exec(text);
  const fromMs = match === null || !isDay(match) ? NaN : Date.parse(text);
  if (Number.isNaN(fromMs)) {
    const message = 'is no date: write 2026-11-24, or 2026-11-24T09:30:00Z';
    details.push({ field, message });
    return undefined;
  }
  return { fromMs, toMs: text.includes('T') ? fromMs : fromMs + dayMs - 1 };
}

/** Whether the calendar has it: Date takes 30 February for 2 March. */
function isDay([, year, month, day]: RegExpExecArray): boolean {
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
}
