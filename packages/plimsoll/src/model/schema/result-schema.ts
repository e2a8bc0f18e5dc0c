/**
 * The shape of `result.json` for other programs, and the check of what is read back. It says the same as
 * `model/result.ts`: the compiler holds the two against each other at the end of this file.
 */
import * as z from 'zod';
import type { RunResult } from '../result.ts';
import { delivery } from './delivery-schema.ts';
import { count, latency, ms } from './statistics-schema.ts';

const verdict = z
  .enum(['partial', 'passed', 'failed', 'invalid', 'unreachable', 'broken', 'interrupted'])
  .meta({ id: 'Verdict', description: "'partial' while the run goes on, and for ever after it was killed." });

const validity = z
  .object({
    state: z.enum(['VALID', 'DEGRADED', 'INVALID']),
    reasons: z.array(
      z.object({
        code: z.string().describe("For programs: 'lag', 'books', 'generator-bound', 'steal', …"),
        message: z.string().describe('For people: one sentence.'),
        value: z.number().describe('The figure behind it.'),
      }),
    ),
  })
  .meta({ id: 'Validity', description: 'Whether the measurement is sound, by the figures of the generator itself.' });

const histogram = () => z.string().describe('HdrHistogram V2, compressed, base64; unit 1 µs.');

const counts = () => z.record(z.string(), count());

const measured = {
  requests: count().describe('Requests that ended, or had no answer when the test did or left them.'),
  rate: z.number().describe('Completed requests per second of the load window.'),
  success: z.number().min(0).max(1).nullable().describe('ok / (requests − limited); null where there was none.'),
  expected: count().describe('Answers with an expected status and a whole body.'),
  limited: count().describe('Answers with status 429.'),
  failed: count(),
  unfinished: count().describe('Without an answer when the test ended, or when it left the socket or event stream that they were for.'),
  checkFailed: count().describe('Expected answers on which a check failed.'),
  resent: count().describe('Sent a second time, because the server had closed an idle connection.'),
  bytesIn: count(),
  bytesOut: count(),
  latency: latency.describe(
    'done − due (open model) or done − issued (closed model): expected answers, and time-outs and unfinished requests at their age.',
  ),
  failedLatency: latency.describe('The other failures and limited answers.'),
  service: latency.describe('done − sent.'),
  ttfb: latency.describe('First byte − sent.'),
  status: counts().describe('Answers by status code.'),
  errors: counts().describe('Failures by kind.'),
  histograms: z.object({
    latency: histogram(),
    failedLatency: histogram().exactOptional(),
    service: histogram().exactOptional(),
    ttfb: histogram().exactOptional(),
  }),
};

const series = z
  .object({ ...measured, name: z.string(), kind: z.enum(['request', 'step']), scenario: z.string() })
  .meta({ id: 'Series', description: 'One kind of request, or a named step of an iteration.' });

const scenario = z
  .object({
    name: z.string(),
    model: z.enum(['closed', 'open']),
    due: count().describe('Iterations the schedule asked for.'),
    started: count(),
    completed: count(),
    failed: count().describe('Ended by an exception.'),
    interrupted: count().describe('Still running when the test ended.'),
    notIssued: count().describe('Due, but without a free VU until the end.'),
    iteration: latency.describe('From due to end; those still running when the test ended at their age. count is completed + failed + interrupted, without the warm-up.'),
    histogram: histogram(),
  })
  .meta({ id: 'Scenario' });

const check = z
  .object({ name: z.string(), series: z.string(), passed: count(), failed: count() })
  .meta({ id: 'Check' });

const threshold = z
  .object({
    expression: z.string(),
    ok: z.boolean(),
    value: z
      .number()
      .nullable()
      .describe('In the unit of the threshold: ms, share, count, per second; null without a sample.'),
    where: z.string().exactOptional().describe("For 'each' and windows: the series nearest to breaking."),
    message: z.string().exactOptional(),
    byDefault: z.boolean().exactOptional().describe('Applied because the test set none on that metric.'),
  })
  .meta({ id: 'Threshold' });

const metric = z
  .object({
    name: z.string(),
    kind: z.enum(['trend', 'counter', 'rate']),
    unit: z.string(),
    count: count(),
    value: z.number().nullable().describe('counter: total; rate: share; trend: mean.'),
    statistics: latency.exactOptional().describe("Of a trend, in the metric's own unit."),
  })
  .meta({ id: 'Metric', description: "A metric of the test's own." });

