/** A test's set-up and tear-down: they run once, before and after the load, with an `http` that counts for nothing. */
import type { Clock } from '../../kernel/clock.ts';
import { testRandom } from '../../kernel/random.ts';
import { parseDurationMs } from '../../kernel/units.ts';
import type { RunPlan, TestPlan } from '../../model/plan.ts';
import type { RegisteredTest } from '../../model/registered-test.ts';
import type { SetupContext } from '../../model/suite.ts';
import type { ConnectionThread } from '../../protocol/http1/connection.ts';
import { parseBase } from '../../protocol/http1/target-url.ts';
import { GeneratorWatch } from './generator-watch.ts';
import { BodyArena } from './http/body-arena.ts';
import { CookieHolder } from './http/cookie-holder.ts';
import { Origins } from './http/origins.ts';
import { RequestBuilder } from './http/request-builder.ts';
import { VuConnections } from './http/vu-connections.ts';
import { VuHttp, type DueSource } from './http/vu-http.ts';
import { Scheduler } from './scheduler.ts';
import { TestRecorder } from './test-recorder.ts';
import type { TestSettings } from './test-settings.ts';
import { Timeouts } from './timeouts.ts';
import { shownValue } from './vu.ts';

export interface SetUpOptions {
  readonly plan: RunPlan;
  readonly test: TestPlan;
  readonly registered: RegisteredTest | undefined;
  readonly thread: ConnectionThread;
  readonly log: (text: string) => void;
}

export async function runSetup(options: SetUpOptions): Promise<unknown> {
  const setup = options.registered?.options.setup;
  return setup === undefined ? undefined : withContext(options, (context) => setup(context));
}

export async function runTeardown(options: SetUpOptions & { readonly data: unknown }): Promise<void> {
  const teardown = options.registered?.options.teardown;
  if (teardown === undefined) return;
  await withContext(options, (context) => teardown({ ...context, data: options.data }));
}

async function withContext<T>(options: SetUpOptions, body: (context: SetupContext) => Promise<T> | T): Promise<T> {
  const { plan, test, thread, log } = options;
  const { clock } = thread;
  const scheduler = new Scheduler(clock, false);
  const watch = new GeneratorWatch(scheduler);
  const recorder = new TestRecorder({ scenarios: [], metrics: [], watch, onProblem: () => undefined });
  const timeouts = new Timeouts(clock);
  const abort = new AbortController();
  const settings: TestSettings = {
    clock,
    recorder,
    timeouts,
    arena: new BodyArena(),
    origins: new Origins(test.http, plan.guard.allow),
    http: test.http,
    maxBodyBytes: test.http.maxBodyBytes,
    base: plan.target === '' ? undefined : parseBase(plan.target),
    seed: plan.seed,
    signal: abort.signal,
    log: (_level, text) => {
      log(text);
    },
    debug: plan.debug,
    life: { over: false },
  };
  const user = new SetUpUser(settings, thread, test.http.connectionsPerHost);
  const context: SetupContext = {
    http: new VuHttp(settings, user, new RequestBuilder(settings, 'setup')),
    random: testRandom(plan.seed),
    sleep: (duration) => sleep(clock, parseDurationMs(duration)),
    log: (...values) => {
      log(values.map(shownValue).join(' '));
    },
    signal: abort.signal,
  };
  try {
    return await body(context);
  } finally {
    user.connections.close();
    timeouts.close();
    watch.close();
  }
}

function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ms, resolve);
  });
}

/** Set-up is nobody's load: a user of its own, with connections of its own. */
class SetUpUser implements DueSource {
  readonly id = -1;
  readonly connections: VuConnections;
  readonly cookies: CookieHolder;
  readonly random: () => number;
  readonly isOpenModel = false;
  pendingDueMs = 0;
  pendingIssuedMs = 0;
  sleepLagMs = -1;

  constructor(settings: TestSettings, thread: ConnectionThread, connectionsPerHost: number) {
    this.connections = new VuConnections({ thread, recorder: settings.recorder, connectionsPerHost });
    this.cookies = new CookieHolder(settings.clock.wallMs);
    const random = testRandom(settings.seed);
    this.random = () => random.number();
  }

  requestMade(): void {
    // Nobody waits for the iteration of a set-up.
  }

  requestEnded(): void {
    // As above.
  }
}
