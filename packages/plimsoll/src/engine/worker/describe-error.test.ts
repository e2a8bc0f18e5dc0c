import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { TestFileError } from '../../kernel/errors.ts';
import { describeError } from './describe-error.ts';

const ownSource = fileURLToPath(new URL('../../', import.meta.url));
const ownBuild = ownSource.replace(/src\/$/, 'dist/');

function withStack(...frames: string[]): Error {
  const error = new Error('no stock');
  error.stack = ['Error: no stock', ...frames.map((frame) => `    at ${frame}`)].join('\n');
  return error;
}

describe('the place', () => {
  test.each([
    ['/home/u/shop.load.ts:14:9', ['buy (/home/u/shop.load.ts:14:9)', '/home/u/b.ts:1:1']],
    ['/home/u/shop.load.ts:14:9', ['async /home/u/shop.load.ts:14:9']],
    ['/home/u/shop.load.ts:14:9', ['async Object.run (file:///home/u/shop.load.ts:14:9)']],
    ['/home/u/a.ts:2:2', [`check (${ownBuild}engine/worker/entry.js:1:1)`, '/home/u/a.ts:2:2']],
    ['/home/u/a.ts:2:2', [`check (file://${ownSource}engine/worker/vu.ts:1:1)`, '/home/u/a.ts:2:2']],
    ['/home/u/a.ts:2:2', ['node:internal/process/task_queues:95:5', 'Array.map (native)', '/home/u/a.ts:2:2']],
    ['/home/u/plimsoll/src/a.load.ts:3:3', ['run (/home/u/plimsoll/src/a.load.ts:3:3)']],
    ['tests/a.load.ts:4:4', [`run (${process.cwd()}/tests/a.load.ts:4:4)`]],
    ['/home/u/a.ts:2:2', ['Object.readFileSync (node:fs:573:20)', 'open (/home/u/a.ts:2:2)']],
    ['/home/u/a.ts:2:2', ['parse (/home/u/node_modules/zod/index.js:9:9)', 'new Shop (/home/u/a.ts:2:2)']],
    ['/home/u/node_modules/zod/index.js:9:9', ['file:///home/u/node_modules/zod/index.js:9:9', 'node:events:1:1']],
    ['node:fs:573:20', ['Object.readFileSync (node:fs:573:20)']],
    ['', ['<anonymous>']],
    ['', []],
  ])('%s', (place, frames) => {
    expect(describeError(withStack(...frames)).place).toBe(place);
  });

  test('the stack is left without the frames that tell the user nothing', () => {
    const error = withStack('buy (/home/u/a.ts:2:2)', `run (${ownBuild}chunks/x.js:1:1)`, 'node:internal/timers:5:5');
    expect(describeError(error).stack).toBe('Error: no stock\n    at buy (/home/u/a.ts:2:2)');
  });
});

test('code and hint of our own errors', () => {
  const error = new TestFileError('no data', { hint: 'write some' });
  expect(describeError(error)).toMatchObject({ code: 'TEST_FILE', hint: 'write some', message: 'no data' });
  expect(describeError(new RangeError('far'))).toMatchObject({ name: 'RangeError', code: '', hint: '' });
});

test.each([
  ['threw no', 'no'],
  ['threw 7', 7],
  ['threw undefined', undefined],
  ['threw null', null],
  ["threw { status: 500, body: 'x' }", { status: 500, body: 'x' }],
  ['threw [Object: null prototype] {}', Object.create(null)],
  ['threw Symbol(s)', Symbol('s')],
])('%s: what is no error is shown as it is', (message, thrown) => {
  expect(describeError(thrown)).toMatchObject({ message, place: '', stack: '' });
});