const exception = z
  .object({
    place: z.string().describe("'dashboard.load.ts:14:9', or '' where no place is known."),
    message: z.string(),
    count: count(),
    stack: z.string().describe('The first one.'),
  })
  .meta({ id: 'Exception', description: "What the test's own code threw, by place." });

const point = z
  .object({
    second: z.number().describe('Seconds from the start of the test.'),
    spanMs: z.number(),
    requests: count(),
    rate: z.number(),
    failed: count(),
    limited: count(),
    p50: ms(),
    p95: ms(),
    p99: ms(),
    max: ms(),
    lagP99: ms(),
    inFlight: count(),
    activeVus: count(),
    busyShare: z.number().describe("Of the busiest worker's event loop."),
    warmUp: z.boolean(),
    socketsOpen: count().exactOptional().describe('In a test that opens WebSockets: open at the end of the second.'),
    socketAttempts: count().exactOptional().describe('Attempts to open one that began in the second.'),
  })
  .meta({ id: 'TimelinePoint', description: 'One second; in long runs several, joined.' });

const example = z
  .object({
    series: z.string(),
    atSeconds: z.number().describe('When it was due, from the start of the test.'),
    latency: z.number(),
    service: z.number().describe('0 where it was never sent.'),
    status: z.int().describe('0 without an answer.'),
    error: z.string().describe("Why it failed, by kind; '' where the answer was expected."),
    traceId: z
      .string()
      .describe("32 hexadecimal digits, as its `traceparent` header had them; '' where it had none, or did not ask to be recorded: see `http.trace`."),
  })
  .meta({ id: 'Example', description: 'One request that was kept, the warm-up left out.' });

const books = z
  .object({
    balanced: z.boolean(),
    breaches: z.array(z.string()),
    inFlightAreaMs: z.number().describe('∫ in flight dt, counted by events.'),
    latencySumMs: z.number().describe('Σ latency, from the histograms; equal to the area within 0.1 %.'),
  })
  .meta({ id: 'Books', description: 'due = issued + not issued; issued = expected + limited + failed + unfinished.' });

const byPhase = <Value extends z.ZodType>(value: () => Value) =>
  z.object({ dns: value(), tcp: value(), tls: value(), upgrade: value(), namespace: value() });

const compressed = z.object({
  messagesIn: count().describe(
    'As WebSocket counts messages, since they were open: what Engine.IO and Socket.IO send beside events, acknowledgements and pings, is in them, and each binary part of an event is one.',
  ),
  bytesIn: count().describe('As they came, without the heads of frames.'),
  inflatedBytesIn: count().describe('Of the messages themselves.'),
  messagesOut: count().describe('Likewise.'),
  bytesOut: count().describe('Likewise.'),
  inflatedBytesOut: count().describe('Likewise.'),
});

const sockets = z
  .object({
    attempts: count().describe(
      'opened + refused + those that the end of the test cut off, or the test itself left while its event stream came back + returns of event streams that the server answered with 204, there is nothing more.',
    ),
    opened: count(),
    eventStreams: count()
      .exactOptional()
      .describe('Of `opened`, those that are event streams; absent where the test asked for none.'),
    refused: count().describe('Attempts that led to no WebSocket or event stream; why, their series tells.'),
    unanswered: count().describe(
      'Of those that were cut off or left, the ones that had been under way for a second or longer. `connect.success` is opened of opened, refused and these.',
    ),
    refusedIn: byPhase(count).describe(
      '`refused` by the phase in which they failed: `upgrade` is also that of an answer that was to be an event stream, `namespace` that of Socket.IO.',
    ),
    refusedStatus: counts().describe('Of those that such an answer refused: its status.'),
    retryAfterMaxSeconds: count()
      .nullable()
      .describe('The longest `Retry-After` of these answers; null where none asked for it.'),
    open: count().describe('When the test ended.'),
    messagesIn: count().describe('Messages and events. Acknowledgements of Socket.IO are in the bytes alone, in both directions.'),
    messagesOut: count().describe('Likewise.'),
    unclaimed: count().describe('Messages and events that arrived and that no `next` and no handler took.'),
    bytesIn: count().describe('Since they were open.'),
    bytesOut: count(),
    compressed: compressed
      .exactOptional()
      .describe('WebSocket messages that permessage-deflate compressed; absent where there were none.'),
    bufferedBytesMax: count()
      .exactOptional()
      .describe(
        'The most that one socket had waiting for the system to take it, when a turn of the event loop in which the test had sent was over; with polling, what waited for the POST before it. Absent where the test sent none.',
      ),
    closed: z
      .record(z.string(), count())
      .describe(
        'Ends during the test by close code; 1006 without a close frame. Of an event stream: 1000 whole or left, 1006 broken off, 1009 an event too large. Of polling too: 1009 a message too large.',
      ),
    connect: latency.describe('Of those opened: from due until they could be used.'),
    phases: byPhase(() => latency).describe(
      'How long each phase took where it came to its end, also in attempts that failed later. `tcp` holds the answer of a proxy; a name known already is not in `dns`.',
    ),
  })
  .meta({ id: 'Sockets', description: 'The WebSockets and event streams of a test, the warm-up included.' });

