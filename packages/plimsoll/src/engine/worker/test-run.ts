/** One test in one worker: makes VUs and connections, runs the scenarios, sends a snapshot each second. */
import type { Clock } from '../../kernel/clock.ts';
import type { RunPlan, ScenarioPlan, TestPlan } from '../../model/plan.ts';
import type { RegisteredTest } from '../../model/registered-test.ts';
import type { SetupContext } from '../../model/suite.ts';
import type { ConnectionThread } from '../../protocol/http1/connection.ts';
import { parseBase, resolveUrl } from '../../protocol/http1/target-url.ts';
import type { WorkerMessage } from '../channel.ts';
import { scenarioSeed } from '../../pacing/scenario-seed.ts';
import { emptyStripe, wholePlan, type Stripe } from '../../pacing/split.ts';
import { assertJoins } from '../fan-out-roles.ts';
import { registry } from '../registry.ts';
import { ArrivalRunner } from './arrival-runner.ts';
import { describeError } from './describe-error.ts';
import type { FanOutRun } from './fan-out/fan-out-run.ts';
import { GeneratorWatch } from './generator-watch.ts';
import { BodyArena } from './http/body-arena.ts';
import { CookieHolder } from './http/cookie-holder.ts';
import { Origins } from './http/origins.ts';
import { RequestBuilder } from './http/request-builder.ts';
import type { ConnectionSettings } from './http/vu-connections.ts';
import { VuHttp } from './http/vu-http.ts';
import { IterationRunner } from './iteration-runner.ts';
import { openConnections, type Opened } from './open-connections.ts';
import { QuickVu } from './quick-vu.ts';
import type { ScenarioRunner } from './scenario-runner.ts';
import type * as scriptedParts from './scripted-parts.ts';
import { type RunnerOptions } from './scenario-runner.ts';
import type { Scheduler } from './scheduler.ts';
import { someAtOnce } from './some-at-once.ts';
import { TestRecorder } from './test-recorder.ts';
import type { TestSettings } from './test-settings.ts';
import { Timeouts } from './timeouts.ts';
import { ScriptedVu, type LoadVu, type ScenarioSettings } from './vu.ts';
import { VuRunner } from './vu-runner.ts';

/** How often the host hears that VUs are being set up. */
const preparingEachMs = 1000;

export interface TestRunOptions {
  readonly plan: RunPlan;
  readonly test: TestPlan;
  /** undefined for `quick`. */
  readonly registered: RegisteredTest | undefined;
  /** undefined for `quick`. */
  readonly parts: typeof scriptedParts | undefined;
  readonly data: unknown;
  readonly worker: number;
  readonly workers: number;
  readonly thread: ConnectionThread;
  readonly scheduler: Scheduler;
  readonly send: (message: WorkerMessage) => void;
}

export class TestRun {
  readonly #options: TestRunOptions;
  readonly #clock: Clock;
  readonly #watch: GeneratorWatch;
  readonly #recorder: TestRecorder;
  readonly #timeouts: Timeouts;
  readonly #settings: TestSettings;
  /** For requests that are not the load. */
  readonly #quiet: TestSettings;
  readonly #fanOut: FanOutRun | undefined;
  readonly #runners: readonly ScenarioRunner[];
  readonly #abort = new AbortController();
  #startMs = 0;
  #takenMs = 0;
  #tick: { cancel(): void } | undefined;
  #graceful: { cancel(): void } | undefined;
  #cutAtMs = Infinity;
  #running = 0;
  #finished = false;

