/** Snapshots for tests, built by hand: what is not said is nothing, and the books balance unless they are told not to. */
import { Histogram } from './histogram.ts';
import type {
  ExampleRequest,
  GeneratorDelta,
  HistogramDelta,
  ScenarioDelta,
  SeriesDelta,
  Snapshot,
  SocketsDelta,
} from './snapshot.ts';
import { byPhase } from './socket-phases.ts';

export function histogramOf(valuesMs: readonly number[] = []): HistogramDelta {
  const histogram = new Histogram();
  for (const ms of valuesMs) histogram.record(ms * 1000);
  return histogram.takeDelta();
}

/** Latencies in ms by how the requests ended. */
export interface Outcomes {
  readonly expected?: readonly number[];
  readonly limited?: readonly number[];
  readonly timeout?: readonly number[];
  readonly unfinished?: readonly number[];
  /** Other failures by kind. */
  readonly failed?: Readonly<Record<string, readonly number[]>>;
}

export function seriesOf(outcomes: Outcomes, part: Partial<SeriesDelta> = {}): SeriesDelta {
  const { expected = [], limited = [], timeout = [], unfinished = [], failed = {} } = outcomes;
  const otherFailures = Object.values(failed).flat();
  const kinds = Object.entries({ ...failed, timeout }).filter(([, latencies]) => latencies.length > 0);
  return {
    name: 'GET /a',
    kind: 'request',
    scenario: 'default',
    issued: expected.length + limited.length + timeout.length + unfinished.length + otherFailures.length,
    expected: expected.length,
    limited: limited.length,
    failed: timeout.length + otherFailures.length,
    unfinished: unfinished.length,
    checkFailed: 0,
    resent: 0,
    bytesIn: 0,
    bytesOut: 0,
    status: {},
    errors: Object.fromEntries(kinds.map(([kind, latencies]) => [kind, latencies.length])),
    latency: histogramOf([...expected, ...timeout, ...unfinished]),
    failedLatency: histogramOf([...otherFailures, ...limited]),
    service: histogramOf(expected),
    ttfb: histogramOf(expected),
    ...part,
  };
}

export function scenarioOf(part: Partial<ScenarioDelta> = {}): ScenarioDelta {
  return {
    name: 'default',
    due: 0,
    started: 0,
    completed: 0,
    failed: 0,
    interrupted: 0,
    notIssued: 0,
    activeVus: 0,
    vus: 0,
    iteration: histogramOf(),
    ...part,
  };
}

export function exampleOf(part: Partial<ExampleRequest> = {}): ExampleRequest {
  return {
    series: 'GET /a',
    dueMs: 0,
    latencyUs: 10,
    serviceUs: 10,
    status: 200,
    error: '',
    traceId: '',
    ...part,
  };
}

function generatorOf(part: Partial<GeneratorDelta> = {}): GeneratorDelta {
  return {
    busyShare: 0,
    cpuUs: 0,
    gcMaxPauseUs: 0,
    heapBytes: 0,
    rssBytes: 0,
    openConnections: 0,
    connectionsOpened: 0,
    inFlightAreaUs: 0,
    latencySumUs: 0,
    inFlight: 0,
    ...part,
  };
}

export function socketsOf(part: Partial<SocketsDelta> = {}): SocketsDelta {
  return {
    attempts: 0,
    opened: 0,
    refused: 0,
    unanswered: 0,
    refusedIn: byPhase(() => 0),
    refusedStatus: {},
    retryAfterMaxSeconds: null,
    open: 0,
    messagesIn: 0,
    messagesOut: 0,
    taken: 0,
    bytesIn: 0,
    bytesOut: 0,
    closed: {},
    connect: histogramOf(),
    phases: byPhase(() => histogramOf()),
    ...part,
  };
}

/** The in-flight area and the exact sum are the request series' latencies unless `generator` says otherwise. */
export function snapshotOf(
  part: Partial<Omit<Snapshot, 'generator'>> & { readonly generator?: Partial<GeneratorDelta> } = {},
): Snapshot {
  const requests = (part.series ?? []).filter((each) => each.kind === 'request');
  const inFlightAreaUs = requests.reduce((sum, each) => sum + each.latency.sumUs + each.failedLatency.sumUs, 0);
  return {
    test: 0,
    worker: 0,
    second: 0,
    spanMs: 1000,
    last: false,
    series: [],
    scenarios: [],
    checks: [],
    metrics: [],
    exceptions: [],
    slowest: [],
    sample: [],
    lag: histogramOf(),
    wait: histogramOf(),
    connect: histogramOf(),
    dns: histogramOf(),
    tls: histogramOf(),
    ...part,
    generator: generatorOf({ inFlightAreaUs, latencySumUs: inFlightAreaUs, ...part.generator }),
  };
}
