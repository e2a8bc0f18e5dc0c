/** Tells a database that is away, or too slow, from a mistake of ours and one of the caller's. */
import { ApiError } from '../domain/api-error.ts';
import { DatabaseUnavailable } from '../ports/stores.ts';

const systemCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ENOENT',
  'ENOTFOUND',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
]);
/**
 * PostgreSQL's classes 08 (connection), 28 (sign-in), 53 (resources), 57 (operator: shut-down, cancelled by a time-out),
 * 58 (system), and 25006 (read only), 3D000 (no such database), 40001 and 40P01 (conflict: try again), 55P03 (locked).
 */
const postgresClasses = /^(08|28|53|57|58)|^(25006|3D000|40001|40P01|55P03)$/;
/** Characters that no text of PostgreSQL can hold: U+0000, and what is no character. The schemas refuse them first. */
const unstorable = new Set(['22021', '22P05']);
const unstorableDetail = {
  field: 'request',
  message: 'holds a character that the database cannot store, such as U+0000',
};
const sqliteCodes = /^SQLITE_(BUSY|LOCKED|IOERR|FULL|CANTOPEN|READONLY)/;
const noConnection = 'timeout exceeded when trying to connect';
const poolMessages = /Connection terminated|Client has encountered a connection error|Query read timeout|not queryable/;

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** PostgreSQL has given the statement up, and is there all the same. */
export function isTooSlow(error: unknown): boolean {
  return codeOf(error) === '57014';
}

/** There was none in time: all are in use, or none could be made. */
export function isWithoutConnection(error: unknown): boolean {
  return error instanceof Error && error.message.includes(noConnection);
}

function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = codeOf(error);
  if (code !== undefined && (systemCodes.has(code) || postgresClasses.test(code) || sqliteCodes.test(code))) {
    return true;
  }
  return isWithoutConnection(error) || poolMessages.test(error.message);
}

export async function orUnavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (unstorable.has(codeOf(error) ?? '')) {
      throw new ApiError(400, 'a text holds characters that cannot be stored', {
        details: [unstorableDetail],
        cause: error,
      });
    }
    throw isUnavailable(error) ? new DatabaseUnavailable(error) : error;
  }
}
