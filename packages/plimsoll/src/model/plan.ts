/** What will be run: plain data that goes to workers, into the journal and into `--dry-run`. */
import type { FanOutPlan } from './fan-out-plan.ts';
import type { LoadModel } from './load-model.ts';

/** 'before': made before the clock starts; 'lazy': with the first request; 'perIteration': a new one each iteration. */
export type ConnectionPolicy = 'before' | 'lazy' | 'perIteration';

export interface ScenarioPlan {
  readonly name: string;
  readonly load: LoadModel;
  readonly startAfterMs: number;
  /** In a worker of its own, beside those that share the other scenarios. */
  readonly ownWorker?: boolean;
}

export interface ThresholdPlan {
  readonly expression: string;
  /** Must hold in every full sliding window of this length. */
  readonly windowMs?: number;
  /** Stops the test when broken; not before `abortAfterMs` of the load window has passed. */
  readonly abort?: boolean;
  readonly abortAfterMs?: number;
}

export interface TlsPlan {
  /** PEM text, not a path. Trusted instead of the authorities built into Node. */
  readonly ca?: string;
  /** The client's certificate, PEM text. */
  readonly cert?: string;
  /** Its private key, PEM text. */
  readonly key?: string;
  readonly passphrase?: string;
  /** Asked for (SNI) and checked against the certificate, instead of the host of the URL. */
  readonly serverName?: string;
  /** true: certificates are not verified. */
  readonly insecure?: boolean;
}

export interface TracePlan {
  /** Share of the requests whose trace is to be recorded. */
  readonly sampled: number;
}

export interface HttpPlan {
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly bearer?: string;
  readonly basic?: { readonly user: string; readonly password: string };
  readonly maxRedirects: number;
  readonly connectionsPerHost: number;
  /** Bodies above this are counted and dropped. */
  readonly maxBodyBytes: number;
  /** 'http://user:password@host:port' */
  readonly proxy?: string;
  readonly noProxy?: readonly string[];
  /** Connects here instead of to the host of the URL. */
  readonly socketPath?: string;
  readonly sourceAddresses?: readonly string[];
  readonly tls: TlsPlan;
  /** Answers are decoded (gzip, deflate, br); the header is sent only then. */
  readonly decompress: boolean;
  /** Each request begins a trace of its own. */
  readonly trace: false | TracePlan;
}

export interface TestPlan {
  readonly id: number;
  /** Path from the project's root, with '/'. */
  readonly file: string;
  readonly line: number;
  readonly group: string;
  readonly name: string;
  readonly scenarios: readonly ScenarioPlan[];
  readonly thresholds: readonly ThresholdPlan[];
  readonly warmUpMs: number;
  readonly gracefulStopMs: number;
  readonly connections: ConnectionPolicy;
  readonly http: HttpPlan;
  readonly tags: Readonly<Record<string, string>>;
  readonly hasSetup: boolean;
  readonly hasTeardown: boolean;
  /** Names of the metrics of their own that the test files have declared. */
  readonly ownMetrics?: readonly string[];
  /** Its scenarios were made from this, and its deliveries are kept in the books. */
  readonly fanOut?: FanOutPlan;
}

/** One fixed request, sent again and again without any user code: `plimsoll quick`. */
export interface QuickRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface GuardPlan {
  /** Hosts allowed beside loop-back: 'host', 'host:port' or '*.domain'. */
  readonly allow: readonly string[];
}

export interface RunPlan {
  /** Base URL, without a slash at the end; '' where every URL is absolute. */
  readonly target: string;
  readonly guard: GuardPlan;
  readonly seed: number;
  readonly workers: number;
  /** Whether a worker may spin for the last 1.5 ms before an arrival. */
  readonly spin: boolean;
  readonly debug: boolean;
  /** Where relative data paths start: the project's root. */
  readonly root: string;
  /** The bundle to import; '' for quick. */
  readonly bundlePath: string;
  readonly quick?: QuickRequest;
  /** From the configuration and the target; laid beneath each test's own. */
  readonly httpDefaults?: Partial<HttpPlan>;
  readonly tests: readonly TestPlan[];
}
