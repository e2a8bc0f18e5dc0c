import { describe, expect, test } from 'vitest';
import { wantsColour, wantsUnicode } from './terminal-style.ts';

describe('colour', () => {
  test.each([
    [true, {}, undefined, true],
    [false, {}, undefined, false],
    [true, { TERM: 'dumb' }, undefined, false],
    [true, { NO_COLOR: '1' }, undefined, false],
    [true, { NO_COLOR: '' }, undefined, true],
    [false, { FORCE_COLOR: '1' }, undefined, true],
    [true, { FORCE_COLOR: '0' }, undefined, false],
    [false, { FORCE_COLOR: '1', NO_COLOR: '1' }, undefined, false],
    [true, { FORCE_COLOR: '1' }, false, false],
  ])('terminal %s, %j, flag %s → %s', (isTerminal, env, flag, expected) => {
    expect(wantsColour(isTerminal, env, flag)).toBe(expected);
  });
});

describe('characters beyond ASCII', () => {
  test.each([
    [{ LANG: 'de_DE.UTF-8' }, true],
    [{ LANG: 'C.utf8' }, true],
    [{ LANG: 'C' }, false],
    [{ LC_ALL: 'POSIX', LANG: 'en_US.UTF-8' }, false],
    [{ LC_ALL: '', LANG: 'en_US.UTF-8' }, true],
    [{}, true],
  ])('%j → %s', (env, expected) => {
    expect(wantsUnicode(env, 'linux')).toBe(expected);
  });
});
