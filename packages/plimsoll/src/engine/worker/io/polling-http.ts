/**
 * The HTTP requests of one polling session: over the VU's connections and with its cookies. They are no requests of the
 * test, whose latency a poll of 25 s would spoil: what they carry is counted as the socket's bytes.
 */
import type { ResponseHead } from '../../../protocol/http1/response-head.ts';
import type { OpeningPhase } from '../../../protocol/net/dial.ts';
import { transportError, type TransportError } from '../../../protocol/net/error-kind.ts';
import type { Exchange } from '../http/exchange.ts';
import { Response } from '../http/response.ts';
import { OpeningExchange, type OpeningOwner } from './opening-exchange.ts';
import { PollingExchange } from './polling-exchange.ts';
import { maxMessageBytesOf, type Way } from '../sockets/web-socket-way.ts';

export type PollingAnswer =
  | { readonly ok: true; readonly text: string; readonly head: ResponseHead; readonly serviceMs: number }
  | { readonly ok: false; readonly error: TransportError; readonly head: ResponseHead | undefined };

export interface PollingRequest {
  /** Without it the request begins a session. */
  readonly sid?: string;
  /** With it the request is a POST. */
  readonly body?: string;
  /** Default: that of the test's requests. */
  readonly timeoutMs?: number;
}

export class PollingHttp {
  readonly #way: Way;
  /** The one that begins the session. */
  #opening: OpeningExchange | undefined;
  bytesIn = 0;
  bytesOut = 0;

  constructor(way: Way) {
    this.#way = way;
  }

  get phase(): OpeningPhase {
    return this.#opening?.phase ?? 'upgrade';
  }
  /** The end of the test: nothing more is to be sent. */
  get isOver(): boolean {
    return this.#way.context.quiet.life.over;
  }

  /** `answered` is called once, unless the test is cut. Errors: TestFileError, UsageError, TargetNotAllowedError. */
  send({ sid, body, timeoutMs }: PollingRequest, answered: (answer: PollingAnswer) => void): Exchange {
    const { context, request, address, options } = this.#way;
    const { quiet, quietBuilder, vu } = context;
    const { headers, bearer, basic } = options;
    const method = body === undefined ? 'GET' : 'POST';
    // The attempt's trace is that of the request which begins the session.
    const own = sid === undefined ? { ...headers, ...request.traceHeaders } : headers;
    const prepared = quietBuilder.build(
      method,
      address,
      {
        query: { ...options.query, transport: 'polling', sid },
        ...(options.path !== undefined && { path: options.path }),
        headers: body === undefined ? { ...own } : { 'content-type': 'text/plain;charset=UTF-8', ...own },
        ...(bearer !== undefined && { bearer }),
        ...(basic !== undefined && { basic }),
        ...(body !== undefined && { body }),
        ...(timeoutMs !== undefined && { timeout: timeoutMs }),
        name: request.name,
      },
      vu.cookies,
      vu.random,
    );
    const owner: OpeningOwner = {
      connections: vu.connections,
      cookies: vu.cookies,
      builder: quietBuilder,
      counts: this,
      maxMessageBytes: maxMessageBytesOf(options),
      exchangeEnded: (exchange) => {
        answered(answerOf(exchange));
      },
      dialled: (timings) => {
        request.pooled(timings);
      },
    };
    const exchange =
      sid === undefined
        ? (this.#opening = new OpeningExchange(quiet, owner, prepared))
        : new PollingExchange(quiet, owner, prepared);
    const now = quiet.clock.now();
    exchange.issue(now, now, now);
    return exchange;
  }
}

function answerOf(exchange: Exchange): PollingAnswer {
  const { head, doneMs, sentMs, errorMessage } = exchange;
  if (!exchange.ok || head === undefined) {
    // The kinds of exchanges are those of transports, and 'limited'.
    const kind = exchange.errorKind === 'limited' ? 'status' : (exchange.errorKind as TransportError['kind']);
    return { ok: false, error: transportError(kind, errorMessage), head };
  }
  if (exchange.dropped) {
    return { ok: false, error: transportError('too-large', 'the server sent more than is kept of one body'), head };
  }
  try {
    return { ok: true, text: new Response(exchange).text(), head, serviceMs: doneMs - sentMs };
  } catch (error) {
    return { ok: false, error: transportError('decode', (error as Error).message), head };
  }
}
