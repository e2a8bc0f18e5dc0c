/** Results as a run would store them, with numbers chosen by hand; every part can be replaced. */
import type {
  ExampleResult,
  LatencyStatistics,
  Measured,
  RunResult,
  ScenarioResult,
  SeriesResult,
  TestResult,
  TimelinePoint,
} from '../../src/model/result.ts';

export const noLatency: LatencyStatistics = {
  count: 0,
  mean: null,
  sd: null,
  min: null,
  p50: null,
  p90: null,
  p95: null,
  p99: null,
  p999: null,
  p9999: null,
  max: null,
  approximate: [],
  clamped: 0,
};

export function sampleLatency(part: Partial<LatencyStatistics> = {}): LatencyStatistics {
  return {
    count: 1200,
    mean: 104.2,
    sd: 18.44,
    min: 71.3,
    p50: 101.9,
    p90: 125.6,
    p95: 138.2,
    p99: 187.4,
    p999: 240.1,
    p9999: null,
    max: 251.7,
    approximate: ['p999'],
    clamped: 0,
    ...part,
  };
}

function sampleMeasured(): Measured {
  return {
    requests: 1200,
    rate: 40,
    success: 1,
    expected: 1200,
    limited: 0,
    failed: 0,
    unfinished: 0,
    checkFailed: 0,
    resent: 0,
    bytesIn: 1_483_200,
    bytesOut: 138_000,
    latency: sampleLatency(),
    failedLatency: noLatency,
    service: sampleLatency({ mean: 103.9, p50: 101.6 }),
    ttfb: sampleLatency({ mean: 102.8, p50: 100.7 }),
    status: { '200': 1200 },
    errors: {},
    histograms: { latency: 'HISTFAAAAA' },
  };
}

export function sampleSeries(part: Partial<SeriesResult> = {}): SeriesResult {
  return { ...sampleMeasured(), name: 'GET /dashboard/stats', kind: 'request', scenario: 'default', ...part };
}

export function sampleScenario(part: Partial<ScenarioResult> = {}): ScenarioResult {
  return {
    name: 'default',
    model: 'open',
    due: 1200,
    started: 1200,
    completed: 1200,
    failed: 0,
    interrupted: 0,
    notIssued: 0,
    iteration: sampleLatency(),
    histogram: 'HISTFAAAAA',
    ...part,
  };
}

export function samplePoint(part: Partial<TimelinePoint> = {}): TimelinePoint {
  return {
    second: 0,
    spanMs: 1000,
    requests: 40,
    rate: 40,
    failed: 0,
    limited: 0,
    p50: 101.9,
    p95: 138.2,
    p99: null,
    max: 150,
    lagP99: 0.3,
    inFlight: 4,
    activeVus: 4,
    busyShare: 0.02,
    warmUp: false,
    ...part,
  };
}

export function sampleExample(part: Partial<ExampleResult> = {}): ExampleResult {
  return {
    series: 'GET /a',
    atSeconds: 12.34,
    latency: 412.3,
    service: 410,
    status: 200,
    error: '',
    traceId: '',
    ...part,
  };
}

export function sampleTest(part: Partial<TestResult> = {}): TestResult {
  return {
    ...sampleMeasured(),
    file: 'loadtests/dashboard.load.ts',
    group: 'TestDashboardEndpointLoad',
    name: 'test_dashboard_concurrent_requests',
    tags: {},
    verdict: 'passed',
    model: 'open',
    validity: { state: 'VALID', reasons: [] },
    startedAt: '2026-01-31T09:30:00.400Z',
    durationSeconds: 30,
    warmUpSeconds: 0,
    iterations: 1200,
    notIssued: 0,
    lag: sampleLatency({ mean: 0.2, p50: 0.1, p95: 0.3, p99: 0.4, p999: 0.6, max: 0.8 }),
    wait: noLatency,
    connect: noLatency,
    dns: noLatency,
    tls: noLatency,
    connectionsOpened: 10,
    scenarios: [sampleScenario()],
    checks: [],
    thresholds: [
      { expression: 'success >= 95%', ok: true, value: 1 },
      { expression: 'latency.p95 < 2s', ok: true, value: 138.2 },
    ],
    metrics: [],
    exceptions: [],
    series: [sampleSeries()],
    timeline: [samplePoint(), samplePoint({ second: 1 })],
    slowest: [],
    sample: [],
    books: { balanced: true, breaches: [], inFlightAreaMs: 125_040, latencySumMs: 125_040 },
    stopped: '',
    failures: [],
    ...part,
  };
}

