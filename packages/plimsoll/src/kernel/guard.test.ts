import { describe, expect, test } from 'vitest';
import { TargetNotAllowedError } from './errors.ts';
import { assertAllowed, isAllowed, isLoopback } from './guard.ts';

test.each([
  ['localhost', true],
  ['LOCALHOST.', true],
  ['app.localhost', true],
  ['127.0.0.1', true],
  ['127.8.9.10', true],
  ['0.0.0.0', true],
  ['::1', true],
  ['[::1]', true],
  ['::ffff:127.0.0.1', true],
  ['::ffff:7f00:1', true],
  ['localhost.example', false],
  ['notlocalhost', false],
  ['127.0.0.1.example', false],
  ['128.0.0.1', false],
  ['10.0.0.1', false],
  ['::2', false],
  ['::ffff:8.8.8.8', false],
])('%s is loop-back: %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});

test.each([
  ['api.test', 80, ['api.test'], true],
  ['API.test.', 80, ['Api.Test'], true],
  ['api.test', 80, ['api.test:8080'], false],
  ['api.test', 8080, ['api.test:8080'], true],
  ['a.b.test', 80, ['*.test'], true],
  ['a.b.test', 443, ['*.b.test:443'], true],
  ['b.test', 80, ['*.b.test'], false],
  ['evilb.test', 80, ['*.b.test'], false],
  ['api.test', 80, ['*'], false],
  ['api.test', 80, ['*.'], false],
  ['2001:db8::1', 80, ['2001:db8::1'], true],
  ['2001:db8::1', 81, ['[2001:db8::1]:80'], false],
  ['2001:db8::1', 80, ['[2001:db8::1]:80'], true],
  ['api.test', 80, [], false],
])('%s:%i against %j: %s', (host, port, allow, expected) => {
  expect(isAllowed(host, port, allow)).toBe(expected);
});

describe('the guard', () => {
  test('lets loop-back and allowed hosts pass', () => {
    expect(() => assertAllowed('localhost', 80, [])).not.toThrow();
    expect(() => assertAllowed('api.test', 80, ['api.test'])).not.toThrow();
  });

  test('names the line to add for any other', () => {
    const error = refusal(() => assertAllowed('API.test', 443, ['other.test']));
    expect(error.message).toBe('api.test is neither this machine nor on the list of allowed targets');
    expect(error.hint).toBe(
      "if you may load it, add allow: ['api.test'] to plimsoll.config.ts, or pass --allow api.test",
    );
    expect(error.exitCode).toBe(2);
  });
});

function refusal(act: () => void): TargetNotAllowedError {
  try {
    act();
  } catch (error) {
    if (error instanceof TargetNotAllowedError) return error;
  }
  throw new Error('nothing was refused');
}
