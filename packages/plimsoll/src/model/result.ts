/** What is stored: `result.json`. Times in milliseconds, shares from 0 to 1; null where there is no truth to tell. */
import type { CompressedMessages } from '../stats/compressed-messages.ts';
import type { ByPhase } from '../stats/socket-phases.ts';
import type { LatencyStatistics } from '../stats/summary.ts';

export type { LatencyStatistics };

import type { TimelinePoint } from '../stats/timeline.ts';

export type Verdict = 'partial' | 'passed' | 'failed' | 'invalid' | 'unreachable' | 'broken' | 'interrupted';
export type ValidityState = 'VALID' | 'DEGRADED' | 'INVALID';

export interface Reason {
  /** 'lag' 'books' 'generator-bound' 'rate-not-reached' 'steal' 'gc' 'clock' 'worker-lost' … */
  readonly code: string;
  readonly message: string;
  readonly value: number;
}

export interface Validity {
  readonly state: ValidityState;
  readonly reasons: readonly Reason[];
}

/** HdrHistogram V2, compressed, base64; unit 1 µs. */
export interface StoredHistograms {
  readonly latency: string;
  readonly failedLatency?: string;
  readonly service?: string;
  readonly ttfb?: string;
}

export interface CheckResult {
  readonly name: string;
  readonly series: string;
  readonly passed: number;
  readonly failed: number;
}

export interface ThresholdResult {
  readonly expression: string;
  readonly ok: boolean;
  /** In the threshold's own unit (ms, share, count, per second); null when there was no sample. */
  readonly value: number | null;
  /** Which series, for `each` and windows: the one nearest to breaking. */
  readonly where?: string;
  readonly message?: string;
  /** true: applied because the test set none on that metric. */
  readonly byDefault?: boolean;
}

/** What a whole test, a series and a step have in common. */
export interface Measured {
  readonly requests: number;
  readonly rate: number;
  /** ok / (requests − limited); null when there was none. */
  readonly success: number | null;
  readonly expected: number;
  readonly limited: number;
  readonly failed: number;
  readonly unfinished: number;
  readonly checkFailed: number;
  readonly resent: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly latency: LatencyStatistics;
  readonly failedLatency: LatencyStatistics;
  readonly service: LatencyStatistics;
  readonly ttfb: LatencyStatistics;
  readonly status: Readonly<Record<string, number>>;
  readonly errors: Readonly<Record<string, number>>;
  readonly histograms: StoredHistograms;
}

export interface SeriesResult extends Measured {
  readonly name: string;
  readonly kind: 'request' | 'step';
  readonly scenario: string;
}

export interface ScenarioResult {
  readonly name: string;
  readonly model: 'closed' | 'open';
  readonly due: number;
  readonly started: number;
  readonly completed: number;
  readonly failed: number;
  readonly interrupted: number;
  readonly notIssued: number;
  readonly iteration: LatencyStatistics;
  readonly histogram: string;
}

export interface MetricResult {
  readonly name: string;
  readonly kind: 'trend' | 'counter' | 'rate';
  readonly unit: string;
  readonly count: number;
  /** counter: total; rate: share; trend: mean. */
  readonly value: number | null;
  readonly statistics?: LatencyStatistics;
}

export interface ExceptionResult {
  readonly place: string;
  readonly message: string;
  readonly count: number;
  readonly stack: string;
}

export type { TimelinePoint } from '../stats/timeline.ts';

export interface Books {
  readonly balanced: boolean;
  /** Each breach in a sentence. */
  readonly breaches: readonly string[];
  readonly inFlightAreaMs: number;
  readonly latencySumMs: number;
}

export interface ExampleResult {
  readonly series: string;
  readonly atSeconds: number;
  readonly latency: number;
  readonly service: number;
  readonly status: number;
  /** '' where the answer was the expected one. */
  readonly error: string;
  /** Of the trace that the request began; '' where it has none, or did not ask to be recorded as others did. */
  readonly traceId: string;
}

/** The WebSockets and event streams of a test, the warm-up included. The attempts to open one are requests, in a series of their own. */
export interface SocketsResult {
  /** opened + refused + those that the end of the test cut off, or the test left + returns that were answered with 204. */
  readonly attempts: number;
  readonly opened: number;
  /** Of `opened`, those that are event streams; absent where the test asked for none. */
  readonly eventStreams?: number;
  readonly refused: number;
  /** The same by the phase in which the attempt failed. */
  readonly refusedIn: ByPhase<number>;
  /** Of those that an answer to the upgrade refused: its status. */
  readonly refusedStatus: Readonly<Record<string, number>>;
  /** Of those that were cut off or left: they had been under way for a second or longer. */
  readonly unanswered: number;
  /** The longest that such an answer asked to wait; null where none did. */
  readonly retryAfterMaxSeconds: number | null;
  /** Open when the test ended. */
  readonly open: number;
  /** Without acknowledgements of Socket.IO, which are in the bytes alone; likewise `messagesOut`. */
  readonly messagesIn: number;
  readonly messagesOut: number;
  readonly unclaimed: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** WebSocket messages that permessage-deflate compressed; absent where there were none. */
  readonly compressed?: CompressedMessages;
  /** The most that one socket had waiting when a turn was over in which the test had sent; absent where it sent none. */
  readonly bufferedBytesMax?: number;
  readonly closed: Readonly<Record<string, number>>;
  readonly connect: LatencyStatistics;
  /** How long each phase took where it came to its end, also in attempts that failed later. */
  readonly phases: ByPhase<LatencyStatistics>;
}

