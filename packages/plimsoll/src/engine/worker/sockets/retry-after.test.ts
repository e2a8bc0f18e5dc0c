import { expect, test } from 'vitest';
import { retryAfterSeconds } from './retry-after.ts';

const wallMs = Date.UTC(2026, 0, 31, 9, 30, 0);

function asked(retryAfter: string | undefined, date?: string): number | undefined {
  const fields = new Map([
    ['retry-after', retryAfter],
    ['date', date],
  ]);
  return retryAfterSeconds({ header: (name) => fields.get(name) }, wallMs);
}

test.each([
  ['7', 7],
  ['0', 0],
  [' 120 ', 120],
  ['9'.repeat(400), Number.MAX_SAFE_INTEGER],
  ['Sat, 31 Jan 2026 09:30:12 GMT', 12],
  ['Saturday, 31-Jan-26 09:30:12 GMT', 12],
  ['Sat, 31 Jan 2026 09:29:00 GMT', 0],
])('%s', (text, seconds) => {
  expect(asked(text)).toBe(seconds);
});

test.each([undefined, '', 'soon', '-3', '1.5', '2026-02-01', 'Sat, 99 Foo 2026 09:30:12 GMT'])(
  '%s asks for nothing',
  (text) => {
    expect(asked(text)).toBeUndefined();
  },
);

test('a date is held against the clock of the server, where it shows it', () => {
  expect(asked('Sat, 31 Jan 2026 12:00:30 GMT', 'Sat, 31 Jan 2026 12:00:00 GMT')).toBe(30);
});
