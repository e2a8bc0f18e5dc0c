/** The options a test file may give. One that nobody reads is a typing error, and better told than ignored. */
import { TestFileError } from '../kernel/errors.ts';
import { nearest } from '../kernel/nearest.ts';
import { shown } from '../kernel/shown.ts';
import type { AnyConnection, Backoff, FanOutOptions, FanOutRoles, Storm } from '../model/fan-out.ts';
import type { IoOptions, ReconnectOptions } from '../model/socket-io.ts';
import type { ConnectOptions, NextOptions, OpenOptions, SendOptions, SocketOptions } from '../model/socket.ts';
import type { SseOptions, StreamReconnectOptions } from '../model/sse.ts';
import type {
  CommonOptions,
  HttpDefaults,
  ScenarioOptions,
  ScenariosOptions,
  SingleOptions,
  ThresholdOptions,
} from '../model/suite.ts';

/** Every key of the type, checked by the compiler. */
type Keys<Options> = Readonly<Record<keyof Options, true>>;

const common: Keys<CommonOptions<unknown, unknown>> = {
  thresholds: true,
  warmUp: true,
  gracefulStop: true,
  connections: true,
  http: true,
  tags: true,
  setup: true,
  setupVu: true,
  teardown: true,
};
const single: Keys<SingleOptions<unknown, unknown>> = { ...common, load: true };
const several: Keys<ScenariosOptions<unknown, unknown>> = { ...common, scenarios: true };
const scenario: Keys<ScenarioOptions<unknown, unknown>> = { load: true, startAfter: true, run: true };
const http: Keys<HttpDefaults> = {
  headers: true,
  timeout: true,
  connectTimeout: true,
  bearer: true,
  basic: true,
  redirects: true,
  connectionsPerHost: true,
  maxBodyBytes: true,
  proxy: true,
  noProxy: true,
  socketPath: true,
  tls: true,
  decompress: true,
  trace: true,
};
const trace: Keys<Exclude<NonNullable<HttpDefaults['trace']>, boolean>> = { sampled: true };
const fanOut: Keys<FanOutOptions<unknown>> = {
  thresholds: true,
  gracefulStop: true,
  http: true,
  tags: true,
  setup: true,
  teardown: true,
  subscribers: true,
  publishers: true,
  rooms: true,
  joins: true,
  rate: true,
  duration: true,
  spacing: true,
  sentinels: true,
  connectOver: true,
  settle: true,
  guard: true,
  drain: true,
  reconnect: true,
  storm: true,
};
const roles: Keys<FanOutRoles<unknown, AnyConnection>> = {
  connect: true,
  join: true,
  joinAll: true,
  receive: true,
  publish: true,
  connectPublisher: true,
};
const storm: Keys<Storm> = { at: true, cut: true, how: true };
const backOff: Keys<Backoff> = { delay: true, factor: true, maxDelay: true, jitter: true };
const threshold: Keys<ThresholdOptions> = { window: true, abort: true, abortAfter: true };
const open: Keys<OpenOptions> = { query: true, headers: true, bearer: true, basic: true, timeout: true, name: true };
const connect: Keys<ConnectOptions> = { ...open, compress: true, maxMessageBytes: true };
const ws: Keys<SocketOptions> = { ...connect, path: true, protocols: true };
const io: Keys<IoOptions & { readonly path?: string }> = {
  ...connect,
  path: true,
  namespace: true,
  auth: true,
  reconnect: true,
  transports: true,
};
const sse: Keys<SseOptions> = {
  ...open,
  path: true,
  lastEventId: true,
  reconnect: true,
  maxEventBytes: true,
  latencyFrom: true,
};
const compress: Keys<Exclude<NonNullable<ConnectOptions['compress']>, boolean>> = {
  threshold: true,
  serverNoContextTakeover: true,
};
const wait: Keys<NextOptions> = { timeout: true };
const send: Keys<SendOptions> = { fragmentBytes: true, pingsBetween: true };
const basic: Keys<NonNullable<HttpDefaults['basic']>> = { user: true, password: true };
const tls: Keys<NonNullable<HttpDefaults['tls']>> = {
  ca: true,
  cert: true,
  key: true,
  passphrase: true,
  serverName: true,
  insecure: true,
};
const ioReconnect: Keys<ReconnectOptions> = { delay: true, maxDelay: true, factor: true, jitter: true, attempts: true };
const sseReconnect: Keys<StreamReconnectOptions> = { delay: true, maxDelay: true };
const known = {
  single,
  several,
  scenario,
  http,
  trace,
  fanOut,
  roles,
  storm,
  backOff,
  threshold,
  ws,
  io,
  sse,
  compress,
  wait,
  send,
  basic,
  tls,
  ioReconnect,
  sseReconnect,
} as const;
export type KnownOptions = keyof typeof known;

/**
 * @param of 'test 'browse'': what the options were given to
 * @param noun what one of them is
 * @throws TestFileError
 */
export function assertKnownOptions(of: string, kind: KnownOptions, options: unknown, noun = 'option'): void {
  if (typeof options !== 'object' || options === null) {
    throw new TestFileError(`the ${noun}s of ${of} are ${shown(options)}, expected { … }`);
  }
  // Hot path: once for each connection that is opened, and each wait with options. The names are listed for the one that is wrong.
  for (const name in options) {
    if (!Object.hasOwn(options, name) || Object.hasOwn(known[kind], name)) continue;
    const names = Object.keys(known[kind]);
    const meant = nearest(name, names);
    throw new TestFileError(`${of} has no ${noun} '${name}'`, {
      hint: meant === undefined ? `there are ${names.join(', ')}` : `did you mean '${meant}'?`,
    });
  }
}

/** Where `true` asks for something in its ordinary form, and options for another one. Errors: TestFileError. */
export function assertSwitch(of: string, kind: KnownOptions, given: unknown): void {
  if (given === undefined || typeof given === 'boolean') return;
  if (typeof given === 'object' && given !== null) {
    assertKnownOptions(of, kind, given);
    return;
  }
  throw new TestFileError(`${of} is ${shown(given)}, expected true, false or { … }`);
}
