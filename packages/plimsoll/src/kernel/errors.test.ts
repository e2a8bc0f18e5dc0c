import { expect, test } from 'vitest';
import { atItsPlace, TestFileError, UnitSyntaxError } from './errors.ts';

test('an error at its place keeps its hint, and is the cause', () => {
  const error = new UnitSyntaxError("'5 parsecs' is no duration", { hint: "write '5s'" });
  const told = atItsPlace("a.load.ts:3 'browse'", error);
  expect(told).toBeInstanceOf(TestFileError);
  expect(told).toMatchObject({
    message: "a.load.ts:3 'browse': '5 parsecs' is no duration",
    hint: "write '5s'",
    cause: error,
  });
});

test('one without a hint has none, and any error can be put at its place', () => {
  const error = new TypeError('x is not a function');
  const told = atItsPlace('a.load.ts:3', error);
  expect(told.hint).toBeUndefined();
  expect(told.cause).toBe(error);
});
