/** From an attempt to what a WebSocket is opened with. */
import { TestFileError, UsageError } from '../../../kernel/errors.ts';
import type { SocketOptions } from '../../../model/socket.ts';
import { appendQuery, type QueryValues } from '../../../protocol/http1/path.ts';
import { WebSocketConnection } from '../../../protocol/websocket/web-socket-connection.ts';
import type { WebSocketOptions, WebSocketUser } from '../../../protocol/websocket/web-socket.ts';
import type { OpeningRequest, SocketContext } from './opening-request.ts';

const defaultMaxMessageBytes = 16 * 1024 * 1024;
const defaultThresholdBytes = 1024;
export const closeTimeoutMs = 5000;

/** Where a socket is to be opened, and how. */
export interface Way {
  readonly context: SocketContext;
  /** The attempt that asks for it. */
  readonly request: OpeningRequest;
  /** As the test wrote it, in HTTP's scheme. */
  readonly address: string;
  readonly options: SocketOptions;
}

/**
 * Errors: TestFileError, TargetNotAllowedError.
 *
 * @param query beyond that of the attempt
 */
export function openWebSocket(way: Way, user: WebSocketUser, query?: QueryValues): WebSocketConnection {
  const { thread, vu } = way.context;
  return new WebSocketConnection(webSocketOptionsOf(way, query), thread, user, vu.random);
}

function webSocketOptionsOf({ request, options }: Way, query: QueryValues | undefined): WebSocketOptions {
  const { target, origin, cookie } = request;
  return {
    target: origin.nextTarget(),
    path: appendQuery(target.path, query),
    hostHeader: target.origin.hostHeader,
    headers: request.headers(options),
    cookie,
    // Of the moment: the test may write others into its list before the answer comes.
    protocols: [...(options.protocols ?? [])],
    deflate: deflateOf(options),
    maxMessageBytes: maxMessageBytesOf(options),
    closeTimeoutMs,
  };
}

export function maxMessageBytesOf({ maxMessageBytes = defaultMaxMessageBytes }: SocketOptions): number {
  return maxMessageBytes;
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

function deflateOf({ compress = false }: SocketOptions): WebSocketOptions['deflate'] {
  if (compress === false) return undefined;
  if (compress === true) return { thresholdBytes: defaultThresholdBytes };
  const { threshold = defaultThresholdBytes, serverNoContextTakeover = false } = compress;
  if (!(threshold >= 0)) {
    throw new TestFileError(`compress.threshold is ${threshold}`, { hint: 'give it in bytes, 0 for every message' });
  }
  return { thresholdBytes: threshold, serverNoContextTakeover };
}
