import { describe, expect, test } from 'vitest';
import { TestFileError, UsageError } from '../kernel/errors.ts';
import { constantArrivalRate, constantVus, type LoadModel } from '../model/load-model.ts';
import { defaultHttp } from '../model/default-http.ts';
import type { Config } from '../model/config.ts';
import type { FanOutPlan } from '../model/fan-out-plan.ts';
import { planRun, type FoundTest, type PlanBasis, type RunWishes } from './plan.ts';
import { pickTarget } from './target.ts';

const load = constantVus({ vus: 2, duration: '10s' });

function found(name: string, more: Partial<FoundTest> = {}): FoundTest {
  return {
    file: 'a.load.ts',
    line: 1,
    group: 'G',
    name,
    scenarios: [{ name: 'default', load, startAfterMs: 0 }],
    thresholds: [],
    warmUpMs: 0,
    gracefulStopMs: 0,
    connections: 'before',
    http: defaultHttp,
    tags: {},
    hasSetup: false,
    hasTeardown: false,
    ...more,
  };
}

function withLoad(name: string, model: LoadModel): FoundTest {
  return found(name, { scenarios: [{ name: 'default', load: model, startAfterMs: 0 }] });
}

function basis(wishes: Partial<RunWishes> = {}, config: Config = {}, cores = 4): PlanBasis {
  return {
    config,
    target: { url: 'http://localhost:1', headers: {} },
    wishes: { filters: [], allow: [], sourceAddresses: [], debug: false, ...wishes },
    root: '/project',
    bundleUrl: 'file:///project/.plimsoll/cache/x.mjs',
    cores,
  };
}

test('the chosen tests are numbered in order; nothing is lost on the way', () => {
  const plan = planRun(
    [found('a'), found('b'), found('c')],
    basis({ filters: ['b', 'C'], allow: ['x'] }, { allow: ['y'] }),
  );
  expect(plan.tests.map(({ id, name }) => [id, name])).toEqual([
    [0, 'b'],
    [1, 'c'],
  ]);
  expect(plan).toMatchObject({
    target: 'http://localhost:1',
    seed: 1,
    workers: 1,
    spin: true,
    guard: { allow: ['y', 'x'] },
  });
});

describe('names', () => {
  test('twice the same in one file and group is an error with both lines', () => {
    const twins = [found('a', { line: 3 }), found('a', { line: 9 })];
    expect(() => planRun(twins, basis())).toThrow("a.load.ts has two tests called 'a' in group 'G': lines 3 and 9");
    expect(() => planRun(twins, basis())).toThrow(TestFileError);
    expect(planRun([found('a'), found('a', { group: 'H' })], basis()).tests).toHaveLength(2);
  });

  test('that match nothing get the nearest', () => {
    const run = (): unknown => planRun([found('dashboard'), found('sessions')], basis({ filters: ['dashbaord'] }));
    expect(run).toThrow("no test matches 'dashbaord'");
    expect(run).toThrow(expect.objectContaining({ hint: "did you mean 'dashboard'?" }));
  });

  test('a suite narrows, and filters narrow further', () => {
    const config = { suites: { smoke: ['a', 'b'] } };
    const names = (wishes: Partial<RunWishes>): string[] =>
      planRun(
        [found('a'), found('b'), found('x')].map((test) => ({ ...test, file: 'f', group: '' })),
        basis(wishes, config),
      ).tests.map(({ name }) => name);
    expect(names({ suite: 'smoke' })).toEqual(['a', 'b']);
    expect(names({ suite: 'smoke', filters: ['b'] })).toEqual(['b']);
    expect(() => names({ suite: 'smok' })).toThrow(expect.objectContaining({ hint: "did you mean 'smoke'?" }));
  });
});

test('an override that no test can follow is an error; one that some can is not', () => {
  const arrivals = withLoad('r', constantArrivalRate({ rate: 5, duration: '1s' }));
  expect(() => planRun([found('a')], basis({ rate: 10 }))).toThrow('--rate means nothing to the chosen tests');
  expect(planRun([found('a'), arrivals], basis({ rate: 10 })).tests[0]?.scenarios[0]?.load).toEqual(load);
});

