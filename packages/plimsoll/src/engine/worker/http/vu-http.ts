/** `http` as a test function sees it. */
import { systemClock, type Clock } from '../../../kernel/clock.ts';
import type { Http, HttpResponse, RequestOptions } from '../../../model/suite.ts';
import type { TestSettings } from '../test-settings.ts';
import type { CookieHolder } from './cookie-holder.ts';
import { Exchange, type ExchangeOwner } from './exchange.ts';
import type { RequestBuilder } from './request-builder.ts';
import { Response } from './response.ts';
import type { VuConnections } from './vu-connections.ts';

/** Where the due time of the next request comes from: the schedule, the end of a sleep, or now. */
export interface DueSource {
  readonly id: number;
  readonly connections: VuConnections;
  readonly cookies: CookieHolder;
  readonly random: () => number;
  /** 0: the next request is due when it is asked for. */
  pendingDueMs: number;
  pendingIssuedMs: number;
  /** How late a sleep has ended, until that is recorded: what it made due may begin later still. Below 0: nothing to record. */
  sleepLagMs: number;
  requestMade(): void;
  requestEnded(): void;
  /** Latency runs from the due time (arrival-rate models), not from when the tool got to it. */
  readonly isOpenModel: boolean;
}

export class VuHttp implements Http {
  readonly #settings: TestSettings;
  readonly #vu: DueSource;
  readonly #builder: RequestBuilder;

  constructor(settings: TestSettings, vu: DueSource, builder: RequestBuilder) {
    this.#settings = settings;
    this.#vu = vu;
    this.#builder = builder;
  }

  get(path: string, options?: RequestOptions): Promise<HttpResponse> {
    return this.request('GET', path, options);
  }
  head(path: string, options?: RequestOptions): Promise<HttpResponse> {
    return this.request('HEAD', path, options);
  }
  post(path: string, options?: RequestOptions): Promise<HttpResponse> {
    return this.request('POST', path, options);
  }
  put(path: string, options?: RequestOptions): Promise<HttpResponse> {
    return this.request('PUT', path, options);
  }
  patch(path: string, options?: RequestOptions): Promise<HttpResponse> {
    return this.request('PATCH', path, options);
  }
  delete(path: string, options?: RequestOptions): Promise<HttpResponse> {
    return this.request('DELETE', path, options);
  }
  options(path: string, options?: RequestOptions): Promise<HttpResponse> {
    return this.request('OPTIONS', path, options);
  }

  request(method: string, path: string, options?: RequestOptions): Promise<HttpResponse> {
    return new Promise((resolve) => {
      const vu = this.#vu;
      const settings = this.#settings;
      // An iteration that was cut may live on; it must not load the target during the next test.
      if (settings.life.over) return;
      // A throw in here, a mistake in the test's own words, becomes the promise's.
      const prepared = this.#builder.build(method, path, options, vu.cookies, vu.random);
      const owner = new ScriptedOwner(settings, vu, this.#builder, resolve);
      const exchange = new Exchange(settings, owner, prepared);
      const now = settings.clock.now();
      vu.requestMade();
      const dueMs = vu.pendingDueMs;
      if (dueMs === 0) {
        exchange.issue(now, now, now);
      } else {
        // An arrival that had to queue for a VU was issued when the pacer got to it; the rest is wait.
        const afterSleep = vu.pendingIssuedMs === 0;
        const issuedMs = afterSleep ? now : vu.pendingIssuedMs;
        if (afterSleep) {
          vu.sleepLagMs = -1;
          settings.recorder.lag.record((now - dueMs) * 1000);
        }
        vu.pendingDueMs = 0;
        vu.pendingIssuedMs = 0;
        if (vu.isOpenModel) exchange.issue(dueMs, issuedMs, now);
        else exchange.issue(now, now, now);
      }
      if (options?.signal) watch(options.signal, exchange, owner, settings.clock);
    });
  }

  get cookies(): Http['cookies'] {
    const { cookies } = this.#vu;
    const { base } = this.#settings;
    return {
      get: (url, name) => cookies.get(base, url, name),
      set: (url, name, value) => {
        cookies.set(base, url, name, value);
      },
      clear: () => {
        cookies.clear();
      },
    };
  }
}

class ScriptedOwner implements ExchangeOwner {
  readonly #settings: TestSettings;
  readonly #vu: DueSource;
  readonly builder: RequestBuilder;
  readonly #resolve: (response: HttpResponse) => void;
  unwatch: (() => void) | undefined = undefined;

  constructor(settings: TestSettings, vu: DueSource, builder: RequestBuilder, resolve: (r: HttpResponse) => void) {
    this.#settings = settings;
    this.#vu = vu;
    this.builder = builder;
    this.#resolve = resolve;
  }

  get connections(): VuConnections {
    return this.#vu.connections;
  }
  get cookies(): CookieHolder {
    return this.#vu.cookies;
  }

  exchangeEnded(exchange: Exchange): void {
    this.unwatch?.();
    const response = new Response(exchange);
    if (this.#settings.debug) this.#settings.log('debug', shown(exchange, response), this.#vu.id);
    this.#resolve(response);
    this.#vu.requestEnded();
  }
}

/** Given up with the next turn: an iteration that ends in the turn it began in would leave no turn to anybody else. */
function watch(signal: AbortSignal, exchange: Exchange, owner: ScriptedOwner, clock: Clock): void {
  const abort = (): void => {
    clock.soon(() => {
      exchange.abort();
    });
  };
  if (signal.aborted) {
    abort();
  } else {
    signal.addEventListener('abort', abort);
    owner.unwatch = () => {
      signal.removeEventListener('abort', abort);
    };
  }
}

/** For `--debug`: the request and the answer as they went over the wire, secrets masked. */
function shown(exchange: Exchange, response: Response): string {
  const { request } = exchange;
  const sent = typeof request.bytes === 'string' ? request.bytes : Buffer.from(request.bytes).toString('utf8');
  const head = exchange.head;
  const received =
    head === undefined ? `${exchange.errorKind}: ${exchange.errorMessage}` : bodyText(response, head.bytes);
  const took = response.timings.latencyMs.toFixed(2);
  return `${new Date(systemClock.wallMs()).toISOString()} ${took} ms\n${indent('> ', sent)}\n${indent('< ', received)}`;
}

function bodyText(response: Response, head: Uint8Array): string {
  let body: string;
  try {
    body = response.text();
  } catch (error) {
    body = `(${error instanceof Error ? error.message : String(error)})`;
  }
  const most = 2000;
  const cut = body.length > most ? `${body.slice(0, most)}… (${body.length} characters)` : body;
  return Buffer.from(head).toString('latin1') + cut;
}

function indent(prefix: string, text: string): string {
  const masked = text.replace(/^((?:proxy-)?authorization|cookie|set-cookie): .*$/gim, '$1: …');
  return masked
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => prefix + line)
    .join('\n');
}
