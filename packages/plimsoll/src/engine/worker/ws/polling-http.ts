/**
 * The HTTP requests of one polling session: over the VU's connections and with its cookies. They are no requests of the
 * test, whose latency a poll of 25 s would spoil: what they carry is counted as the socket's bytes.
 */
import type { ResponseHead } from '../../../protocol/http1/response-head.ts';
import type { OpeningPhase } from '../../../protocol/net/dial.ts';
import { transportError, type TransportError } from '../../../protocol/net/error-kind.ts';
import { Exchange } from '../http/exchange.ts';
import { RequestBuilder } from '../http/request-builder.ts';
import { Response } from '../http/response.ts';
import { SeriesRecord } from '../series-record.ts';
import { OpeningExchange, type OpeningOwner } from './opening-exchange.ts';
import type { Way } from './web-socket-way.ts';

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
  readonly #builder: RequestBuilder;
  /** Of this session, for its bytes alone; nobody takes its times. */
  readonly #series: SeriesRecord;
  /** The one that begins the session. */
  #opening: OpeningExchange | undefined;

  constructor(way: Way) {
    const { quiet, scenario } = way.context;
    this.#way = way;
    this.#builder = new RequestBuilder(quiet, scenario);
    this.#series = new SeriesRecord(way.request.name, 'request', scenario);
  }

  get phase(): OpeningPhase {
    return this.#opening?.phase ?? 'upgrade';
  }
  get bytesIn(): number {
    return this.#series.bytesIn;
  }
  get bytesOut(): number {
    return this.#series.bytesOut;
  }
  /** The end of the test: nothing more is to be sent. */
  get isOver(): boolean {
    return this.#way.context.quiet.life.over;
  }

  /** `answered` is called once, unless the test is cut. Errors: TestFileError, UsageError, TargetNotAllowedError. */
  send({ sid, body, timeoutMs }: PollingRequest, answered: (answer: PollingAnswer) => void): Exchange {
    const { context, request, address, options } = this.#way;
    const { quiet, vu } = context;
    const { headers, bearer, basic } = options;
    const method = body === undefined ? 'GET' : 'POST';
    const prepared = this.#builder.build(
      method,
      address,
      {
        query: { ...options.query, transport: 'polling', sid },
        ...(options.path !== undefined && { path: options.path }),
        headers: body === undefined ? { ...headers } : { 'content-type': 'text/plain;charset=UTF-8', ...headers },
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
      builder: this.#builder,
      exchangeEnded: (exchange) => {
        answered(answerOf(exchange));
      },
      dialled: (timings) => {
        request.pooled(timings);
      },
    };
    const own = { ...prepared, series: this.#series };
    const exchange =
      sid === undefined ? (this.#opening = new OpeningExchange(quiet, owner, own)) : new Exchange(quiet, owner, own);
    const now = quiet.clock.now();
    exchange.issue(now, now, 0, now);
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
  try {
    return { ok: true, text: new Response(exchange).text(), head, serviceMs: doneMs - sentMs };
  } catch (error) {
    return { ok: false, error: transportError('decode', (error as Error).message), head };
  }
}