describe('a fan-out that the command line changes', () => {
  const fanOut = (part: Partial<FanOutPlan>): FoundTest => {
    const plan: FanOutPlan = {
      subscribers: 10,
      sentinels: 0,
      publishers: 1,
      rooms: 1,
      load: constantArrivalRate({ rate: 10, duration: '20s', vus: 1 }),
      durationMs: 20_000,
      connectOverMs: 10,
      settleMs: 1000,
      guardMs: 500,
      drainMs: 5000,
      publishersConnect: false,
      reconnect: undefined,
      storm: undefined,
    };
    return found('news', { fanOut: { ...plan, ...part } });
  };
  const planned = (part: Partial<FanOutPlan>, wishes: Partial<RunWishes>): FanOutPlan =>
    planRun([fanOut(part)], basis(wishes)).tests[0]!.fanOut!;

  test.each([
    [{}, 2000, 8],
    [{}, 999, 0],
    [{ subscribers: 1000, sentinels: 8 }, 20, 0],
    [{ sentinels: 3, sentinelsGiven: true }, 2000, 3],
    [{ sentinels: 3, sentinelsGiven: true }, 2, 2],
    [{ sentinels: 0, sentinelsGiven: true }, 2000, 0],
  ])('%j with %d subscribers has %d sentinels', (part, vus, sentinels) => {
    expect(planned(part, { vus })).toMatchObject({ subscribers: vus, sentinels });
  });

  test('its storm has to come before the end, and to take somebody', () => {
    const storm = { atMs: 10_000, share: 0.1, how: 'reset' } as const;
    expect(planned({ storm }, { durationMs: 10_001, vus: 5 }).storm).toEqual(storm);
    const refusal = (wishes: Partial<RunWishes>): (() => unknown) => {
      return () => planned({ storm }, wishes);
    };
    const late =
      "a.load.ts:1 'news' as the command line changes it: the storm comes after 10000 ms, and the test is over";
    const cause = new TestFileError('the storm comes after 10000 ms, and the test is over after 1500 ms');
    expect(refusal({ durationMs: 1500 })).toThrow(expect.objectContaining({ message: `${late} after 1500 ms`, cause }));
    expect(refusal({ vus: 4 })).toThrow('the storm takes nobody: storm.cut is 10% of 4 subscribers');
  });
});

describe('thresholds that can only fail', () => {
  const checked = (expression: string): void => {
    const scenarios = ['read', 'write'].map((name) => ({ name, load, startAfterMs: 0 }));
    planRun([found('a', { scenarios, thresholds: [{ expression }], ownMetrics: ['depth'] })], basis());
  };

  test.each([
    ['latency.p9s < 1s', 'a.load.ts:1', "write 'latency.p90 < 2s'"],
    ['dept: value.p95 < 9', 'expected the name of a metric of your own', "did you mean 'depth'?"],
    ['queue length: count < 9', 'expected the name of a metric of your own', 'there are depth'],
    ['raed: iteration.p95 < 1s', 'expected the name of a scenario', "did you mean 'read'?"],
    ['GET /basket: exceptions == 0', 'expected the name of a scenario', 'there are read, write'],
  ])('%s', (expression, message, hint) => {
    const refusal = expect.objectContaining({ message: expect.stringContaining(message) as string, hint }) as Error;
    expect(() => {
      checked(expression);
    }).toThrow(refusal);
  });

  test.each(['depth: value.p95 < 9', 'write: iteration.p95 < 1s', 'jion: latency.p95 < 1s', 'exceptions == 0'])(
    '%s may hold',
    (expression) => {
      expect(() => {
        checked(expression);
      }).not.toThrow();
    },
  );
});

