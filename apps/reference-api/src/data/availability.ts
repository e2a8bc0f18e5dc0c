/** Tells a database that is away, or too slow, from a mistake of ours. */
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
  'EAI_AGAIN',
]);
/** PostgreSQL's classes 08 (connection), 53 (resources), 57 (operator: shut-down, cancelled by a time-out), 25006 (read only). */
const postgresClasses = /^(08|53|57)|^25006$/;
const sqliteCodes = /^SQLITE_(BUSY|LOCKED|IOERR|FULL|CANTOPEN|READONLY)/;
const poolMessages =
  /timeout exceeded when trying to connect|Connection terminated|Client has encountered a connection error|Query read timeout|not queryable/;

function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  if (typeof code === 'string' && (systemCodes.has(code) || postgresClasses.test(code) || sqliteCodes.test(code))) {
    return true;
  }
  return poolMessages.test(error.message);
}

export async function orUnavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw isUnavailable(error) ? new DatabaseUnavailable(error) : error;
  }
}
