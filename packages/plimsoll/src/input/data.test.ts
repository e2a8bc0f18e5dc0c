import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { TestFileError } from '../kernel/errors.ts';
import { testRandom } from '../kernel/random.ts';
import { csv, json, type RowContext } from './data.ts';

let root: string;
const abort = vi.fn();
const key = Symbol.for('plimsoll.registry');

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'plimsoll-data-'));
  mkdirSync(join(root, 'loadtests'));
  abort.mockReset();
  Object.assign(globalThis, { [key]: { file: 'loadtests/a.load.ts', root, abort } });
});
afterEach(() => {
  rmSync(root, { recursive: true });
  Reflect.deleteProperty(globalThis, key);
});

function write(name: string, text: string): string {
  writeFileSync(join(root, 'loadtests', name), text);
  return name;
}

function at(index: number, vu = 0): RowContext {
  return { vu: { id: vu }, iteration: { index }, random: testRandom(1, index) };
}

describe('a CSV file', () => {
  test('with byte order mark, quotes, line breaks in a cell and CRLF gives its columns as text', () => {
    const users = csv(write('users.csv', '\uFEFFid,name\r\n7,"Anna ""A"" B, C"\r\n8,"two\nlines"\r\n\r\n'));
    expect(users.rows).toEqual([
      { id: '7', name: 'Anna "A" B, C' },
      { id: '8', name: 'two\nlines' },
    ]);
  });

  test('gives rows of the type that parse makes', () => {
    const file = write('users.csv', 'id;name\n7;Anna\n');
    const users = csv(file, { delimiter: ';', parse: ({ id, name }) => ({ id: Number(id), name }) });
    expectTypeOf(users.rows).toEqualTypeOf<readonly { id: number; name: string | undefined }[]>();
    expect(users.row(at(0))).toEqual({ id: 7, name: 'Anna' });
  });

  test.each([
    ['a row with a cell too many', 'id,name\n1,a,b\n', /loadtests\/bad.csv is not valid CSV: .*line 2/],
    ['a quote that does not end', 'id,name\n1,"a\n', /loadtests\/bad.csv is not valid CSV/],
    ['no row', 'id,name\n', /loadtests\/bad.csv has no rows/],
  ])('with %s is refused by name', (_, text, message) => {
    const file = write('bad.csv', text);
    expect(() => csv(file)).toThrow(message);
    expect(() => csv(file)).toThrow(TestFileError);
  });

  test('that is missing is named together with the test file that wants it', () => {
    expect(() => csv('../gone.csv')).toThrow('gone.csv does not exist (named in loadtests/a.load.ts)');
  });
});

describe('a JSON file', () => {
  test('that holds a list gives its rows', () => {
    expect(json<number>(write('n.json', '[1, 2, 3]')).rows).toEqual([1, 2, 3]);
  });

  test.each([
    ['{"a": 1}', /n.json holds no list/],
    ['[1, 2', /n.json is not valid JSON/],
    ['[]', /n.json has no rows/],
  ])('that holds %s is refused', (text, message) => {
    const file = write('n.json', text);
    expect(() => json(file)).toThrow(message);
  });
});

describe('the order of rows', () => {
  const letters = (options = {}) => json<string>(write('l.json', '["a","b","c"]'), options);

  test('sequential starts again after the last row', () => {
    const source = letters();
    expect([0, 1, 2, 3, 4].map((index) => source.row(at(index)))).toEqual(['a', 'b', 'c', 'a', 'b']);
  });

  test('random follows from the seed and reaches every row', () => {
    const source = letters({ order: 'random' });
    const drawn = Array.from({ length: 100 }, (_, index) => source.row(at(index)));
    expect(new Set(drawn)).toEqual(new Set(['a', 'b', 'c']));
    expect(Array.from({ length: 100 }, (_, index) => source.row(at(index)))).toEqual(drawn);
  });

  test('unique gives each row once, then ends the test with both numbers', () => {
    const source = letters({ order: 'unique' });
    expect([2, 0, 1].map((index) => source.row(at(index)))).toEqual(['c', 'a', 'b']);
    expect(() => source.row(at(3))).toThrow('loadtests/l.json has 3 rows, and iteration 4 asked for one of its own');
    expect(abort).toHaveBeenCalledOnce();
  });

  test('per VU, every iteration of a VU has the same row; setupVu sees it too', () => {
    const source = letters({ order: 'unique', per: 'vu' });
    expect([0, 5, 9].map((index) => source.row(at(index, 1)))).toEqual(['b', 'b', 'b']);
    expect(source.row({ vu: { id: 1 }, random: testRandom(1) })).toBe('b');
    expect(() => source.row(at(0, 3))).toThrow('VU 4');
  });
});