export function sampleRun(part: Partial<RunResult> = {}): RunResult {
  return {
    schema: 1,
    tool: 'plimsoll 0.1.0',
    startedAt: '2026-01-31T09:30:00.000Z',
    endedAt: '2026-01-31T09:30:31.200Z',
    name: 'dashboard',
    command: 'plimsoll run dashboard',
    target: 'http://127.0.0.1:3000',
    verdict: 'passed',
    validity: { state: 'VALID', reasons: [] },
    environment: {
      node: 'v20.20.2',
      cpu: 'Example CPU @ 2.00GHz',
      cores: 2,
      os: 'Linux 6.1',
      memoryBytes: 8_000_000_000,
      seed: 1,
      workers: 1,
      spin: true,
      fileLimit: 1_048_576,
    },
    tests: [sampleTest()],
    problems: [],
    ...part,
  };
}

/** Everything that can go wrong in one test, and names that try to break every format. */
export function troubledTest(part: Partial<TestResult> = {}): TestResult {
  return sampleTest({
    group: 'Sessions <list> & "more"',
    name: 'many | sessions\nat once 🚀',
    verdict: 'failed',
    model: 'closed',
    validity: {
      state: 'DEGRADED',
      reasons: [{ code: 'generator-bound', message: 'the generator was busy for 0.93 of 4 s', value: 0.93 }],
    },
    requests: 400,
    rate: 13.3,
    success: 0.925,
    expected: 372,
    limited: 6,
    failed: 22,
    checkFailed: 8,
    wait: sampleLatency({ mean: 31.2, p50: 28.4, p95: 80, p99: 91.5, max: 95.1 }),
    lag: sampleLatency({ mean: 0.2, p50: 0.1, p95: 2.4, p99: 3.4, p999: 4.6, max: 5.8 }),
    status: { '200': 372, '429': 6, '500': 12 },
    errors: { status: 12, timeout: 7, reset: 3 },
    checks: [
      { name: 'has a total', series: 'GET /sessions', passed: 364, failed: 8 },
      { name: 'is JSON', series: 'GET /sessions', passed: 372, failed: 0 },
    ],
    exceptions: [
      {
        place: 'sessions.load.ts:14:9',
        message: "Cannot read properties of undefined (reading 'id')\nsecond line",
        count: 3,
        stack: "TypeError: Cannot read properties of undefined (reading 'id')\n    at sessions.load.ts:14:9",
      },
    ],
    thresholds: [
      { expression: 'success >= 95%', ok: false, value: 0.925 },
      { expression: 'each: latency.p95 < 200ms', ok: false, value: 412.6, where: 'POST /sessions' },
      { expression: 'errors.timeout <= 10', ok: true, value: 7 },
      { expression: 'rate >= 10/s', ok: true, value: 13.3 },
      { expression: 'exceptions == 0', ok: false, value: 3, byDefault: true },
      {
        expression: 'GET /none: latency.p99 < 1s',
        ok: false,
        value: null,
        message: "no request of 'GET /none' was made",
      },
    ],
    series: [
      sampleSeries({
        name: 'GET /sessions/{id}/participants/{participant}/with/a/very/long/path/that/does/not/fit',
        requests: 380,
        rate: 12.7,
        success: 0.99,
      }),
      sampleSeries({
        name: 'POST /sessions',
        requests: 20,
        rate: 0.67,
        success: 0.3,
        latency: sampleLatency({ count: 20, p95: 412.6, p99: null, p999: null, approximate: ['p90', 'p95'], max: 413 }),
      }),
      sampleSeries({
        name: '=cmd()|calc, "quoted"',
        kind: 'step',
        requests: 0,
        rate: 0,
        success: null,
        latency: noLatency,
      }),
    ],
    failures: [
      'success was 92.5 %, below 95 %',
      'latency.p95 of POST /sessions was 413 ms, not below 200 ms',
      'the test threw 3 times',
    ],
    ...part,
  });
}
