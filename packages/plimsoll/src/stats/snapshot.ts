/**
 * One second of one test as one worker saw it: deltas only. The same type serves terminal, journal, windows and agents.
 * Everything in it survives structured cloning; typed arrays become base64 where it is written as JSON.
 */

import type { CompressedMessages } from './compressed-messages.ts';
import type { ByPhase } from './socket-phases.ts';

/** What was added to a histogram: sparse cells as pairs (index, count), and exact count, sum and extremes in µs. */
export interface HistogramDelta {
  readonly count: number;
  readonly sumUs: number;
  readonly minUs: number;
  readonly maxUs: number;
  /** Values beyond 2³¹−1 µs, counted at the limit. */
  readonly clamped: number;
  /** index, count, index, count … in ascending index order. */
  readonly cells: Uint32Array;
}

/** A series is one kind of request; a step is a named part of an iteration with the same record. */
export interface SeriesDelta {
  readonly name: string;
  readonly kind: 'request' | 'step';
  readonly scenario: string;
  readonly issued: number;
  readonly expected: number;
  readonly limited: number;
  readonly failed: number;
  /** Still without an answer when the test ended; only in the last snapshot. */
  readonly unfinished: number;
  /** Expected answers on which a check failed. ok = expected − checkFailed. */
  readonly checkFailed: number;
  /** Sent a second time because the server had closed an idle connection. */
  readonly resent: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly status: Readonly<Record<string, number>>;
  readonly errors: Readonly<Record<string, number>>;
  /** Expected answers, and time-outs and unfinished requests at their age. */
  readonly latency: HistogramDelta;
  /** The other failures, and limited answers: kept apart so that fast errors never flatter. */
  readonly failedLatency: HistogramDelta;
  readonly service: HistogramDelta;
  readonly ttfb: HistogramDelta;
}

export interface ScenarioDelta {
  readonly name: string;
  /** Iterations the schedule asked for in this second; equal to `started` in VU models. */
  readonly due: number;
  readonly started: number;
  readonly completed: number;
  /** Ended by an exception. */
  readonly failed: number;
  /** Still running when the test ended. */
  readonly interrupted: number;
  /** Due, but without a free VU until the end; only in the last snapshot. */
  readonly notIssued: number;
  /** VUs in an iteration at the end of the second. */
  readonly activeVus: number;
  readonly vus: number;
  /** From due to end. */
  readonly iteration: HistogramDelta;
}

export interface CheckDelta {
  readonly name: string;
  readonly series: string;
  readonly passed: number;
  readonly failed: number;
}

export interface MetricDelta {
  readonly name: string;
  readonly kind: 'trend' | 'counter' | 'rate';
  readonly unit: string;
  /** trend: the values, × 1000, as a histogram; else empty. */
  readonly values: HistogramDelta;
  /** counter: what was added; rate: how many were true. */
  readonly sum: number;
  /** rate: how many there were. */
  readonly count: number;
}

export interface ExceptionDelta {
  /** 'dashboard.load.ts:14:9', or '' where no place is known. */
  readonly place: string;
  readonly message: string;
  readonly count: number;
  /** The first stack, source-mapped. */
  readonly stack: string;
}

/** One request that is kept as an example. */
export interface ExampleRequest {
  readonly series: string;
  /** Milliseconds from the start of the test to when it was due. */
  readonly dueMs: number;
  readonly latencyUs: number;
  readonly serviceUs: number;
  readonly status: number;
  readonly error: string;
  /** 32 hexadecimal digits; '' where it has none. */
  readonly traceId: string;
}

/** One of a uniform sample. */
export interface SampledRequest extends ExampleRequest {
  /** Random, in (0, 1]: those with the smallest keys are the sample (`request-sample.ts`). */
  readonly key: number;
}

/** The generator about itself, over this second. */
export interface GeneratorDelta {
  /** Share of the second in which the event loop did something other than wait or spin. */
  readonly busyShare: number;
  readonly cpuUs: number;
  readonly gcMaxPauseUs: number;
  readonly heapBytes: number;
  readonly rssBytes: number;
  readonly openConnections: number;
  readonly connectionsOpened: number;
  /** ∫ in flight dt over the second, in µs, counted by events; held against Σ latency. */
  readonly inFlightAreaUs: number;
  /** Σ over answers and unfinished requests of done − due, unrounded, in µs. */
  readonly latencySumUs: number;
  /** Requests open at the end of the second. */
  readonly inFlight: number;
}

/** WebSockets and event streams over this second. The attempts to open one are requests, and in their series. */
export interface SocketsDelta {
  /** Begun in this second. */
  readonly attempts: number;
  readonly opened: number;
  /** Of `opened`, those that are event streams; absent where the test asked for none. */
  readonly eventStreams?: number;
  /** Attempts that led to none, whatever the reason. */
  readonly refused: number;
  /** The same by the phase in which they failed. */
  readonly refusedIn: ByPhase<number>;
  /** Attempts that had been under way for a second or longer when the test ended, or when it left them. */
  readonly unanswered: number;
  /** Of those refused by an answer to the upgrade: its status. */
  readonly refusedStatus: Readonly<Record<string, number>>;
  /** The longest that such an answer asked for; null where none did. */
  readonly retryAfterMaxSeconds: number | null;
  /** Open at the end of the second. */
  readonly open: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
  /** Messages that the test has had, in this second or before it. */
  readonly taken: number;
  /** Since they were open. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Of all WebSockets; absent where none of their messages was. */
  readonly compressed?: CompressedMessages;
  /** The most that one socket had waiting when a turn was over in which the test had sent; absent where it sent none. */
  readonly bufferedBytesMax?: number;
  /** Ends that came during the test, by close code; 1006 where there was no close frame. */
  readonly closed: Readonly<Record<string, number>>;
  /** Of those opened: from when they were due to when they could be used. */
  readonly connect: HistogramDelta;
  /** How long each phase took where it came to its end, also in attempts that failed later. */
  readonly phases: ByPhase<HistogramDelta>;
}

export interface Snapshot {
  readonly test: number;
  readonly worker: number;
  /** Whole seconds since the test's start; a slow worker's snapshot still names its second. */
  readonly second: number;
  /** The part of a second that this snapshot spans, in ms; 1000 except for the last. */
  readonly spanMs: number;
  readonly last: boolean;
  readonly series: readonly SeriesDelta[];
  readonly scenarios: readonly ScenarioDelta[];
  readonly checks: readonly CheckDelta[];
  readonly metrics: readonly MetricDelta[];
  readonly exceptions: readonly ExceptionDelta[];
  /** The slowest requests of the second, in no order. */
  readonly slowest: readonly ExampleRequest[];
  /** A uniform sample of its requests. */
  readonly sample: readonly SampledRequest[];
  readonly lag: HistogramDelta;
  readonly wait: HistogramDelta;
  readonly connect: HistogramDelta;
  readonly dns: HistogramDelta;
  readonly tls: HistogramDelta;
  readonly generator: GeneratorDelta;
  /** Where the test has opened any. */
  readonly sockets?: SocketsDelta;
}
