/**
 * One virtual user: runs one iteration at a time, holds connections and cookies. Lean, because 10,000 of them may wait:
 * what not every test uses is made when first asked for.
 */
import { inspect } from 'node:util';
import { Sfc32, testRandom } from '../../kernel/random.ts';
import { parseDurationMs } from '../../kernel/units.ts';
import type { Io } from '../../model/socket-io.ts';
import type { Ws } from '../../model/socket.ts';
import type { Sse } from '../../model/sse.ts';
import type { Http, Iteration, Random, StepContext, TestContext, TestFunction, Vu } from '../../model/suite.ts';
import { CookieHolder } from './http/cookie-holder.ts';
import type { RequestBuilder } from './http/request-builder.ts';
import { VuConnections, type ConnectionSettings } from './http/vu-connections.ts';
import { VuHttp, type DueSource } from './http/vu-http.ts';
import type { Scheduler } from './scheduler.ts';
import type { TestSettings } from './test-settings.ts';
import type { SocketContext } from './sockets/opening-request.ts';
import type { VuSockets } from './sockets/vu-sockets.ts';

/** What the VUs of one scenario share. */
export interface ScenarioSettings extends TestSettings {
  readonly scenario: string;
  readonly scenarioIndex: number;
  readonly run: TestFunction;
  readonly data: unknown;
  readonly builder: RequestBuilder;
  readonly scheduler: Scheduler;
  readonly connections: ConnectionSettings;
  /** For requests that are not the load. */
  readonly quiet: TestSettings;
  readonly quietBuilder: RequestBuilder;
  makeSockets(context: SocketContext): VuSockets;
  readonly perIterationConnections: boolean;
  readonly isOpenModel: boolean;
}

/** Called when an iteration is over; `failure` is what the test's own code threw. */
export type IterationEnded = (vu: LoadVu, failure: unknown, failed: boolean) => void;

/** What an executor drives; a VU with a test function, or one with a fixed request. */
export interface LoadVu {
  readonly id: number;
  readonly connections: VuConnections;
  /** Milliseconds of the clock: when the running iteration was due. */
  iterationDueMs: number;
  /** Requests of the running iteration: one without any must not start the next in the same turn. */
  requestsMade: number;
  active: boolean;
  /** Begun so far, where the load model counts them. */
  iterations: number;
  /** No iteration begins from this instant of the clock on, where the load model says so. */
  untilMs: number;
  start(index: number, dueMs: number, issuedMs: number): void;
  /** What the VU has open beside its connections. */
  readonly sockets: { settle(): void; close(): void } | undefined;
}

export class ScriptedVu implements LoadVu, DueSource {
  readonly id: number;
  readonly settings: ScenarioSettings;
  readonly connections: VuConnections;
  readonly cookies: CookieHolder;
  readonly #ended: IterationEnded;
  readonly #context: VuContext;
  pendingDueMs = 0;
  pendingIssuedMs = 0;
  sleepLagMs = -1;
  iterationDueMs = 0;
  iterationIndex = 0;
  requestsMade = 0;
  #requestsOpen = 0;
  /** How the function ended, while requests it did not wait for are still open. */
  #outcome: { readonly error: unknown; readonly failed: boolean } | undefined;
  active = false;
  iterations = 0;
  untilMs = 0;
  state: unknown = undefined;
  #random: Sfc32 | undefined;
  sockets: VuSockets | undefined;

  constructor(id: number, settings: ScenarioSettings, ended: IterationEnded) {
    this.id = id;
    this.settings = settings;
    this.connections = new VuConnections(settings.connections);
    this.cookies = new CookieHolder(settings.clock.wallMs);
    this.#ended = ended;
    this.#context = new VuContext(this);
  }

  get isOpenModel(): boolean {
    return this.settings.isOpenModel;
  }

  get context(): VuContext {
    return this.#context;
  }

  start(index: number, dueMs: number, issuedMs: number): void {
    this.iterationIndex = index;
    this.iterationDueMs = dueMs;
    // In VU models the first request is due when the function asks for it.
    this.pendingDueMs = this.settings.isOpenModel ? dueMs : 0;
    this.pendingIssuedMs = this.settings.isOpenModel ? issuedMs : 0;
    this.requestsMade = 0;
    this.active = true;
    let running: Promise<void> | void;
    try {
      running = this.settings.run(this.#context);
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (running instanceof Promise) running.then(this.#succeed, this.#fail);
    else if (isThenable(running)) Promise.resolve(running).then(this.#succeed, this.#fail);
    else this.#succeed();
  }

  /** Holds for a request made in the turn that the sleep's end begins; one made later is due when it is made. */
  dueAfterSleep(endMs: number): void {
    const { clock } = this.settings;
    this.#recordSleep();
    this.sleepLagMs = clock.now() - endMs;
    this.pendingDueMs = endMs;
    this.pendingIssuedMs = 0;
    clock.soon(() => {
      if (this.pendingDueMs === endMs) this.pendingDueMs = 0;
      this.#recordSleep();
    });
  }

  /** Of a sleep that nothing followed which takes its due time from it. */
  #recordSleep(): void {
    if (this.sleepLagMs < 0) return;
    this.settings.recorder.lag.record(this.sleepLagMs * 1000);
    this.sleepLagMs = -1;
  }

  readonly #succeed = (): void => {
    this.#end(undefined, false);
  };

  readonly #fail = (error: unknown): void => {
    this.#end(error, true);
  };

  requestMade(): void {
    this.requestsMade++;
    this.#requestsOpen++;
  }

  requestEnded(): void {
    this.#requestsOpen--;
    const outcome = this.#outcome;
    if (outcome !== undefined && this.#requestsOpen === 0) {
      this.#outcome = undefined;
      this.#end(outcome.error, outcome.failed);
    }
  }

  /** An iteration is over when its requests are: a forgotten `await` must not pile them up. */
  #end(error: unknown, failed: boolean): void {
    if (this.#requestsOpen > 0) {
      this.#outcome = { error, failed };
      return;
    }
    this.active = false;
    this.#recordSleep();
    if (this.settings.perIterationConnections) this.connections.retire();
    this.#ended(this, error, failed);
  }