const test = z
  .object({
    group: z.string(),
    name: z.string(),
    file: z.string(),
    tags: z.record(z.string(), z.string()),
    verdict,
    model: z.enum(['closed', 'open', 'mixed']),
    validity,
    startedAt: z.string().describe('ISO 8601.'),
    durationSeconds: z.number().describe('Of the load window.'),
    warmUpSeconds: z.number().describe('Left out of all figures but the timeline and those of connections, sockets and deliveries.'),
    iterations: count(),
    notIssued: count(),
    ...measured,
    lag: latency.describe('issued − due: the fault of the generator. Of each arrival, and of each sleep that ended: count is 0 where a test has neither.'),
    wait: latency.describe('sent − issued: queueing for a VU or a connection of ours.'),
    connect: latency,
    dns: latency,
    tls: latency,
    connectionsOpened: count(),
    sockets: sockets.exactOptional(),
    delivery: delivery.exactOptional(),
    scenarios: z.array(scenario),
    checks: z.array(check),
    thresholds: z.array(threshold),
    metrics: z.array(metric),
    exceptions: z.array(exception),
    series: z.array(series),
    timeline: z.array(point),
    slowest: z.array(example).describe('The ten slowest requests, the slowest first.'),
    sample: z
      .array(example)
      .describe('Ten requests taken at random, each as likely as any other, in the order in which they were due.'),
    books,
    stopped: z.string().describe("Why it ended early; '' otherwise."),
    failures: z.array(z.string()).describe('Why the verdict is what it is, a sentence each; empty when passed.'),
  })
  .meta({ id: 'Test' });

const environment = z
  .object({
    node: z.string(),
    cpu: z.string(),
    cores: count(),
    os: z.string(),
    memoryBytes: count(),
    seed: z.number(),
    workers: count(),
    spin: z.boolean().describe('Whether a worker may spin for the last 1.5 ms before an arrival.'),
    fileLimit: count().nullable(),
  })
  .meta({ id: 'Environment', description: 'The machine that generated the load.' });

const resultSchema = z
  .object({
    schema: z
      .literal(1)
      .describe('The version of this format. Fields may be added to a version, never changed or removed.'),
    tool: z.string().describe("'plimsoll x.y.z'"),
    startedAt: z.string().describe('ISO 8601.'),
    endedAt: z.string().nullable().describe('ISO 8601; null while the run goes on.'),
    name: z.string(),
    command: z.string().describe('As typed, without secrets.'),
    target: z.string(),
    verdict,
    validity: validity.describe('The worst of the tests.'),
    environment,
    tests: z.array(test),
    problems: z.array(z.string()).describe('Errors of the run itself, a sentence each.'),
  })
  .meta({
    title: 'plimsoll result',
    description: 'result.json. Times in milliseconds, shares from 0 to 1; null where there is no truth to tell.',
  });

/** JSON Schema, draft 2020-12: what is published as `plimsoll/schema/result.json`. Further fields are allowed. */
export function resultJsonSchema(): unknown {
  return z.toJSONSchema(resultSchema, { target: 'draft-2020-12', io: 'input' });
}

/** The first few places where a value differs from the schema: 'tests.0.name: expected string'; empty when it fits. */
export function resultProblems(value: unknown): string[] {
  const outcome = resultSchema.safeParse(value);
  if (outcome.success) return [];
  return outcome.error.issues.slice(0, 3).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T;
/** With optional fields made required: else one that only one side knows would fit the other. */
type Complete<T> = T extends readonly (infer Item)[]
  ? readonly Complete<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]-?: Complete<T[Key]> }
    : T;
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type Read = z.output<typeof resultSchema>;

/** Does not compile when schema and type differ. */
true satisfies Same<Frozen<Read>, RunResult>;
true satisfies Same<Complete<Read>, Complete<RunResult>>;
