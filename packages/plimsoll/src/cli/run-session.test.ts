import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Session, TestEnd, TestHooks } from '../engine/session.ts';
import { BrokenError } from '../kernel/errors.ts';
import { constantVus } from '../model/load-model.ts';
import { defaultHttp } from '../model/default-http.ts';
import type { RunPlan, TestPlan } from '../model/plan.ts';
import type { RunResult } from '../model/result.ts';
import type { Reporter } from '../report/reporter.ts';
import { snapshotOf, socketsOf } from '../stats/snapshot.fixture.ts';
import { RunLog } from './run-log.ts';
import { runSession, type RunOutcome, type RunRequest } from './run-session.ts';

let store: string;
beforeEach(() => {
  store = mkdtempSync(join(tmpdir(), 'plimsoll-session-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(store, { recursive: true });
});

function testPlan(id: number, more: Partial<TestPlan> = {}): TestPlan {
  return {
    id,
    file: 'a.load.ts',
    line: 1,
    group: 'G',
    name: `test ${id}`,
    scenarios: [{ name: 'default', load: constantVus({ vus: 1, duration: '1s' }), startAfterMs: 0 }],
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

const asPlanned: TestEnd = { durationMs: 1000, stopped: '', plannedArrivals: null, lostWorkers: [] };

/** A session whose tests do what `runTest` says; `stop` ends them with its reason. */
class FakeSession implements Session {
  readonly stops: string[] = [];
  closed = 0;
  private readonly run: (test: TestPlan, hooks: TestHooks) => Promise<TestEnd>;

  constructor(run: (test: TestPlan, hooks: TestHooks, session: FakeSession) => TestEnd | Promise<TestEnd>) {
    this.run = async (test, hooks) => run(test, hooks, this);
  }
  load = () => Promise.resolve([]);
  usePlan = () => undefined;
  runTest(test: TestPlan, hooks: TestHooks): Promise<TestEnd> {
    return this.run(test, hooks);
  }
  stop(reason: string): void {
    this.stops.push(reason);
  }
  close(): Promise<void> {
    this.closed++;
    return Promise.resolve();
  }
}

interface Ran extends RunOutcome {
  readonly session: FakeSession;
  readonly said: string[];
}

async function run(
  session: FakeSession,
  tests: readonly TestPlan[],
  more: Partial<RunRequest> & { target?: string } = {},
): Promise<Ran> {
  const said: string[] = [];
  const reporter: Reporter = {
    onRunStart: () => said.push('run starts'),
    onTestStart: (test) => said.push(`${test.name} starts`),
    onSecond: ({ elapsedSeconds }) => said.push(`after ${elapsedSeconds} s`),
    onTestEnd: (result) => said.push(`${result.name} ${result.verdict}`),
    onLog: ({ text }) => said.push(`log ${text}`),
    onProblem: (message) => said.push(`problem ${message}`),
    onRunEnd: (result) => said.push(`run ${result.verdict}`),
  };
  const plan: RunPlan = {
    target: more.target ?? '',
    guard: { allow: [] },
    seed: 1,
    workers: 1,
    spin: false,
    debug: false,
    root: '/',
    bundlePath: '',
    tests,
  };
  const outcome = await runSession({
    plan,
    session,
    tool: 'plimsoll 0.0.0',
    name: 'unit',
    command: 'plimsoll run',
    environment: {
      node: '',
      cpu: '',
      cores: 1,
      os: '',
      memoryBytes: 1,
      seed: 1,
      workers: 1,
      spin: false,
      fileLimit: 1,
    },
    store,
    bail: false,
    reports: () => ({}),
    reporter,
    interruption: { interrupted: false, onInterrupt: () => undefined },
    log: new RunLog(),
    ...more,
  });
  return { ...outcome, session, said };
}

function stored({ folder }: RunOutcome): RunResult {
  return JSON.parse(readFileSync(join(folder!, 'result.json'), 'utf8')) as RunResult;
}

const idle = snapshotOf();
const second = { snapshots: [idle], stealShare: null, clockJumpMs: 0 };
test('connections that could not be made before the start are a problem of the run', async () => {
  const session = new FakeSession((_, hooks) => {
    hooks.onPrepared?.({ vus: 5, connections: 3, connectionErrors: { refused: 2 } });
    return asPlanned;
  });
  const { result, said } = await run(session, [testPlan(1)]);
  expect(result.problems.join()).toMatch(/^2 of 5 connections could not be made before the start: refused 2/);
  expect(said).toContain(`problem ${result.problems[0]!}`);
});

const unjudged = { thresholds: [{ expression: 'exceptions == 0' }, { expression: 'success >= 0%' }] };

test('tests run one after another, and whoever listens is told in order', async () => {
  const ran = await run(
    new FakeSession((_, hooks) => {
      hooks.onSecond({ ...second, second: 0 });
      return asPlanned;
    }),
    [testPlan(0), testPlan(1)],
  );
  // Nothing was measured, and a threshold over no sample fails.
  expect(ran.said).toEqual([
    'run starts',
    'test 0 starts',
    'after 1 s',
    'test 0 failed',
    'test 1 starts',
    'after 1 s',
    'test 1 failed',
    'run failed',
  ]);
  expect(stored(ran)).toEqual(ran.result);
  expect(ran.session.closed).toBeGreaterThan(0);
});

test('with bail the first that does not pass is the last', async () => {
  const { result } = await run(new FakeSession(() => asPlanned), [testPlan(0), testPlan(1)], { bail: true });
  expect(result.tests).toHaveLength(1);
});

test('each second the result so far lies on disk, marked partial', async () => {
  let onDisk: Promise<RunResult> | undefined;
  const session = new FakeSession(async (_, hooks) => {
    hooks.onSecond({ ...second, second: 0 });
    onDisk = vi.waitFor(() => {
      const [folder] = readFileSync(join(store, 'runs/latest'), 'utf8').split('\n');
      const partial = JSON.parse(readFileSync(join(store, 'runs', folder!, 'result.json'), 'utf8')) as RunResult;
      expect(partial.tests).toHaveLength(1);
      return partial;
    });
    await onDisk;
    return asPlanned;
  });
  await run(session, [testPlan(0)]);
  expect(await onDisk).toMatchObject({ verdict: 'partial', endedAt: null, tests: [{ verdict: 'partial' }] });
});

test('a broken threshold that is to abort stops the test, with its text as the reason', async () => {
  const abort = { expression: 'exceptions < 0', abort: true, abortAfterMs: 0 };
  const session = new FakeSession((_, hooks, self) => {
    hooks.onSecond({ ...second, second: 0 });
    return { ...asPlanned, stopped: self.stops[0] ?? '' };
  });
  const { result } = await run(session, [testPlan(0, { thresholds: [abort] })]);
  expect(result.tests[0]).toMatchObject({ stopped: 'threshold not held: exceptions < 0', verdict: 'failed' });
});

test('interrupted: the running test is stopped, no other one begins', async () => {
  const interruption = {
    interrupted: false,
    stop: (): void => undefined,
    onInterrupt(stop: () => void) {
      this.stop = stop;
    },
  };
  const session = new FakeSession((_, __, self) => {
    interruption.interrupted = true;
    interruption.stop();
    return { ...asPlanned, stopped: self.stops[0] ?? '' };
  });
  const { result } = await run(session, [testPlan(0), testPlan(1)], { interruption });
  expect(result).toMatchObject({ verdict: 'interrupted', tests: [{ verdict: 'interrupted', stopped: 'interrupted' }] });
});

test('interrupted: what fails on the way out is told, and the verdict stays', async () => {
  vi.stubEnv('TMPDIR', store);
  vi.spyOn(process, 'cwd').mockReturnValue(store);
  const interruption = { interrupted: false, onInterrupt: () => undefined };
  const session = new FakeSession(() => {
    interruption.interrupted = true;
    throw new BrokenError('a worker went away');
  });
  const { result } = await run(session, [testPlan(0)], { interruption });
  expect(result).toMatchObject({ verdict: 'interrupted', problems: ['a worker went away'] });
});

describe('trouble', () => {
  test('of our own making keeps what there is: broken, and told', async () => {
    vi.stubEnv('TMPDIR', store);
    vi.spyOn(process, 'cwd').mockReturnValue(store);
    const session = new FakeSession((plan) => {
      if (plan.id === 0) return asPlanned;
      throw new TypeError('x is not a function');
    });
    const ran = await run(session, [testPlan(0, unjudged), testPlan(1)]);
    expect(ran.result.verdict).toBe('broken');
    expect(ran.result.tests.map(({ name }) => name)).toContain('test 0');
    expect(ran.result.problems[0]).toMatch(
      /^a bug in plimsoll: x is not a function \(details in .*plimsoll-bug-\d+\.log\)$/,
    );
    expect(readdirSync(store).filter((name) => name.startsWith('plimsoll-bug'))).toHaveLength(1);
    expect(stored(ran)).toEqual(ran.result);
  });

  test('nobody listens at the target: unreachable, and no test begins', async () => {
    const port = await freePort();
    const session = new FakeSession(() => asPlanned);
    const { result, said } = await run(session, [testPlan(0)], { target: `http://127.0.0.1:${port}` });
    expect(result).toMatchObject({ verdict: 'unreachable', tests: [] });
    expect(said.join('\n')).toMatch(/problem cannot reach http:\/\/127\.0\.0\.1:\d+: .* refused the connection/);
  });

  test('with the disk: broken, though every test held', async () => {
    const session = new FakeSession(() => asPlanned);
    const { result } = await run(session, [testPlan(0)], { store: '/dev/null/results' });
    expect(result.verdict).toBe('broken');
    expect(result.problems[0]).toContain('results cannot be written');
  });

  test('that was told before anyone listened is not lost', async () => {
    const log = new RunLog();
    log.events.onProblem('a series too many');
    log.events.onLog({ level: 'log', text: 'hello', worker: 0, vu: 0 });
    const { said, result } = await run(new FakeSession(() => asPlanned), [testPlan(0)], { log });
    expect(said.slice(0, 2)).toEqual(['problem a series too many', 'log hello']);
    expect(result.problems).toEqual(['a series too many']);
  });

  test('names no password, stored or not', async () => {
    const session = new FakeSession(() => asPlanned);
    const target = 'http://me:secret@127.0.0.1:1';
    for (const at of [store, undefined]) {
      const { result } = await run(session, [testPlan(0)], { target, store: at });
      expect(JSON.stringify(result)).not.toContain('secret');
      expect(result.target).toBe('http://***@127.0.0.1:1');
    }
  });
});

test('more connections than the system finds ports for quickly are told of once in a test', async () => {
  const crowded = { ...second, snapshots: [snapshotOf({ sockets: socketsOf({ open: 12_345 }) })] };
  const session = new FakeSession((_, hooks) => {
    for (const at of [0, 1, 2]) hooks.onSecond({ ...crowded, second: at });
    return asPlanned;
  });
  const { result, said } = await run(session, [testPlan(0)]);
  expect(result.problems).toEqual([expect.stringMatching(/^12,345 connections are held from one source address/)]);
  expect(said.filter((line) => line.startsWith('problem'))).toHaveLength(1);
});

async function freePort(): Promise<number> {
  const server: Server = createServer();
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}
