import { expect, test } from 'vitest';
import { isRefusal, reasonOf } from './refusal.ts';

/** As a response of `http` has it. */
class Answered {
  readonly status: number = 403;
  get ok(): boolean {
    return this.status < 400;
  }
  readonly error = { kind: 'status', message: 'status 403' };
}

test.each<[unknown, string | undefined]>([
  [false, undefined],
  [{ ok: false }, undefined],
  [{ ok: false, error: 'no such room' }, 'no such room'],
  [{ ok: false, error: { message: 'no such room' } }, 'no such room'],
  [{ ok: false, error: 404 }, undefined],
  [new Answered(), 'status 403'],
  [[{ ok: true }, { ok: false, error: 'full' }], 'full'],
])('%j says no', (answer, reason) => {
  expect(isRefusal(answer)).toBe(true);
  expect(reasonOf(answer)).toBe(reason);
});

test.each([undefined, null, true, 0, '', 'ok', {}, { ok: true }, { ok: undefined }, [], [{ ok: true }], ['false']])(
  '%j does not',
  (answer) => {
    expect(isRefusal(answer)).toBe(false);
  },
);
