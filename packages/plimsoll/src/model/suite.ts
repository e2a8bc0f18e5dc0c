/** What a test file is made of: the types a user meets. The behaviour behind them is in `engine/worker`. */
import type { AbortSignal } from './abort-signal.ts';
import type { Duration, LoadModel } from './load-model.ts';
import type { ConnectionPolicy, TlsPlan } from './plan.ts';
import type { Io } from './socket-io.ts';
import type { Ws } from './socket.ts';
import type { Sse } from './sse.ts';
import type { Threshold } from './threshold.ts';

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';

export interface MultipartPart {
  readonly name: string;
  readonly value: string | Uint8Array;
  readonly filename?: string;
  readonly contentType?: string;
}

export interface RequestOptions {
  /** Values for `{name}` in the path; they are percent-encoded and not part of the series' name. */
  readonly path?: Readonly<Record<string, string | number>>;
  /** Appended to the path; not part of the series' name. An array repeats the key. */
  readonly query?: Readonly<Record<string, string | number | boolean | readonly (string | number)[] | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is; an iterable is streamed, chunked unless `content-length` is given. */
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array | string> | Iterable<Uint8Array>;
  /** Sent as JSON, with `content-type: application/json`. */
  readonly json?: unknown;
  /** Sent as `application/x-www-form-urlencoded`. */
  readonly form?: Readonly<Record<string, string | number | boolean>>;
  /** Sent as `multipart/form-data`. */
  readonly multipart?: readonly MultipartPart[];
  /** A token: `authorization: Bearer …`. */
  readonly bearer?: string;
  /** `authorization: Basic …`. */
  readonly basic?: { readonly user: string; readonly password: string };
  /** For the whole request, redirects included. */
  readonly timeout?: Duration;
  /** The statuses that count as expected: one, several, or a test. Default: below 400. */
  readonly expect?: number | readonly number[] | ((status: number) => boolean);
  /** Replaces the series' name. */
  readonly name?: string;
  /** Followed at most; 0 gives the redirect itself. Default 5. */
  readonly redirects?: number;
  /** Gives the request up when aborted; it fails with the kind 'aborted'. */
  readonly signal?: AbortSignal;
  /** false: the body is counted and dropped. Default true. */
  readonly keepBody?: boolean;
}

export interface RequestTimings {
  /** done − due (arrival rate) or done − issued (VU models). */
  readonly latencyMs: number;
  /** done − sent. */
  readonly serviceMs: number;
  /** First byte − sent. */
  readonly ttfbMs: number;
  /** sent − issued. */
  readonly waitMs: number;
}

export interface RequestError {
  /** 'refused' 'reset' 'timeout' 'dns' 'tls' 'protocol' 'closed' 'status' …: see the errors page. */
  readonly kind: string;
  readonly message: string;
}

export interface HttpResponse {
  /** Transport worked and the status was expected. */
  readonly ok: boolean;
  /** 0 without an answer. */
  readonly status: number;
  /** Where the answer came from, after redirects. */
  readonly url: string;
  /** Why it failed; undefined when it is ok. */
  readonly error: RequestError | undefined;
  readonly timings: RequestTimings;
  /** The header's value; several lines are joined with ', '. Undefined when absent. */
  header(name: string): string | undefined;
  /** All headers, names in lower case; 'set-cookie' lines joined with a line break. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body, decoded on first access. Throws when it does not decode or was not kept. */
  readonly bytes: Uint8Array;
  /** The body as UTF-8. */
  text(): string;
  /** Throws a readable error when the body is not JSON. */
  json<T = unknown>(): T;
  /** Runs only when the answer was expected; a throw inside fails the check. Returns whether it passed. */
  check(name: string, test: (response: HttpResponse) => boolean): boolean;
  /** Returns this, or ends the iteration when `ok` is false. */
  orThrow(): this;
}

export interface Http {
  get(path: string, options?: RequestOptions): Promise<HttpResponse>;
  head(path: string, options?: RequestOptions): Promise<HttpResponse>;
  post(path: string, options?: RequestOptions): Promise<HttpResponse>;
  put(path: string, options?: RequestOptions): Promise<HttpResponse>;
  patch(path: string, options?: RequestOptions): Promise<HttpResponse>;
  delete(path: string, options?: RequestOptions): Promise<HttpResponse>;
  options(path: string, options?: RequestOptions): Promise<HttpResponse>;
  /** Any method. */
  request(method: string, path: string, options?: RequestOptions): Promise<HttpResponse>;
  /** The VU's own cookies; answers fill them. */
  readonly cookies: {
    get(url: string, name: string): string | undefined;
    set(url: string, name: string, value: string): void;
    clear(): void;
  };
}

export interface Random {
  /** From 0 up to, not including, 1. */
  number(): number;
  /** A whole number from `low` to `high`, both included. */
  integer(low: number, high: number): number;
  /** One of the items. */
  pick<T>(items: readonly T[]): T;
}

/** Who runs the iteration. */
export interface Vu<State = unknown> {
  /** From 0, the same whatever the number of workers. */
  readonly id: number;
  /** The scenario's name; 'default' in a test without `scenarios`. */
  readonly scenario: string;
  /** What `setupVu` returned. */
  readonly state: State;
}

