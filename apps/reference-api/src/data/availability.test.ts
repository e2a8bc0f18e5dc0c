import { expect, test } from 'vitest';
import { DatabaseUnavailable } from '../ports/stores.ts';
import { orUnavailable } from './availability.ts';

const failing = (code: string): Error => Object.assign(new Error('it failed'), { code });

test.each([
  'ECONNREFUSED',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  // PostgreSQL: shut down by its operator, cancelled by a time-out, no connection left, read only.
  '57P01',
  '57014',
  '53300',
  '25006',
  'SQLITE_BUSY',
  'SQLITE_IOERR_WRITE',
])('%s is a database that is away', async (code) => {
  const error = failing(code);
  const told: unknown = await orUnavailable(Promise.reject(error)).catch((reason: unknown) => reason);
  expect(told).toBeInstanceOf(DatabaseUnavailable);
  expect(told).toHaveProperty('cause', error);
});

test.each(['Connection terminated unexpectedly', 'Query read timeout', 'timeout exceeded when trying to connect'])(
  'so is what pg says without a code: %s',
  async (message) => {
    await expect(orUnavailable(Promise.reject(new Error(message)))).rejects.toBeInstanceOf(DatabaseUnavailable);
  },
);

// A duplicate, a mistake of ours, and what is no error of a database at all.
test.each(['23505', 'ERR_INVALID_ARG_TYPE', 'SQLITE_CONSTRAINT'])('%s stays what it is', async (code) => {
  const error = failing(code);
  await expect(orUnavailable(Promise.reject(error))).rejects.toBe(error);
});

test.each(['22021', '22P05'])('%s is a mistake of the caller, who is told of what', async (code) => {
  await expect(orUnavailable(Promise.reject(failing(code)))).rejects.toMatchObject({
    status: 400,
    details: [{ field: 'request', message: 'holds a character that the database cannot store, such as U+0000' }],
  });
});

test('an answer is an answer', async () => {
  expect(await orUnavailable(Promise.resolve(7))).toBe(7);
});
