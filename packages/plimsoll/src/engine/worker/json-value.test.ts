import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TestFileError } from '../../kernel/errors.ts';
import { assertJson } from './json-value.ts';

const message = (value: unknown): string => {
  try {
    assertJson(value, 'it');
  } catch (error) {
    if (error instanceof TestFileError) return error.message;
    throw error;
  }
  return '';
};

class Token {
  readonly text = 'abc';
}

describe('what JSON would lose or change is named', () => {
  const loop: Record<string, unknown> = { list: [] };
  loop['list'] = [loop];
  test.each<[string, unknown]>([
    ["'user.since' (a Date)", { user: { since: new Date(0) } }],
    ["'ids' (a Map)", { ids: new Map() }],
    ["'sign' (a function)", { sign: () => 1 }],
    ["'n' (NaN)", { n: NaN }],
    ["'list[1]' (Infinity)", { list: [1, Infinity] }],
    ["'big' (a bigint)", { big: 1n }],
    ["'s' (a symbol)", { s: Symbol('s') }],
    ["'list[0]' (undefined)", { list: [undefined] }],
    ["'list[1]' (undefined)", { list: Object.assign([1], { 2: 3 }) }],
    ["'list[0]' (it refers to itself)", loop],
    ["'token' (a Token)", { token: new Token() }],
    ["'odd' (a special object)", { odd: Object.create(Object.create(null) as object) as unknown }],
    ['its top (a function)', () => 1],
    ['its top (a Uint8Array)', new Uint8Array(1)],
  ])('%s', (place, value) => {
    expect(message(value)).toBe(`it does not survive JSON at ${place}`);
  });
});

describe('what JSON keeps is accepted', () => {
  test('nothing, an undefined property, and one object in two places', () => {
    const shared = { a: 1 };
    for (const value of [undefined, null, { a: undefined }, { one: shared, two: [shared, shared] }]) {
      expect(message(value)).toBe('');
    }
  });

  test('any JSON value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(message(value)).toBe('');
      }),
      { seed: 9 },
    );
  });

  test('of anything else it is sure: what is accepted reads the same on the other side', () => {
    const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, withSparseArray: true });
    fc.assert(
      fc.property(anything, (value) => {
        if (value === undefined || message(value) !== '') return;
        // toEqual does not tell 0 from −0 here, and neither does anybody who reads JSON.
        expect(JSON.stringify(JSON.parse(JSON.stringify(value)))).toEqual(JSON.stringify(value));
        expect(JSON.parse(JSON.stringify(value, (_, part: unknown) => (part === 0 ? 0 : part)))).toEqual(
          structuredClone(value),
        );
      }),
      { seed: 10, numRuns: 300 },
    );
  });
});