export interface Iteration {
  /** From 0 within the scenario, unique over all workers. */
  readonly index: number;
  /** When it was due, in milliseconds of the tool's clock; only differences mean something. */
  readonly dueMs: number;
}

export interface SetupContext {
  readonly http: Http;
  /** Chance that follows from the seed: the same in every run, whatever the number of workers. */
  readonly random: Random;
  /** Think time. The next request is due when it ends. */
  readonly sleep: (duration: Duration) => Promise<void>;
  /** A line in the terminal and in `log.ndjson`. */
  readonly log: (...values: unknown[]) => void;
  /** Aborts when the test is cut off; give it to what you wait for yourself. */
  readonly signal: AbortSignal;
}

export interface StepContext {
  /** Its requests are named 'step > GET /path'. */
  readonly http: Http;
}

export interface TestContext<Data = unknown, State = unknown> extends SetupContext {
  /** WebSockets. */
  readonly ws: Ws;
  /** Socket.IO. */
  readonly io: Io;
  /** Server-sent events. */
  readonly sse: Sse;
  /** What `setup` returned. */
  readonly data: Data;
  readonly vu: Vu<State>;
  readonly iteration: Iteration;
  /** Names a part of an iteration: its duration is a series; requests made with its `http` are the step's. */
  readonly step: <T>(name: string, body: (context: StepContext) => Promise<T>) => Promise<T>;
}

export type TestFunction<Data = unknown, State = unknown> = (context: TestContext<Data, State>) => Promise<void> | void;

export interface ThresholdOptions {
  /** Must hold in every full sliding window of this length. */
  readonly window?: Duration;
  /** Stops the test when broken. */
  readonly abort?: boolean;
  /** With `abort`: not before this much of the load window has passed. Default 10 s. */
  readonly abortAfter?: Duration;
}

export type ThresholdInput = Threshold | readonly [Threshold, ThresholdOptions];

/** How requests are made: for one test as `http`, for all of them in the configuration. */
export interface HttpDefaults {
  /** Sent with every request, beneath its own. */
  readonly headers?: Readonly<Record<string, string>>;
  /** For a whole request. Default 30 s. */
  readonly timeout?: Duration;
  /** For making a connection, TLS and proxy included. Default 10 s. */
  readonly connectTimeout?: Duration;
  /** A token for the target's own origin, and no other. */
  readonly bearer?: string;
  readonly basic?: { readonly user: string; readonly password: string };
  /** Followed at most. Default 5. */
  readonly redirects?: number;
  /** Of one VU; further requests wait. Default 6. */
  readonly connectionsPerHost?: number;
  /** Longer bodies are counted and dropped. Default 16 MiB. */
  readonly maxBodyBytes?: number;
  /** 'http://user:password@host:port' */
  readonly proxy?: string;
  /** Hosts that go past the proxy: 'host' and '.domain' mean all names below it too, ':port' narrows, '*' is every host. */
  readonly noProxy?: readonly string[];
  /** A Unix socket to connect to instead of the host of the URL. */
  readonly socketPath?: string;
  readonly tls?: TlsPlan;
  /** Whether gzip, deflate and brotli are asked for and decoded. Default true. */
  readonly decompress?: boolean;
  /**
   * Each request carries a `traceparent` header with a trace id of its own, which its example in the result has, too.
   * `sampled` is the share, from 0 to 1, that asks to be recorded: work that a service under load is then measured with.
   * Default false; with `true` every request asks.
   */
  readonly trace?: boolean | { readonly sampled?: number };
}

/** What a test may say beside its load. */
export interface CommonOptions<Data, State> {
  /** What has to hold; see the thresholds page. */
  readonly thresholds?: readonly ThresholdInput[];
  /** Left out of verdicts but for connections and deliveries, shown in the timeline. Whole seconds are left out: '1500ms' counts as 2 s. */
  readonly warmUp?: Duration;
  /** How long running iterations may go on after the load. Default 30 s. */
  readonly gracefulStop?: Duration;
  /** Default 'before'. */
  readonly connections?: ConnectionPolicy;
  readonly http?: HttpDefaults;
  /** Kept in the result. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Runs once per test, for at most 120 s; its value must survive JSON and reaches every VU as `data`. */
  readonly setup?: (context: SetupContext) => Promise<Data> | Data;
  /**
   * Runs once per VU before the clock starts, some at once; its value is `vu.state` and stays in its worker. Given up
   * where 120 s pass without another VU being ready.
   */
  readonly setupVu?: (
    context: SetupContext & { readonly data: Data; readonly vu: { readonly id: number; readonly scenario: string } },
  ) => Promise<State> | State;
  /** Runs once after the load, for at most 120 s. */
  readonly teardown?: (context: SetupContext & { readonly data: Data }) => Promise<void> | void;
}

export interface ScenarioOptions<Data, State> {
  readonly load: LoadModel;
  /** How long after the start of the test. Default 0. */
  readonly startAfter?: Duration;
  readonly run: TestFunction<Data, State>;
}

/** A test with one load model and one function. */
export interface SingleOptions<Data, State> extends CommonOptions<Data, State> {
  readonly load: LoadModel;
}

/** A test whose scenarios run together under one set-up and one set of thresholds. */
export interface ScenariosOptions<Data, State> extends CommonOptions<Data, State> {
  readonly scenarios: Readonly<Record<string, ScenarioOptions<Data, State>>>;
}
