/** From what a test writes to what a WebSocket is opened with. */
import { TestFileError, UsageError } from '../../../kernel/errors.ts';
import type { SocketOptions } from '../../../model/socket.ts';
import type { ConnectionThread } from '../../../protocol/http1/connection.ts';
import { appendQuery, expandPath } from '../../../protocol/http1/path.ts';
import { resolveUrl, type TargetUrl } from '../../../protocol/http1/target-url.ts';
import { WebSocketConnection } from '../../../protocol/websocket/web-socket-connection.ts';
import type { WebSocketOptions, WebSocketUser } from '../../../protocol/websocket/web-socket.ts';
import type { DueSource } from '../http/vu-http.ts';
import type { Scheduler } from '../scheduler.ts';
import type { TestSettings } from '../test-settings.ts';

const defaultMaxMessageBytes = 16 * 1024 * 1024;
const defaultThresholdBytes = 1024;
export const closeTimeoutMs = 5000;

export interface SocketContext {
  readonly settings: TestSettings;
  /** For requests that are not the load. */
  readonly quiet: TestSettings;
  readonly thread: ConnectionThread;
  readonly scheduler: Scheduler;
  readonly vu: DueSource;
  readonly scenario: string;
}

/** Where a socket is to be opened, and how. */
export interface Way {
  readonly context: SocketContext;
  readonly path: string;
  readonly options: SocketOptions;
  /** Of its series. */
  readonly name: string;
  readonly timeoutMs: number;
}

/** Errors: UsageError, TestFileError. */
export function targetOf({ context, path, options }: Way): TargetUrl {
  return resolveUrl(context.settings.base, appendQuery(expandPath(asHttp(path), options.path), options.query));
}

/** Errors: UsageError, TestFileError, TargetNotAllowedError. */
export function openWebSocket(way: Way, user: WebSocketUser): WebSocketConnection {
  const { thread, vu } = way.context;
  return new WebSocketConnection(webSocketOptionsOf(way), thread, user, vu.random);
}

function webSocketOptionsOf(way: Way): WebSocketOptions {
  const { context, options, timeoutMs } = way;
  const { settings, vu } = context;
  const target = targetOf(way);
  const origin = settings.origins.of(target.origin);
  return {
    target: origin.nextTarget(),
    path: target.path,
    hostHeader: target.origin.hostHeader,
    headers: headersOf(target, options, settings),
    cookie: vu.cookies.isEmpty ? '' : vu.cookies.headerFor(target.origin, target.path),
    protocols: options.protocols ?? [],
    deflate: deflateOf(options),
    maxMessageBytes: options.maxMessageBytes ?? defaultMaxMessageBytes,
    // The list of time-outs ends the whole attempt.
    handshakeTimeoutMs: timeoutMs,
    closeTimeoutMs,
  };
}

/** Paths resolve against a target that is named by its HTTP address. Errors: UsageError. */
export function asHttp(path: string): string {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(path)?.[1]?.toLowerCase();
  if (scheme === undefined || scheme === 'http' || scheme === 'https') return path;
  if (scheme === 'ws' || scheme === 'wss') return path.replace(/^ws/i, 'http');
  throw new UsageError(`a WebSocket has no address that begins with '${scheme}://'`, {
    hint: "write a path, or 'ws://…' or 'wss://…'",
  });
}

/** The test's own headers and credentials go to the target's own origin only, as with requests. */
function headersOf(target: TargetUrl, options: SocketOptions, { base, http }: TestSettings): Record<string, string> {
  const isOwn = base === undefined || base.origin.href === target.origin.href;
  const headers: Record<string, string> = isOwn ? { ...http.headers } : {};
  const bearer = options.bearer ?? (isOwn && options.basic === undefined ? http.bearer : undefined);
  const basic = options.basic ?? target.basic ?? (isOwn ? http.basic : undefined);
  if (bearer !== undefined) headers['authorization'] = `Bearer ${bearer}`;
  else if (basic !== undefined) {
    headers['authorization'] = `Basic ${Buffer.from(`${basic.user}:${basic.password}`, 'utf8').toString('base64')}`;
  }
  return { ...headers, ...options.headers };
}

function deflateOf({ compress = false }: SocketOptions): WebSocketOptions['deflate'] {
  if (compress === false) return undefined;
  if (compress === true) return { thresholdBytes: defaultThresholdBytes };
  const { threshold = defaultThresholdBytes, serverNoContextTakeover = false } = compress;
  if (!(threshold >= 0)) {
    throw new TestFileError(`compress.threshold is ${threshold}`, { hint: 'give it in bytes, 0 for every message' });
  }
  return { thresholdBytes: threshold, serverNoContextTakeover };
}
