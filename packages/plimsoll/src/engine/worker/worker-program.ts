/** What a worker does with the host's messages. It knows no thread: a port in, a port out. */
import type { Clock } from '../../kernel/clock.ts';
import type { RunPlan, TestPlan } from '../../model/plan.ts';
import type { RegisteredTest } from '../../model/registered-test.ts';
import { createReadBuffer } from '../../protocol/http1/head-memo.ts';
import type { ConnectionThread } from '../../protocol/http1/connection.ts';
import { defaultParserLimits } from '../../protocol/http1/response-head.ts';
import { DnsCache } from '../../protocol/net/dns-cache.ts';
import type { HostMessage, WorkerMessage } from '../channel.ts';
import { registry } from '../registry.ts';
import { describeError } from './describe-error.ts';
import { discoveredTests } from './discovered-tests.ts';
import { assertJson } from './json-value.ts';
import { Scheduler } from './scheduler.ts';
import type * as scriptedParts from './scripted-parts.ts';
import { runSetup, runTeardown } from './set-up.ts';
import { TestRun } from './test-run.ts';

export interface WorkerPort {
  send(message: WorkerMessage): void;
}

export class WorkerProgram {
  readonly #port: WorkerPort;
  readonly #clock: Clock;
  #plan: RunPlan | undefined;
  #worker = 0;
  #thread: ConnectionThread | undefined;
  #scheduler: Scheduler | undefined;
  #run: TestRun | undefined;
  #parts: typeof scriptedParts | undefined;

  constructor(port: WorkerPort, clock: Clock) {
    this.#port = port;
    this.#clock = clock;
  }

  async handle(message: HostMessage): Promise<void> {
    switch (message.type) {
      case 'ping':
        this.#port.send({ type: 'pong' });
        return;
      case 'load':
        return this.#load(message);
      case 'plan':
        this.#plan = message.plan;
        return;
      case 'setUp':
        return this.#attempt('setUp', async () => {
          registry().abort = (reason) => {
            this.#port.send({ type: 'abort', reason });
          };
          const data = await runSetup(this.#options(message.test));
          registry().abort = undefined;
          assertJson(data, `the value of setup in '${message.test.name}'`);
          this.#port.send({ type: 'setUp', data });
        });
      case 'prepare':
        return this.#attempt('prepare', () => this.#prepare(message));
      case 'start':
        this.#run?.start(message.atMs);
        return;
      case 'stop':
        this.#run?.stop(message.gracefulStopMs);
        return;
      case 'tearDown':
        return this.#attempt('tearDown', async () => {
          await runTeardown({ ...this.#options(message.test), data: message.data });
          this.#port.send({ type: 'tornDown' });
        });
    }
  }

  /** What escapes from the user's code outside of an iteration's own promise: counted where it can be. */
  uncaught(error: unknown): void {
    if (this.#run) this.#run.countException(error);
    else {
      const { message, place } = describeError(error);
      this.#port.send({
        type: 'problem',
        message: `an error outside of any test: ${message}${place === '' ? '' : ` at ${place}`}`,
      });
    }
  }

  async #load(message: HostMessage & { type: 'load' }): Promise<void> {
    const { plan, worker, hostNowMs } = message;
    this.#plan = plan;
    this.#worker = worker;
    this.#scheduler = new Scheduler(this.#clock, plan.spin);
    this.#thread = {
      clock: this.#clock,
      dns: new DnsCache(this.#clock),
      buffer: createReadBuffer(),
      limits: defaultParserLimits,
      scheduler: this.#scheduler,
    };
    // The message was sent before it arrived: a worker whose clock says otherwise has another clock.
    const clockErrorMs = Math.max(0, hostNowMs - this.#clock.now());
    await this.#attempt('load', async () => {
      if (plan.quick === undefined) this.#parts = await import('./scripted-parts.ts');
      if (plan.bundlePath !== '') {
        // The user's stack traces are to point into the user's TypeScript. From here on Node reads the map of all it loads.
        process.setSourceMapsEnabled(true);
        await import(plan.bundlePath);
      }
      registry().isSealed = true;
      const { tests, metrics } = registry();
      const discovered = discoveredTests(tests, plan.httpDefaults, [...metrics.keys()]);
      this.#port.send({ type: 'loaded', tests: discovered, clockErrorMs });
    });
  }

  async #prepare(message: HostMessage & { type: 'prepare' }): Promise<void> {
    this.#run?.close();
    const { test, data, worker, workers } = message;
    const run = new TestRun({
      ...this.#options(test),
      parts: this.#parts,
      data,
      worker,
      workers,
      scheduler: this.#scheduler!,
      send: (sent) => {
        this.#port.send(sent);
        if (sent.type === 'finished') this.#closeRun(run);
      },
    });
    this.#run = run;
    const { connections, errors } = await run.prepare();
    this.#port.send({ type: 'prepared', vus: run.vuCount, connections, connectionErrors: errors });
  }

  #closeRun(run: TestRun): void {
    run.close();
    if (this.#run === run) this.#run = undefined;
  }

  #options(test: TestPlan): {
    plan: RunPlan;
    test: TestPlan;
    registered: RegisteredTest | undefined;
    thread: ConnectionThread;
    log: (text: string) => void;
  } {
    const registered = registry().tests.find(
      (each) => each.file === test.file && each.group === test.group && each.name === test.name,
    );
    const log = (text: string): void => {
      this.#port.send({ type: 'log', level: 'log', text, vu: -1 });
    };
    return { plan: this.#plan!, test, registered, thread: this.#thread!, log };
  }

  async #attempt(during: 'load' | 'setUp' | 'prepare' | 'tearDown', work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#run?.close();
      this.#run = undefined;
      this.#port.send({ type: 'failed', during, error: describeError(error) });
    }
  }
}
