/** What requests of a test share, for tests of the parts of `http`: real parts, and nobody who listens. */
import { systemClock, type Clock } from '../../../kernel/clock.ts';
import { defaultHttp } from '../../../model/default-http.ts';
import type { HttpPlan } from '../../../model/plan.ts';
import type { ConnectionThread } from '../../../protocol/http1/connection.ts';
import { createReadBuffer } from '../../../protocol/http1/head-memo.ts';
import { defaultParserLimits } from '../../../protocol/http1/response-head.ts';
import { parseBase } from '../../../protocol/http1/target-url.ts';
import { DnsCache } from '../../../protocol/net/dns-cache.ts';
import type { SeriesDelta, Snapshot } from '../../../stats/snapshot.ts';
import { GeneratorWatch } from '../generator-watch.ts';
import { Scheduler } from '../scheduler.ts';
import { TestRecorder } from '../test-recorder.ts';
import type { TestSettings } from '../test-settings.ts';
import { Timeouts } from '../timeouts.ts';
import { BodyArena } from './body-arena.ts';
import { CookieHolder } from './cookie-holder.ts';
import { Origins } from './origins.ts';
import { RequestBuilder } from './request-builder.ts';
import { VuConnections } from './vu-connections.ts';
import { VuHttp, type DueSource } from './vu-http.ts';

export interface HttpOptions {
  readonly target?: string;
  readonly http?: Partial<HttpPlan>;
  readonly allow?: readonly string[];
  readonly clock?: Clock;
  readonly isOpenModel?: boolean;
}

class BenchVu implements DueSource {
  readonly id = 0;
  readonly connections: VuConnections;
  readonly cookies: CookieHolder;
  readonly isOpenModel: boolean;
  pendingDueMs = 0;
  pendingIssuedMs = 0;
  sleepLagMs = -1;
  /** Requests that have not ended. */
  open = 0;

  constructor(connections: VuConnections, cookies: CookieHolder, isOpenModel: boolean) {
    this.connections = connections;
    this.cookies = cookies;
    this.isOpenModel = isOpenModel;
  }

  readonly random = (): number => 0.5;

  requestMade(): void {
    this.open++;
  }

  requestEnded(): void {
    this.open--;
  }
}

/** One VU's `http` and all that stands behind it. */
export interface HttpBench {
  readonly settings: TestSettings;
  readonly thread: ConnectionThread;
  readonly builder: RequestBuilder;
  readonly vu: BenchVu;
  readonly http: VuHttp;
  /** What was recorded since the last call. */
  take(last?: boolean): Snapshot;
  /** The same of its only series. */
  takeSeries(): SeriesDelta;
  close(): void;
}

export function httpBench(options: HttpOptions = {}): HttpBench {
  const { clock = systemClock, target } = options;
  const http = { ...defaultHttp, ...options.http };
  const scheduler = new Scheduler(clock, false);
  const watch = new GeneratorWatch(scheduler);
  const recorder = new TestRecorder({ scenarios: ['s'], metrics: [], watch, onProblem: () => undefined });
  const timeouts = new Timeouts(clock);
  const settings: TestSettings = {
    clock,
    recorder,
    timeouts,
    arena: new BodyArena(),
    origins: new Origins(http, options.allow ?? []),
    http,
    maxBodyBytes: http.maxBodyBytes,
    base: target === undefined ? undefined : parseBase(target),
    seed: 1,
    signal: new AbortController().signal,
    log: () => undefined,
    debug: false,
    life: { over: false },
  };
  const thread: ConnectionThread = {
    clock,
    dns: new DnsCache(clock),
    buffer: createReadBuffer(),
    limits: defaultParserLimits,
    scheduler,
  };
  const builder = new RequestBuilder(settings, 's');
  const connections = new VuConnections({ thread, recorder, connectionsPerHost: http.connectionsPerHost });
  const vu = new BenchVu(connections, new CookieHolder(clock.wallMs), options.isOpenModel ?? false);
  const take = (last = false): Snapshot => recorder.take(0, 0, 0, clock.now(), 1000, last);
  return {
    settings,
    thread,
    builder,
    vu,
    http: new VuHttp(settings, vu, builder),
    take,
    takeSeries: () => take().series[0]!,
    close: () => {
      vu.connections.close();
      timeouts.close();
      watch.close();
      scheduler.close();
    },
  };
}