  /** For what is not the test's `random`: boundaries of multipart bodies. */
  readonly random = (): number => (this.#random ??= new Sfc32(this.settings.seed, this.id)).next();
}

/** The argument of a test function. Its functions are made on first use and may be taken apart (`{ http, sleep }`). */
class VuContext implements TestContext {
  readonly #vu: ScriptedVu;
  readonly http: Http;
  #sleep: TestContext['sleep'] | undefined;
  #step: TestContext['step'] | undefined;
  #log: TestContext['log'] | undefined;
  #public: Vu | undefined;
  #random: Random | undefined;
  #randomOf = -1;

  constructor(vu: ScriptedVu) {
    this.#vu = vu;
    this.http = new VuHttp(vu.settings, vu, vu.settings.builder);
  }

  get ws(): Ws {
    return this.#sockets.ws;
  }

  get io(): Io {
    return this.#sockets.io;
  }

  get sse(): Sse {
    return this.#sockets.sse;
  }

  get #sockets(): VuSockets {
    const vu = this.#vu;
    const { settings } = vu;
    const { scenario, scheduler, connections, quiet, quietBuilder } = settings;
    const { thread } = connections;
    return (vu.sockets ??= settings.makeSockets({ settings, quiet, quietBuilder, thread, scheduler, vu, scenario }));
  }

  get data(): unknown {
    return this.#vu.settings.data;
  }

  get vu(): Vu {
    const vu = this.#vu;
    return (this.#public ??= { id: vu.id, scenario: vu.settings.scenario, state: vu.state });
  }

  get iteration(): Iteration {
    return { index: this.#vu.iterationIndex, dueMs: this.#vu.iterationDueMs };
  }

  /** Follows from the seed and the iteration's index alone, whichever VU runs it. */
  get random(): Random {
    const { iterationIndex, settings } = this.#vu;
    if (this.#random === undefined || this.#randomOf !== iterationIndex) {
      this.#random = testRandom(settings.seed, settings.scenarioIndex, iterationIndex);
      this.#randomOf = iterationIndex;
    }
    return this.#random;
  }

  get signal(): AbortSignal {
    return this.#vu.settings.signal;
  }

  get log(): TestContext['log'] {
    const vu = this.#vu;
    return (this.#log ??= (...values) => {
      vu.settings.log('log', values.map(shownValue).join(' '), vu.id);
    });
  }

  /** The next request is due when the sleep should have ended, not when the timer fired. */
  get sleep(): TestContext['sleep'] {
    const vu = this.#vu;
    return (this.#sleep ??= (duration) => {
      const { clock, scheduler } = vu.settings;
      const endMs = clock.now() + parseDurationMs(duration);
      const { iterationDueMs } = vu;
      return new Promise((resolve) => {
        scheduler.at(endMs, () => {
          // A sleep that an iteration left behind says nothing of the next one, and one of the VU's set-up is no load.
          if (vu.active && vu.iterationDueMs === iterationDueMs) vu.dueAfterSleep(endMs);
          resolve();
        });
      });
    });
  }

  get step(): TestContext['step'] {
    const vu = this.#vu;
    return (this.#step ??= (name, body) => runStep(vu, name, body));
  }
}

async function runStep<T>(vu: ScriptedVu, name: string, body: (context: StepContext) => Promise<T>): Promise<T> {
  const { settings } = vu;
  const builder = settings.builder.step(name);
  // In arrival-rate models a step after a sleep begins when the sleep should have ended, like a request.
  const startMs = vu.isOpenModel && vu.pendingDueMs !== 0 ? vu.pendingDueMs : settings.clock.now();
  const open = settings.recorder.beginStep(name, settings.scenario, startMs);
  try {
    const value = await body({ http: new VuHttp(settings, vu, builder) });
    settings.recorder.endStep(open, 'expected', settings.clock.now());
    return value;
  } catch (error) {
    settings.recorder.endStep(open, 'failed', settings.clock.now());
    throw error;
  }
}

/** Query builders and older libraries have promises of their own. */
function isThenable(value: unknown): value is PromiseLike<void> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** As a console would show it. */
export function shownValue(value: unknown): string {
  return typeof value === 'string' ? value : inspect(value, { depth: 4, breakLength: Infinity });
}
