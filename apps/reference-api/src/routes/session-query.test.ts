import { expect, test } from 'vitest';
import { ApiError } from '../domain/api-error.ts';
import { toSessionQuery, type SessionQueryString } from './session-query.ts';

function details(query: SessionQueryString): ApiError['details'] {
  try {
    toSessionQuery(query);
    return [];
  } catch (error) {
    if (error instanceof ApiError && error.status === 400) return error.details;
    throw error;
  }
}

test('defaults are filled in', () => expect(toSessionQuery({})).toEqual({ skip: 0, limit: 50 }));

test('a day counts from its first to its last millisecond, in UTC', () => {
  expect(toSessionQuery({ start_date: '2026-11-24', end_date: '2026-11-24' })).toMatchObject({
    startedFromMs: Date.UTC(2026, 10, 24),
    startedToMs: Date.UTC(2026, 10, 25) - 1,
  });
});

test('an instant is taken as it is, with its zone', () => {
  expect(
    toSessionQuery({ start_date: '2026-11-24T10:30:00+01:00', end_date: '2026-11-24T09:30:00.001Z' }),
  ).toMatchObject({
    startedFromMs: Date.UTC(2026, 10, 24, 9, 30),
    startedToMs: Date.UTC(2026, 10, 24, 9, 30, 0, 1),
  });
});

test.each([
  '2026-02-30',
  '2026-13-01',
  '2025-02-29',
  '24.11.2026',
  '2026-11-24T25:00:00Z',
  '2026-11-24T10:00:00',
  ' ',
  '1; drop table',
])('%j is no date', (start_date) => {
  expect(details({ start_date })).toEqual([
    { field: 'start_date', message: 'is no date: write 2026-11-24, or 2026-11-24T09:30:00Z' },
  ]);
});

test('29 February is one in a leap year', () => expect(details({ start_date: '2024-02-29' })).toEqual([]));

test('the wrong way round', () => {
  expect(details({ start_date: '2026-11-25', end_date: '2026-11-24' })).toEqual([
    { field: 'end_date', message: 'is before start_date' },
  ]);
});
