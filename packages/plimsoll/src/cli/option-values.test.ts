import { describe, expect, test } from 'vitest';
import { UsageError } from '../kernel/errors.ts';
import { duration, headers, list, rate, wholeNumber } from './option-values.ts';

describe('values that are understood', () => {
  test('numbers, durations, rates, lists, headers', () => {
    expect(wholeNumber('--vus')('10_000')).toBe(10_000);
    expect(duration('-d')('1m30s')).toBe(90_000);
    expect(rate('-r')('300/m')).toBe(5);
    expect(list('b,c', list('a'))).toEqual(['a', 'b', 'c']);
    expect(headers(['Accept: a/b', 'X-Empty:'])).toEqual({ Accept: 'a/b', 'X-Empty': '' });
  });
});

describe('values that are not are refused in one sentence with the option', () => {
  test.each([
    [() => wholeNumber('--vus')('many'), "--vus: 'many' is not a whole number from 1"],
    [() => wholeNumber('--vus')('0'), "--vus: '0' is not a whole number from 1"],
    [() => wholeNumber('--seed', 0)('-1'), "--seed: '-1' is not a whole number from 0"],
    [() => duration('--duration')('10'), "--duration: '10' has no unit"],
    [() => duration('--duration')('soon'), "--duration: 'soon' is not a duration"],
    [() => duration('--duration')('0s'), "--duration: '0s' has to be more than 0"],
    [() => rate('--rate')('fast'), "--rate: 'fast' is not a rate"],
    [() => headers(['no colon']), "-H: 'no colon' is not a header"],
    [() => headers(['bad name: x']), "-H: 'bad name: x' is not a header"],
  ])('%#', (parse, message) => {
    expect(parse).toThrow(message);
    expect(parse).toThrow(UsageError);
  });
});