describe('ceilings', () => {
  const arrivals = withLoad('r', constantArrivalRate({ rate: 100, duration: '1s', vus: 10, maxVus: 500 }));

  test('refuse what is asked for outright', () => {
    expect(() => planRun([arrivals], basis({}, { limits: { maxRate: '50/s' } }))).toThrow(
      "'r' asks for 100 arrivals a second; the ceiling of this project is 50 (limits.maxRate)",
    );
    expect(() => planRun([found('a')], basis({ vus: 11 }, { limits: { maxVus: 10 } }))).toThrow(UsageError);
    expect(planRun([found('a')], basis({ vus: 10 }, { limits: { maxVus: 10 } })).tests).toHaveLength(1);
  });

  test('cut what it may grow to', () => {
    const { tests } = planRun([arrivals], basis({}, { limits: { maxVus: 60 } }));
    expect(tests[0]?.scenarios[0]?.load).toMatchObject({ vus: 10, maxVus: 60 });
  });
});

describe('thresholds of the project', () => {
  const config: Config = { thresholds: ['latency.p95 < 500ms', ['success >= 99%', { window: '10s', abort: true }]] };

  test('are added, but give way to a test of the same thing', () => {
    const own = found('a', {
      thresholds: [{ expression: 'latency.p95 <  2s' }, { expression: 'GET /: success == 100%' }],
    });
    expect(planRun([own], basis({}, config)).tests[0]?.thresholds).toEqual([
      { expression: 'latency.p95 <  2s' },
      { expression: 'GET /: success == 100%' },
      { expression: 'success >= 99%', windowMs: 10_000, abort: true, abortAfterMs: 10_000 },
    ]);
  });
});

describe('workers', () => {
  const fast = withLoad('f', constantArrivalRate({ rate: 70_000, duration: '1s', vus: 100 }));

  test.each([
    ['one by default', found('a'), undefined, 8, { workers: 1, spin: true }],
    ['none to spare on one core', found('a'), undefined, 1, { workers: 1, spin: false }],
    ['one per 20,000 arrivals a second', fast, undefined, 8, { workers: 4, spin: true }],
    ['a core is left', fast, undefined, 3, { workers: 2, spin: true }],
    [
      'one per 5,000 VUs',
      withLoad('v', constantVus({ vus: 10_001, duration: 1000 })),
      undefined,
      8,
      { workers: 3, spin: true },
    ],
    ['as many as asked for', fast, 8, 8, { workers: 8, spin: false }],
  ])('%s', (_, test, workers, cores, expected) => {
    expect(planRun([test], basis({ workers }, {}, cores))).toMatchObject(expected);
  });
});

describe('the target', () => {
  const targets = { local: 'http://localhost:3000/api/', stage: { url: 'https://stage.example', headers: { k: 'v' } } };

  test('is named, or a URL', () => {
    expect(pickTarget({ targets }, 'stage')).toEqual({ url: 'https://stage.example', headers: { k: 'v' } });
    expect(pickTarget({ targets }, 'http://127.0.0.1:9/')).toEqual({ url: 'http://127.0.0.1:9', headers: {} });
    expect(pickTarget({ targets, defaultTarget: 'local' }, undefined).url).toBe('http://localhost:3000/api');
  });

  test('has to be chosen where there are several, and only there', () => {
    expect(() => pickTarget({ targets }, undefined)).toThrow('there are 2 targets: local, stage');
    expect(pickTarget({ targets: { a: 'http://a' } }, undefined).url).toBe('http://a');
    expect(pickTarget({}, undefined).url).toBe('');
    expect(pickTarget({ serve: { command: 'x', url: 'http://localhost:8080/health' } }, undefined).url).toBe(
      'http://localhost:8080',
    );
  });

  test('with a typing error gets the nearest', () => {
    expect(() => pickTarget({ targets }, 'stag')).toThrow(expect.objectContaining({ hint: "did you mean 'stage'?" }));
  });
});

describe('a warm-up', () => {
  const warm = (warmUpMs: number, wishes: Partial<RunWishes> = {}) =>
    planRun([found('a', { warmUpMs })], basis(wishes));

  test('has to leave something of the load, which overrides may have shortened', () => {
    expect(warm(9000).tests[0]?.warmUpMs).toBe(9000);
    expect(() => warm(10_000)).toThrow("the warm-up of 'a' leaves nothing of its load: 10s of 10s");
    expect(() => warm(2000, { durationMs: 2000 })).toThrow(TestFileError);
  });

  test('counts in whole seconds', () => {
    expect(() => warm(9500)).toThrow('10s of 10s');
  });
});
