import { beforeEach, describe, expect, test } from 'vitest';
import { TestFileError } from '../kernel/errors.ts';
import { constantVus } from '../model/load-model.ts';
import { fanOut } from './fan-out.ts';
import { abortTest, group, loadTest, metric, registry } from './registry.ts';

const load = constantVus({ vus: 1, duration: 1 });
const run = async (): Promise<void> => undefined;

beforeEach(() => {
  const all = registry();
  all.tests.length = 0;
  all.groups = [];
  all.metrics.clear();
  all.file = 'a.load.ts';
  all.isSealed = false;
  all.abort = undefined;
});

test.each([
  [{ load, tresholds: [] }, "test 'a' has no option 'tresholds'", "did you mean 'thresholds'?"],
  [{ load, setUp: run }, "test 'a' has no option 'setUp'", "did you mean 'setup'?"],
  [{ load, scenarios: {} }, "test 'a' has no option 'load'", undefined],
  [{ scenarios: { b: { load, run, startAftr: 1 } } }, "scenario 'b' of test 'a' has no option 'startAftr'", undefined],
  [{ load: {} }, "test 'a' needs a load model and a function", undefined],
  [{ load: { kind: 'toString' } }, "test 'a' needs a load model and a function", undefined],
  [{ load: null }, "test 'a' needs a load model and a function", undefined],
  [{ scenarios: { b: { load: {}, run } } }, "scenario 'b' of test 'a' needs a load model and a function", undefined],
])('what JavaScript lets through is refused: %j', (options, message, hint) => {
  const declare = loadTest as (name: string, options: object, run: () => Promise<void>) => void;
  const refusal = expect.objectContaining(hint === undefined ? { message } : { message, hint }) as Error;
  expect(() => declare('a', options, run)).toThrow(refusal);
  expect(registry().tests).toEqual([]);
});

test('a fan-out knows its options too', () => {
  const declare = fanOut as (name: string, options: object, roles: object) => void;
  expect(() => declare('a', { subscribers: 1, duration: 1000, warmUp: 1 }, {})).toThrow(
    "fan-out 'a' has no option 'warmUp'",
  );
});

test.each([
  [true, { delayMs: 1000, maxDelayMs: 5000, factor: 2, jitter: 0.5 }],
  [
    { delay: '8s', jitter: 0 },
    { delayMs: 8000, maxDelayMs: 8000, factor: 2, jitter: 0 },
  ],
  [false, undefined],
])('a fan-out with reconnect %j comes back as a socket does', (reconnect, backOff) => {
  const receive = (): undefined => undefined;
  fanOut('a', { subscribers: 1, duration: 1000, reconnect }, { connect: ({ io }) => io.connect(), receive });
  const plan = registry().tests[0]?.fanOut?.plan;
  expect(plan?.reconnect).toEqual(backOff);
  // What crosses to another machine is JSON.
  expect(JSON.parse(JSON.stringify(plan))).toMatchObject(backOff === undefined ? {} : { reconnect: backOff });
});

describe('tests', () => {
  test('are kept with file and group; groups nest and end with their function', () => {
    loadTest('first', { load }, run);
    group('outer', () => {
      loadTest('second', { load }, run);
      group('inner', () => loadTest('third', { load }, run));
      loadTest('fourth', { load }, run);
    });
    expect(() =>
      group('broken', () => {
        throw new Error('mistake');
      }),
    ).toThrow('mistake');
    loadTest('fifth', { load }, run);
    expect(registry().tests.map((each) => `${each.file} ${each.group} ${each.name}`)).toEqual([
      'a.load.ts  first',
      'a.load.ts outer second',
      'a.load.ts outer > inner third',
      'a.load.ts outer fourth',
      'a.load.ts  fifth',
    ]);
  });

  test('one load and function, or scenarios', () => {
    const other = async (): Promise<void> => undefined;
    loadTest('one', { load }, run);
    loadTest('two', { scenarios: { read: { load, run }, write: { load, startAfter: '1s', run: other } } });
    expect(registry().tests.map((each) => each.scenarios)).toEqual([
      { default: { load, run } },
      { read: { load, run }, write: { load, startAfter: '1s', run: other } },
    ]);
  });

  test('the line is that of the call in the test file', () => {
    const at = (stack: string) => {
      const before: unknown = Reflect.get(Error, 'prepareStackTrace');
      Reflect.set(Error, 'prepareStackTrace', () => stack);
      try {
        loadTest('x', { load }, run);
      } finally {
        Reflect.set(Error, 'prepareStackTrace', before);
      }
      return registry().tests.at(-1)!.line;
    };
    expect(at('Error\n    at loadTest (/p/dist/index.js:9:9)\n    at /home/u/shop.load.ts:14:3')).toBe(14);
    expect(at('Error\n    at Object.<anonymous> (file:///home/u/shop.load.mjs:7:21)')).toBe(7);
    expect(at('Error\n    at other.ts:3:1')).toBe(0);
  });

  test.each<[string, unknown, unknown, string]>([
    ['no load', {}, run, "test 'x' needs a load model and a function"],
    ['no function', { load }, undefined, "test 'x' needs a load model and a function"],
    ['no scenario', { scenarios: {} }, undefined, "test 'x' has no scenario"],
    ['a scenario without a function', { scenarios: { a: { load } } }, undefined, "scenario 'a' of test 'x' needs"],
    ['a scenario without a load', { scenarios: { a: { run } } }, undefined, "scenario 'a' of test 'x' needs"],
  ])('%s is refused', (_, options, own, message) => {
    // What a compiler would refuse still arrives from JavaScript.
    const declare = loadTest as (name: string, options: unknown, run: unknown) => void;
    expect(() => declare('x', options, own)).toThrow(TestFileError);
    expect(() => declare('x', options, own)).toThrow(message);
    expect(registry().tests).toEqual([]);
  });
});

describe('own metrics', () => {
  test('record while a test listens, and nothing otherwise', () => {
    const seen: [string, number][] = [];
    const depth = metric.trend('depth', 'items');
    const orders = metric.counter('orders');
    const hits = metric.rate('hits');
    depth.record(1);
    for (const [name, own] of registry().metrics) own.record = (value) => seen.push([name, value]);
    depth.record(2.5);
    orders.add();
    orders.add(3);
    hits.record(true);
    hits.record(false);
    expect(seen).toEqual([
      ['depth', 2.5],
      ['orders', 1],
      ['orders', 3],
      ['hits', 1],
      ['hits', 0],
    ]);
    expect(registry().metrics.get('depth')).toMatchObject({ kind: 'trend', unit: 'items' });
  });

  test('of one name are one; of two kinds they are refused', () => {
    metric.counter('orders');
    metric.counter('orders');
    expect(registry().metrics.size).toBe(1);
    expect(() => metric.trend('orders')).toThrow("metric 'orders' is both a counter and a trend");
  });

  test('none can be made up once the files are loaded', () => {
    metric.counter('known');
    registry().isSealed = true;
    expect(() => metric.counter('known')).not.toThrow();
    expect(() => metric.counter('user-17')).toThrow(TestFileError);
  });
});

test('abortTest reaches the running test, and nobody without one', () => {
  const reasons: string[] = [];
  abortTest('nobody listens');
  registry().abort = (reason) => reasons.push(reason);
  abortTest('enough');
  expect(reasons).toEqual(['enough']);
});