/** A few figures of a distribution, in ms. */
export type ShortStatistics = Pick<LatencyStatistics, 'mean' | 'p50' | 'p95' | 'p99' | 'max'>;

/** What became of a fan-out's messages. Pairs of (message, subscriber), but for `published` and `unpublished`. */
export interface DeliveryResult {
  readonly published: number;
  readonly unpublished: number;
  readonly owed: number;
  readonly delivered: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly reordered: number;
  readonly late: number;
  readonly ambiguous: number;
  readonly ambiguousReceived: number;
  readonly leaked: number;
  readonly unknown: number;
  readonly foreign: number;
  readonly missed: number;
  /** Subscribers that were not in a room that they had asked for, because a join came to nothing. */
  readonly unjoined: number;
  readonly received: number;
  /** delivered / owed; null where nobody was owed anything. */
  readonly reach: number | null;
  readonly latency: LatencyStatistics;
  /** Over messages: of each its first, median, 99th-percentile and last delivery, and last − first. */
  readonly perMessage: {
    readonly first: LatencyStatistics;
    readonly p50: LatencyStatistics;
    readonly p99: LatencyStatistics;
    readonly last: LatencyStatistics;
    readonly skew: LatencyStatistics;
  };
  /** The tool's own part in the skew. */
  readonly observer: {
    /** Time to read a message from all sockets, had they been ready at once: a mean over messages, in ms. */
    readonly drain: number | null;
    /** drain / skew. */
    readonly share: number | null;
    /** Whose skew thresholds are held against; 'nobody': that of all, which may hold an upper bound and break none. */
    readonly skewOf: 'all' | 'sentinels' | 'nobody';
  };
  readonly sentinels?: { readonly latency: LatencyStatistics; readonly skew: LatencyStatistics };
  /** Those with the most losses and leaks first; at most 50. */
  readonly rooms: readonly {
    readonly room: number;
    readonly published: number;
    readonly owed: number;
    readonly delivered: number;
    readonly lost: number;
    readonly leaked: number;
    readonly latency: ShortStatistics;
  }[];
  readonly moreRooms: number;
  /** The ten for whom most went wrong. */
  readonly subscribers: readonly {
    readonly subscriber: number;
    readonly lost: number;
    readonly duplicated: number;
    readonly reordered: number;
    readonly leaked: number;
    readonly missed: number;
  }[];
  /** How many subscribers something went wrong for. */
  readonly troubled: number;
  /** At most ten of each kind. −1 stands for what is not known: the publisher of an event of others. */
  readonly incidents: readonly {
    readonly kind: 'lost' | 'duplicated' | 'reordered' | 'late' | 'leaked';
    readonly subscriber: number;
    readonly room: number;
    readonly publisher: number;
    readonly sequence: number;
  }[];
  /** One that `publish` gave back for several messages: it is an id of none of them. */
  readonly sharedId?: string;
  /** Where connections went. */
  readonly recovery?: {
    readonly gone: number;
    readonly back: number;
    readonly attempts: number;
    readonly peakAttemptsPerSecond: number;
    readonly p50Ms: number | null;
    readonly p95Ms: number | null;
    readonly allMs: number | null;
    readonly mostMissed: number;
  };
  /** Of the latency: HdrHistogram V2, compressed, base64; unit 1 µs. */
  readonly histogram: string;
}

export interface TestResult extends Measured {
  readonly file: string;
  readonly group: string;
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly verdict: Verdict;
  readonly model: 'closed' | 'open' | 'mixed';
  readonly validity: Validity;
  readonly startedAt: string;
  readonly durationSeconds: number;
  readonly warmUpSeconds: number;
  readonly iterations: number;
  readonly notIssued: number;
  readonly lag: LatencyStatistics;
  readonly wait: LatencyStatistics;
  readonly connect: LatencyStatistics;
  readonly dns: LatencyStatistics;
  readonly tls: LatencyStatistics;
  readonly connectionsOpened: number;
  /** Where the test opened any. */
  readonly sockets?: SocketsResult;
  /** Of a fan-out. */
  readonly delivery?: DeliveryResult;
  readonly scenarios: readonly ScenarioResult[];
  readonly checks: readonly CheckResult[];
  readonly thresholds: readonly ThresholdResult[];
  readonly metrics: readonly MetricResult[];
  readonly exceptions: readonly ExceptionResult[];
  readonly series: readonly SeriesResult[];
  readonly timeline: readonly TimelinePoint[];
  /** The ten slowest requests. */
  readonly slowest: readonly ExampleResult[];
  /** Ten requests taken at random, each as likely as any other. */
  readonly sample: readonly ExampleResult[];
  readonly books: Books;
  /** Why it ended early, if it did; '' otherwise. */
  readonly stopped: string;
  /** Why the verdict is what it is, a sentence each; empty when passed. */
  readonly failures: readonly string[];
}

export interface RunEnvironment {
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  readonly os: string;
  readonly memoryBytes: number;
  readonly seed: number;
  readonly workers: number;
  readonly spin: boolean;
  readonly fileLimit: number | null;
}

export interface RunResult {
  readonly schema: 1;
  /** 'plimsoll x.y.z' */
  readonly tool: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly name: string;
  readonly command: string;
  readonly target: string;
  readonly verdict: Verdict;
  readonly validity: Validity;
  readonly environment: RunEnvironment;
  readonly tests: readonly TestResult[];
  /** Errors of the run itself, a sentence each. */
  readonly problems: readonly string[];
}