  constructor(options: TestRunOptions) {
    const { plan, test, worker, thread, scheduler, send } = options;
    this.#options = options;
    this.#clock = thread.clock;
    this.#watch = new GeneratorWatch(scheduler);
    this.#timeouts = new Timeouts(thread.clock);
    this.#recorder = new TestRecorder({
      scenarios: test.scenarios.map((scenario) => scenario.name),
      metrics: [...registry().metrics.values()],
      watch: this.#watch,
      onProblem: (message) => {
        send({ type: 'problem', message });
      },
      seed: [plan.seed, test.id, worker],
    });
    this.#settings = {
      clock: thread.clock,
      recorder: this.#recorder,
      timeouts: this.#timeouts,
      arena: new BodyArena(),
      origins: new Origins(test.http, plan.guard.allow),
      http: test.http,
      maxBodyBytes: test.http.maxBodyBytes,
      base: plan.target === '' ? undefined : parseBase(plan.target),
      seed: plan.seed,
      signal: this.#abort.signal,
      log: (level, text, vu) => {
        send({ type: 'log', level, text, vu });
      },
      debug: plan.debug,
      life: { over: false },
    };
    const unheard = { scenarios: [], metrics: [], watch: this.#watch, onProblem: () => undefined };
    this.#quiet = { ...this.#settings, recorder: new TestRecorder(unheard) };
    this.#fanOut = this.#makeFanOut();
    this.#runners = test.scenarios.map((scenario, index) => this.#runner(scenario, index));
    this.#running = this.#runners.length;
    registry().abort = (reason) => {
      send({ type: 'abort', reason });
    };
  }

  /** Makes the VUs, runs their set-up, opens connections. Errors: what a VU's set-up throws. */
  async prepare(): Promise<Opened> {
    let toldMs = this.#clock.now();
    for (const runner of this.#runners) {
      await someAtOnce(runner.initialVuIds(), async (id) => {
        runner.addVu(
          await new Promise<LoadVu>((resolve, reject) => {
            this.#makeVu(runner, id, resolve, reject);
          }),
        );
        const now = this.#clock.now();
        if (now - toldMs < preparingEachMs) return;
        toldMs = now;
        this.#options.send({ type: 'preparing' });
      });
    }
    const { base, origins } = this.#settings;
    const { plan, test } = this.#options;
    const first = plan.quick === undefined ? base : resolveUrl(base, plan.quick.url);
    if (first === undefined || test.connections !== 'before') return { connections: 0, errors: {} };
    const origin = origins.of(first.origin);
    const pools = this.#vus().map((vu) => vu.connections.pool(origin));
    return openConnections(pools);
  }

  get vuCount(): number {
    return this.#vus().length;
  }

  start(atMs: number): void {
    const delayMs = Math.max(0, atMs - this.#clock.now());
    this.#startMs = atMs;
    this.#recorder.startMs = atMs;
    this.#fanOut?.start(atMs);
    for (const [index, runner] of this.#runners.entries()) {
      runner.start(atMs + this.#options.test.scenarios[index]!.startAfterMs);
    }
    this.#clock.after(delayMs, () => {
      this.#watch.reset();
    });
    this.#takenMs = atMs;
    this.#armTick(this.#clock.now());
  }

  /** Ends the load window; what runs gets `gracefulStopMs`. Later calls only shorten it. */
  stop(gracefulStopMs: number): void {
    for (const runner of this.#runners) runner.endWindow();
    this.#grace(gracefulStopMs);
  }

  /** Resources back to the machine, whatever the state. */
  close(): void {
    this.#tick?.cancel();
    this.#graceful?.cancel();
    this.#timeouts.close();
    this.#watch.close();
    this.#recorder.close();
    for (const runner of this.#runners) runner.close();
    this.#options.scheduler.close();
    registry().abort = undefined;
  }

  countException(error: unknown): void {
    const { place, message, hint, stack } = describeError(error);
    this.#recorder.countException(place, hint === '' ? message : `${message} — ${hint}`, stack);
  }

  #vus(): LoadVu[] {
    return this.#runners.flatMap((runner) => runner.allVus);
  }

  #runner(plan: ScenarioPlan, index: number): ScenarioRunner {
    const { thread, scheduler } = this.#options;
    const options: RunnerOptions = {
      plan,
      ...this.#stripe(plan),
      seed: scenarioSeed(this.#options.plan.seed, this.#options.test.id, index),
      clock: thread.clock,
      scheduler,
      recorder: this.#recorder,
      record: this.#recorder.scenario(index),
      makeVu: (id, runner, ready) => {
        this.#makeVu(runner, id, ready, (error) => {
          this.countException(error);
        });
      },
      onException: (error) => {
        this.countException(error);
      },
      onWindowOver: () => {
        // The grace of the test begins with the end of its last scenario's window.
        if (this.#runners.every((each) => each.isWindowOver)) this.#grace(this.#options.test.gracefulStopMs);
      },
      onDone: () => {
        this.#scenarioDone();
      },
    };
    const { load } = plan;
    switch (load.kind) {
      case 'shared-iterations':
      case 'per-vu-iterations':
        return new IterationRunner(options, load);
      case 'constant-vus':
      case 'ramping-vus':
        return new VuRunner(options, load);
      case 'arrival-rate':
        return new ArrivalRunner(options, load);
    }
  }

  /** Scenarios with a worker of their own have the last one, and the others share those before it. */
  #stripe({ ownWorker = false }: ScenarioPlan): Stripe {
    const { worker, workers, test } = this.#options;
    const shared = test.scenarios.some((each) => each.ownWorker === true) ? workers - 1 : workers;
    const isOwn = worker >= shared;
    if (ownWorker !== isOwn) return emptyStripe;
    return ownWorker ? wholePlan : { worker, workers: shared };
  }

  #makeFanOut(): FanOutRun | undefined {
    const { test, registered, parts, thread, plan } = this.#options;
    if (test.fanOut === undefined || registered?.fanOut === undefined || parts === undefined) return undefined;
    const { joins } = registered.fanOut;
    // Those of the command line were not there when the test was declared.
    if (test.fanOut.subscribers > registered.fanOut.plan.subscribers) assertJoins(joins, test.fanOut);
    const { life } = this.#settings;
    return new parts.FanOutRun({
      test,
      registered: registered.fanOut,
      clock: thread.clock,
      seed: plan.seed,
      life,
      countException: (error) => {
        this.countException(error);
      },
    });
  }

  readonly #vuFactories = new Map<ScenarioRunner, (id: number) => LoadVu>();

  #makeVu(runner: ScenarioRunner, id: number, ready: (vu: LoadVu) => void, failed: (error: unknown) => void): void {
    let factory = this.#vuFactories.get(runner);
    if (!factory) this.#vuFactories.set(runner, (factory = this.#vuFactory(runner)));
    const vu = factory(id);
    const setupVu = this.#options.registered?.options.setupVu;
    if (setupVu === undefined || !(vu instanceof ScriptedVu)) {
      ready(vu);
      return;
    }
    const { data } = this.#options;
    // Requests of a VU's set-up use the VU's connections and cookies, and count for nothing: they are not the load.
    const http = new VuHttp(this.#quiet, vu, vu.settings.quietBuilder);
    const context = { ...setupContext(vu), http, data, vu: { id, scenario: vu.settings.scenario } };
    Promise.resolve()
      .then(() => setupVu(context))
      .then((state) => {
        vu.state = state;
        ready(vu);
      })
      .catch(failed);
  }

  #vuFactory(runner: ScenarioRunner): (id: number) => LoadVu {
    const { plan, test, registered, parts, data, thread, scheduler } = this.#options;
    const index = this.#runners.length === 0 ? 0 : this.#runners.indexOf(runner);
    const scenario = test.scenarios[index]!;
    const builder = new RequestBuilder(this.#settings, scenario.name);
    const connections: ConnectionSettings = {
      thread,
      recorder: this.#recorder,
      connectionsPerHost: test.http.connectionsPerHost,
    };
    const isOpenModel = scenario.load.kind === 'arrival-rate';
    if (plan.quick) {
      const { url, method, headers, body } = plan.quick;
      const options = { name: test.name, headers, keepBody: false, ...(body !== undefined && { body }) };
      const cookies = new CookieHolder(thread.clock.wallMs);
      const request = builder.build(method, url, options, cookies, () => 0);
      const settings = { ...this.#settings, connections, builder, request, isOpenModel };
      return (id) => new QuickVu(id, settings, runner.iterationEnded);
    }
    const settings: ScenarioSettings = {
      ...this.#settings,
      scenario: scenario.name,
      scenarioIndex: index,
      run: this.#fanOut?.run(scenario.name) ?? registered!.scenarios[scenario.name]!.run,
      data,
      builder,
      scheduler,
      connections,
      quiet: this.#quiet,
      quietBuilder: new RequestBuilder(this.#quiet, scenario.name),
      makeSockets: (context) => new parts!.VuSockets(context),
      perIterationConnections: test.connections === 'perIteration',
      isOpenModel,
    };
    return (id) => new ScriptedVu(id, settings, runner.iterationEnded);
  }

  #scenarioDone(): void {
    this.#running--;
    if (this.#running === 0) this.#finish();
  }

  #grace(gracefulStopMs: number): void {
    const atMs = this.#clock.now() + gracefulStopMs;
    if (this.#finished || atMs >= this.#cutAtMs) return;
    this.#cutAtMs = atMs;
    this.#graceful?.cancel();
    this.#graceful = this.#clock.after(gracefulStopMs, () => {
      this.#cut();
    });
  }

  #cut(): void {
    this.#settings.life.over = true;
    for (const runner of this.#runners) {
      runner.cut();
      // Connections go first: those that wait for one must not open more.
      runner.close();
    }
    const now = this.#clock.now();
    for (const open of this.#timeouts.takeAll()) open.cut(now);
    this.#recorder.cutSteps(now);
    this.#abort.abort();
    this.#finish();
  }

  #armTick(nowMs: number): void {
    const secondsOver = Math.max(0, Math.floor((nowMs - this.#startMs) / 1000));
    const nextMs = this.#startMs + (secondsOver + 1) * 1000;
    this.#tick = this.#clock.after(Math.max(1, nextMs - nowMs), () => {
      // A timer may fire early; a second is over when the clock says so. It is asked once: between two looks a second
      // might end, and be told twice.
      const firedMs = this.#clock.now();
      this.#armTick(firedMs);
      if (firedMs >= nextMs) this.#send(false);
    });
  }

  #send(last: boolean): void {
    const now = Math.max(this.#clock.now(), this.#takenMs);
    const secondsOver = Math.max(0, Math.floor((now - this.#startMs) / 1000));
    // The last word may come before the tick of the second that is over: it is numbered by where it begins.
    const begunSecond = Math.max(0, Math.floor((this.#takenMs - this.#startMs + 1) / 1000));
    const second = last ? Math.min(begunSecond, secondsOver) : secondsOver - 1;
    const spanMs = now - this.#takenMs;
    this.#takenMs = now;
    const { test, worker, send } = this.#options;
    if (this.#fanOut) send({ type: 'deliveries', batch: this.#fanOut.take(worker) });
    send({ type: 'snapshot', snapshot: this.#recorder.take(test.id, worker, second, now, spanMs, last) });
  }

  #finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#settings.life.over = true;
    this.#tick?.cancel();
    this.#graceful?.cancel();
    // Requests that the last iterations did not wait for are cut like those of an interrupted one.
    const now = this.#clock.now();
    for (const open of this.#timeouts.takeAll()) open.cut(now);
    this.#recorder.cutSteps(now);
    for (const vu of this.#vus()) vu.sockets?.settle();
    this.#send(true);
    const loadEndMs = Math.max(this.#startMs, ...this.#runners.map((runner) => runner.loadEndMs));
    this.#options.send({ type: 'finished', loadEndMs });
  }
}

/** What set-up functions get: a VU's own context without the parts that belong to an iteration. */
function setupContext(vu: ScriptedVu): SetupContext {
  const { http, random, sleep, log, signal } = vu.context;
  return { http, random, sleep, log, signal };
}
